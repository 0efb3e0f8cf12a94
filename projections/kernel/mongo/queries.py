"""Conditions and places as MongoDB's queries. Client values only ever stand behind an operator of ours."""

from decimal import Decimal, InvalidOperation
from typing import Any

from bson.decimal128 import Decimal128

from projections.kernel.conditions import Condition, Operator, Value
from projections.kernel.documents import DESC, OrderBy, field_type
from projections.kernel.errors import BadPlace
from projections.kernel.projection import AnyProjection
from projections.kernel.reading import SortKey

Query = dict[str, Any]
_LAST = "\U0010ffff"
_SURROGATES = range(0xD800, 0xE000)


def matches(conditions: tuple[Condition, ...]) -> Query:
    """The query for conditions that must all hold. Raises `ValueError` for tests that cannot stand together."""
    parts = [
        _of_an_element(condition) if condition.many else {condition.path: _tests(condition)} for condition in conditions
    ]
    if not parts:
        return {}
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _of_an_element(condition: Condition) -> Query:
    # Which step is the list is not said. Of a step that is none, no element meets anything.
    names, tests = condition.path.split("."), _tests(condition)
    anywhere: list[Query] = [{condition.path: {"$elemMatch": tests}}]
    for count in range(1, len(names)):
        inside = {".".join(names[count:]): tests}
        anywhere.append({".".join(names[:count]): {"$elemMatch": inside}})
    return anywhere[0] if len(anywhere) == 1 else {"$or": anywhere}


def _tests(condition: Condition) -> Query:
    merged: Query = {}
    for operator, wanted in condition.tests:
        made = _test(operator, wanted)
        if merged.keys() & made.keys():
            raise ValueError(f"{operator} cannot stand beside the other tests at {condition.path}")
        merged |= made
    return merged


def _test(operator: Operator, wanted: Value) -> Query:
    match operator:
        case "startsWith":
            past = _past(str(wanted))
            return {"$gte": wanted} if past is None else {"$gte": wanted, "$lt": past}
        case "in":
            return {"$in": list(wanted) if isinstance(wanted, tuple) else [wanted]}
        case _:
            return {f"${operator}": wanted}


def _past(prefix: str) -> str | None:
    """The first text past all that begin with `prefix`, in the order of characters; None when no text is past them."""
    stem = prefix.rstrip(_LAST)
    if not stem:
        return None
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(_SURROGATES.stop if following in _SURROGATES else following)


def between(projection: AnyProjection, order: OrderBy, after: SortKey | None, before: SortKey | None) -> list[Query]:
    """The queries for documents strictly past a place and before another, in an order. Raises `BadPlace`."""
    ascending = order.direction != DESC
    return [
        _beyond(projection, order, place, greater=is_after == ascending)
        for place, is_after in ((after, True), (before, False))
        if place is not None
    ]


def _beyond(projection: AnyProjection, order: OrderBy, place: SortKey, *, greater: bool) -> Query:
    # The alternatives let MongoDB go to the place itself, past however many documents have the same value; what stands
    # before them bounds the scan when it takes another way.
    path = projection.shape.sort_path(order)
    value, key = _sort_value(projection, order, place[0]), place[1]
    strict = "$gt" if greater else "$lt"
    return {f"{path}": {f"{strict}e": value}, "$or": [{path: {strict: value}}, {path: value, "_id": {strict: key}}]}


def _sort_value(projection: AnyProjection, order: OrderBy, text: str) -> Any:
    base = field_type(projection.document, order.path).base
    try:
        if base is int:
            return int(text)
        return Decimal128(Decimal(text)) if base is Decimal else text
    except (ValueError, InvalidOperation) as error:
        raise BadPlace("the cursor was not made here") from error
