"""Conditions on documents: what a page's filter or an event's fan-out asks of the field at a path.

One definition for both sides: the document store makes MongoDB's query of it, and `holds` evaluates it in the process.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never

Operator = Literal["eq", "in", "gt", "gte", "lt", "lte", "startsWith"]
Scalar = str | int | bool
Value = Scalar | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """All of `tests` hold for the value at `path` (in stored names); for a list, all of them for one element.

    `many` says that the value is a list.
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
    found = list(_values(document, condition.path.split(".")))
    return any(all(_test(op, value, wanted) for op, wanted in condition.tests) for value in found)


def _values(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for element in value:
            yield from _values(element, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _test(operator: Operator, value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    match operator:
        case "eq":
            return bool(value == wanted)
        case "in":
            return value in wanted
        case "gt":
            return bool(value > wanted)
        case "gte":
            return bool(value >= wanted)
        case "lt":
            return bool(value < wanted)
        case "lte":
            return bool(value <= wanted)
        case "startsWith":
            return isinstance(value, str) and value.startswith(wanted)
        case _:
            assert_never(operator)
