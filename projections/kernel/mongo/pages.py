"""Pages as commands: one each, the total included."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import getitem
from typing import Any

from bson.decimal128 import Decimal128

from projections.kernel.conditions import Condition, Operator, Value
from projections.kernel.documents import DESC, field_type
from projections.kernel.errors import BadPlace
from projections.kernel.mongo.commands import Command, aggregate, find
from projections.kernel.mongo.projecting import projected
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import PageRequest, SortKey
from projections.kernel.shapes import Stored

Query = dict[str, Any]
TOTAL = "_total"
_LAST = "\U0010ffff"


def page_command(projection: AnyProjection, collection: str, request: PageRequest) -> Command:
    """The command that answers `request`: the documents, one more than asked for if there is one, then the total.

    Raises `BadPlace` for a cursor that was not made here.
    """
    matching = matches(request.conditions)
    if request.search:
        matching["$text"] = {"$search": " ".join(f'"{word}"' for word in request.search)}
    path = projection.shape.sort_path(request.order)
    direction = -request.order.direction if request.backward else request.order.direction
    limits = [
        _beyond(path, place, after=is_after == (request.order.direction != DESC), projection=projection, request=request)
        for place, is_after in ((request.after, True), (request.before, False))
        if place is not None
    ]
    query = {"$and": [matching, *limits]} if limits else matching
    sort = {path: direction, "_id": direction}
    most = request.size + request.with_more
    fields = projected(projection, request.fields, request.order if request.with_places else None)
    if not request.with_total:
        return find(collection, query, fields, most, sort)
    stages: list[Query] = [{"$match": query}, {"$sort": sort}, {"$limit": most}]
    if fields:
        stages.append({"$project": fields})
    # All of them are counted in the index of ids, which is a small part of what the documents take.
    counting = [{"$match": matching or {"_id": {"$gte": ""}}}, {"$count": TOTAL}]
    return aggregate(collection, [*stages, {"$unionWith": {"coll": collection, "pipeline": counting}}], most + 1)


def places_of(projection: AnyProjection, request: PageRequest, found: Sequence[Stored]) -> list[SortKey]:
    """Where each document stands in the order asked for."""
    names = projection.shape.sort_path(request.order).split(".")
    return [(str(reduce(getitem, names, stored)), Key(stored["_id"])) for stored in found]


def matches(conditions: tuple[Condition, ...]) -> Query:
    """MongoDB's query for conditions that must all hold. Client values only ever stand behind an operator of ours."""
    parts = [{condition.path: {"$elemMatch": _tests(condition)}} for condition in conditions if condition.many]
    parts += [{condition.path: _tests(condition)} for condition in conditions if not condition.many]
    if not parts:
        return {}
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _tests(condition: Condition) -> Query:
    merged: Query = {}
    for operator, wanted in condition.tests:
        merged |= _test(operator, wanted)
    return merged


def _test(operator: Operator, wanted: Value) -> Query:
    match operator:
        case "startsWith":
            return {"$gte": wanted, "$lt": f"{wanted}{_LAST}"}
        case "in":
            return {"$in": list(wanted) if isinstance(wanted, tuple) else [wanted]}
        case _:
            return {f"${operator}": wanted}


def _beyond(path: str, place: SortKey, *, after: bool, projection: AnyProjection, request: PageRequest) -> Query:
    """Documents strictly past a place, in ascending order if `after`, else before it.

    The alternatives let MongoDB go to the place itself, past however many documents have the same value; what stands before
    them bounds the scan when it takes another way.
    """
    value, key = _sort_value(projection, request, place[0]), place[1]
    strict = "$gt" if after else "$lt"
    return {f"{path}": {f"{strict}e": value}, "$or": [{path: {strict: value}}, {path: value, "_id": {strict: key}}]}


def _sort_value(projection: AnyProjection, request: PageRequest, text: str) -> Any:
    base = field_type(projection.document, request.order.path).base
    try:
        if base is int:
            return int(text)
        return Decimal128(Decimal(text)) if base is Decimal else text
    except (ValueError, InvalidOperation) as error:
        raise BadPlace("the cursor was not made here") from error
