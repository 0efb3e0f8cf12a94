"""Conditions on documents: what a page's filter or an event's fan-out asks of the field at a path.

One definition for both sides: the document store makes MongoDB's query of it, and `holds` evaluates it in the process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, assert_never

Operator = Literal["eq", "in", "gt", "gte", "lt", "lte", "startsWith"]
Scalar = str | int | bool
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """All of `tests` hold for the value at `path` (in stored names); for a list, all of them for one element.

    `many` says that one step of the path is a list. Each operator comes once, and `startsWith` without `gte` and `lt`,
    which it is made of. Values of different types are neither equal nor in any order; nothing holds for what is null or
    absent.
    """

    path: str
    tests: tuple[tuple[Operator, Value], ...]
    many: bool = False

    @classmethod
    def equal(cls, path: str, value: Scalar) -> "Condition":
        """The value at `path` is `value`."""
        return cls(path, (("eq", value),))


def holds(condition: Condition, document: Mapping[str, Any]) -> bool:
    """Whether a stored document meets the condition."""
    return holds_for(condition, values_at(condition.path, document))


def holds_for(condition: Condition, values: Iterable[Any]) -> bool:
    """Whether a document that has these values at the condition's path meets it."""
    return any(all(_test(op, value, wanted) for op, wanted in condition.tests) for value in values)


def values_at(path: str, document: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a stored document has at a path: one value, those of all elements where a step is a list, or nothing."""
    return tuple(_values(document, path.split(".")))


def _values(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _values(element, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _test(operator: Operator, value: Any, wanted: Any) -> bool:
    match operator:
        case "in":
            return any(_alike(value, one) and value == one for one in wanted)
        case "startsWith":
            return isinstance(value, str) and value.startswith(wanted)
    if not _alike(value, wanted):
        return False
    match operator:
        case "eq":
            return bool(value == wanted)
        case "gt":
            return bool(value > wanted)
        case "gte":
            return bool(value >= wanted)
        case "lt":
            return bool(value < wanted)
        case "lte":
            return bool(value <= wanted)
        case _:
            assert_never(operator)


def _alike(value: Any, wanted: Scalar) -> bool:
    """Whether two values are of types that MongoDB compares. Python would have a truth equal a number."""
    if isinstance(wanted, str):
        return isinstance(value, str)
    if isinstance(wanted, bool):
        return isinstance(value, bool)
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
