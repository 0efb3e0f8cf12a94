"""Filters: their input types from what a document class declares, and the conditions that a client's values make."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Optional

import strawberry

from projections.kernel.conditions import Condition, Operator
from projections.kernel.documents import FieldType, Filter, field_type
from projections.kernel.projection import AnyProjection
from projections.kernel.shapes import datetime_text
from schema.errors import BadUserInput
from schema.objects import Objects, list_of
from write_side.kernel.ids import Id, MalformedId
from write_side.terms.ids import folded

MOST_VALUES = 1_000
"""The most values that `in` may list."""

_OPERATORS: dict[Any, tuple[str, Any, tuple[Operator, ...]]] = {
    str: ("StringFilter", str, ("eq", "in", "startsWith")),
    int: ("IntFilter", int, ("eq", "gt", "gte", "lt", "lte")),
    datetime: ("DateTimeFilter", datetime, ("gte", "lt")),
    date: ("DateFilter", date, ("eq", "gte", "lte")),
}


class Filters:
    """The filter input types of a schema, each made once."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._made: dict[str, Any] = {}

    def of(self, projection: AnyProjection) -> Any | None:
        """The filter type of a read model; None when it declares no filters."""
        if not projection.spec.filters:
            return None
        members = {
            declared.public_name: self._of_field(field_type(projection.document, declared.path))
            for declared in projection.spec.filters
        }
        description = "Every condition given must hold."
        return self._input(f"{projection.spec.name}Filter", members, description)

    def _of_field(self, found: FieldType) -> Any:
        operators: tuple[Operator, ...]
        if found.is_enum:
            name, base, operators = f"{found.base.__name__}Filter", self._objects.enum(found.base), ("eq", "in")
        elif found.is_id:
            name, base, operators = "IDFilter", strawberry.ID, ("eq", "in")
        else:
            name, base, operators = _OPERATORS[found.base]
        return self._input(name, {op: list_of(base) if op == "in" else base for op in operators}, None)

    def _input(self, name: str, members: Mapping[str, Any], description: str | None) -> Any:
        if name not in self._made:
            # `in` cannot be the name of a Python attribute; clients see the public one.
            attributes = {f"{member}_": member for member in members}
            namespace: dict[str, Any] = {
                "__annotations__": {a: Optional[members[public]] for a, public in attributes.items()},  # noqa: UP045
                **{a: strawberry.field(name=public, default=strawberry.UNSET) for a, public in attributes.items()},
            }
            self._made[name] = strawberry.input(type(name, (), namespace), name=name, description=description)
        return self._made[name]


def conditions(projection: AnyProjection, given: Mapping[str, Any] | None) -> tuple[Condition, ...]:
    """The conditions of a client's filter. Raises `BadUserInput` for one that is null, or an id that is none."""
    if given is None:
        return ()
    declared = {one.public_name: one for one in projection.spec.filters}
    return tuple(_condition(projection, declared[name], name, tests) for name, tests in given.items())


def _condition(projection: AnyProjection, declared: Filter, name: str, tests: Mapping[str, Any] | None) -> Condition:
    where = f"filter.{name}"
    if tests is None:
        raise BadUserInput(where, "a condition may not be null; leave it out")
    found = field_type(projection.document, declared.path)
    made: list[tuple[Operator, Any]] = []
    for operator, value in tests.items():
        if value is None:
            raise BadUserInput(f"{where}.{operator}", "a condition may not be null; leave it out")
        made.append((operator, _value(found, declared, f"{where}.{operator}", value)))  # type: ignore[arg-type]
    return Condition(projection.shape.compare_path(declared.path), tuple(made), many=found.many)


def _value(found: FieldType, declared: Filter, where: str, value: Any) -> Any:
    if isinstance(value, list):
        if len(value) > MOST_VALUES:
            raise BadUserInput(where, f"at most {MOST_VALUES} values")
        return tuple(_value(found, declared, where, one) for one in value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return datetime_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if found.is_id:
        return checked_id(found.base, value, where)
    return folded(value) if declared.folded else value


def checked_id(id_type: type[Id], text: str, argument: str) -> Id:
    """The id that a client's text spells. Raises `BadUserInput`."""
    try:
        return id_type.parse(text)
    except MalformedId as error:
        raise BadUserInput(argument, str(error)) from None
