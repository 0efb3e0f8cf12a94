"""Filters: their input types, from what document classes declare, and the conditions that clients make with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

import strawberry

from projections.kernel.conditions import Condition, Operator, Scalar
from projections.kernel.documents import FieldType, Filter, field_type
from projections.kernel.projection import AnyProjection
from projections.kernel.texts import datetime_text
from schema.errors import BadUserInput
from schema.objects import ObjectTypes
from schema.types import GraphQLType, list_of, new_type, nullable, plain
from write_side.kernel.folding import folded
from write_side.kernel.ids import MalformedId

LONGEST_LIST = 1_000
"""Values of one `in`."""

LONGEST_TEXT = 1_000
"""Characters of a text that is compared with: who watches by it keeps it."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """The filter on one type of field: its input type's name, what a value is, and the operators."""

    name: str
    value: GraphQLType
    operators: tuple[Operator, ...]


_BY_TYPE = {
    str: _Kind("StringFilter", str, ("eq", "in", "startsWith")),
    int: _Kind("IntFilter", int, ("eq", "gt", "gte", "lt", "lte")),
    bool: _Kind("BooleanFilter", bool, ("eq",)),
    datetime: _Kind("DateTimeFilter", datetime, ("gte", "lt")),
    date: _Kind("DateFilter", date, ("eq", "gte", "lte")),
}
_ID = _Kind("IDFilter", strawberry.ID, ("eq", "in"))


class FilterTypes:
    """The filters' input types. Those of one type of field are shared by all documents."""

    def __init__(self, objects: ObjectTypes) -> None:
        self._objects = objects
        self._kinds: dict[str, GraphQLType] = {}
        self._made: dict[str, GraphQLType] = {}

    def of(self, projection: AnyProjection) -> GraphQLType | None:
        """The input type of a document's filters; None when it has none. Raises `TypeError` for a field that cannot."""
        spec = projection.spec
        if not spec.filters:
            return None
        if spec.name not in self._made:
            self._made[spec.name] = new_type(
                f"{spec.name}Filter",
                [self._field(projection, declared) for declared in spec.filters],
                "Every condition given must hold.",
                kind="input",
            )
        return self._made[spec.name]

    def _field(self, projection: AnyProjection, declared: Filter) -> Any:
        found = field_type(projection.document, declared.path)
        said = []
        if found.many:
            said.append("One element must satisfy all of it.")
        if declared.folded:
            said.append("Compares without regard to case.")
        return plain(declared.public_name, nullable(self._condition(found)), " ".join(said) or None)

    def _condition(self, found: FieldType) -> GraphQLType:
        kind = self._kind(found)
        if kind.name not in self._kinds:
            fields = [
                plain(operator, nullable(list_of(kind.value) if operator == "in" else kind.value))
                for operator in kind.operators
            ]
            self._kinds[kind.name] = new_type(
                kind.name, fields, "Everything given must hold; a condition may not be null.", kind="input"
            )
        return self._kinds[kind.name]

    def _kind(self, found: FieldType) -> _Kind:
        if found.is_id:
            return _ID
        if found.is_enum:
            return _Kind(f"{found.base.__name__}Filter", self._objects.enum(found.base), ("eq", "in"))
        if found.base not in _BY_TYPE:
            raise TypeError(f"a field of {found.base} cannot be filtered")
        return _BY_TYPE[found.base]


def conditions(projection: AnyProjection, given: Mapping[str, Any], argument: str = "filter") -> tuple[Condition, ...]:
    """What a client's filter asks of documents. Raises `BadUserInput` with the path of what is wrong."""
    made = []
    for name, declared, found, compared in _offered(projection) if given else ():
        if name not in given:
            continue
        path = f"{argument}.{name}"
        tests = _not_null(path, given[name])
        values = tuple(
            (operator, _wanted(declared, found, f"{path}.{operator}", value)) for operator, value in tests.items()
        )
        if values:
            made.append(Condition(compared, values, many=found.many))
    return tuple(made)


@cache
def _offered(projection: AnyProjection) -> Sequence[tuple[str, Filter, FieldType, str]]:
    """The filters by their public names, with the type of the field, and where a stored document has what is compared."""
    return [
        (one.public_name, one, field_type(projection.document, one.path), projection.shape.compare_path(one.path))
        for one in projection.spec.filters
    ]


def _wanted(declared: Filter, found: FieldType, path: str, value: Any) -> Any:
    value = _not_null(path, value)
    if not isinstance(value, list):
        return _comparable(declared, found, path, value)
    if len(value) > LONGEST_LIST:
        raise BadUserInput(path, f"may have at most {LONGEST_LIST} values")
    return tuple(_comparable(declared, found, f"{path}.{index}", item) for index, item in enumerate(value))


def _comparable(declared: Filter, found: FieldType, path: str, value: Any) -> Scalar:
    """A client's value as it is stored, or, where texts are folded, as they are kept for comparing."""
    if found.is_id:
        try:
            return str(found.base.parse(value))
        except MalformedId as error:
            raise BadUserInput(path, str(error)) from None
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise BadUserInput(path, f"may have at most {LONGEST_TEXT} characters")
        return folded(value) if declared.folded else value
    assert isinstance(value, int)
    return value


def _not_null(path: str, value: Any) -> Any:
    if value is None:
        raise BadUserInput(path, "may not be null: leave it out instead")
    return value
