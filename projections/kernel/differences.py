"""Differences between a stored document and the one that should be there. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from projections.kernel.projection import Key
from projections.kernel.shapes import Stored


class Absent(Enum):
    """The one value of what is not there: a document's fields may well be null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Kind(Enum):
    """How a stored document is not what it should be."""

    MISSING = "MISSING"
    """It should be there."""
    EXTRA = "EXTRA"
    """It should not."""
    DIFFERENT = "DIFFERENT"
    """Some of its fields are not what they should be."""


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field by its path in stored names (a place in a list is a number); `ABSENT` for what is not there."""

    path: str
    stored: object
    expected: object


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that is not what it should be; `fields` where both are there."""

    key: Key
    kind: Kind
    fields: tuple[FieldDifference, ...] = ()


def difference(key: Key, stored: Stored | None, expected: Stored | None) -> Difference | None:
    """How a document differs from what is expected; None where it does not."""
    if stored == expected:
        return None
    if stored is None:
        return Difference(key, Kind.MISSING)
    if expected is None:
        return Difference(key, Kind.EXTRA)
    return Difference(key, Kind.DIFFERENT, tuple(_fields("", stored, expected)))


def value_at(path: str, document: Any) -> object:
    """What a stored document has at the path of a difference; `ABSENT` where it has nothing."""
    value = document
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step, ABSENT)
        elif isinstance(value, list) and int(step) < len(value):
            value = value[int(step)]
        else:
            return ABSENT
    return value


def _fields(path: str, stored: Any, expected: Any) -> Iterable[FieldDifference]:
    if stored == expected:
        return
    if isinstance(stored, Mapping) and isinstance(expected, Mapping):
        for name in dict.fromkeys([*expected, *stored]):
            yield from _fields(_below(path, name), stored.get(name, ABSENT), expected.get(name, ABSENT))
    elif isinstance(stored, list) and isinstance(expected, list):
        for place in range(max(len(stored), len(expected))):
            one, other = (each[place] if place < len(each) else ABSENT for each in (stored, expected))
            yield from _fields(_below(path, str(place)), one, other)
    else:
        yield FieldDifference(path, stored, expected)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
