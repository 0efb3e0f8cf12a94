"""Converters: functions between a class of documents, or of their parts, and what is stored, generated once per class.

A projector spends most of its time here. Code that names each field takes half the time of a loop over them. Nothing
but the names and types of declared fields gets into that code.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic.alias_generators import to_camel

from projections.kernel.documents import FieldType, field_types, remembered
from projections.kernel.texts import datetime_text, decimal_text

Encoder = Callable[[Any], dict[str, Any]]
Decoder = Callable[[Any], Any]

_TEXTS: dict[Any, Callable[[Any], str]] = {datetime: datetime_text, date: date.isoformat, Decimal: decimal_text}
_PARSED: dict[Any, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
}


@remembered
def encoder(cls: type[Any]) -> Encoder:
    """The function from an instance to what is stored of it, without what only comparisons look at."""
    source = _Source()
    items = [
        f"{to_camel(name)!r}: {source.converted(f'value.{name}', found, _encoded)}"
        for name, found in field_types(cls).items()
    ]
    return source.function(f"encode {cls.__name__}", f"{{{', '.join(items)}}}")


@remembered
def decoder(cls: type[Any]) -> Decoder:
    """The function back. Raises `KeyError`, `TypeError` or `ValueError` for what is not as it was stored."""
    source = _Source()
    made = source.name(cls)
    arguments = [
        f"{name}={source.converted(f'value[{to_camel(name)!r}]', found, _decoded)}"
        for name, found in field_types(cls).items()
    ]
    return source.function(f"decode {cls.__name__}", f"{made}({', '.join(arguments)})")


class _Source:
    """The text of one function, and the objects that its names stand for."""

    def __init__(self) -> None:
        self._globals: dict[str, Any] = {}

    def name(self, thing: Any) -> str:
        """A name for an object that the function needs."""
        name = f"_{len(self._globals)}"
        self._globals[name] = thing
        return name

    def converted(self, value: str, found: FieldType, one: "Callable[[_Source, str, FieldType], str]") -> str:
        """The expression of a converted field, whose value is the expression `value`."""
        if found.many:
            sequence = "list" if one is _encoded else "tuple"
            element = one(self, "each", found)
            return f"{sequence}({value})" if element == "each" else f"{sequence}([{element} for each in {value}])"
        converted = one(self, "found" if found.optional else value, found)
        if not found.optional or converted == "found":
            return value if found.optional else converted
        return f"None if (found := {value}) is None else {converted}"

    def function(self, name: str, expression: str) -> Callable[[Any], Any]:
        """The function of `value` that gives the expression."""
        exec(compile(f"def convert(value):\n return {expression}", f"<{name}>", "exec"), self._globals)  # noqa: S102
        made: Callable[[Any], Any] = self._globals["convert"]
        return made


def _encoded(source: _Source, value: str, found: FieldType) -> str:
    if found.is_part:
        return f"{source.name(encoder(found.base))}({value})"
    if found.is_id:
        # An id is a text of its own class, which drivers do not know.
        return f"{source.name(str.__str__)}({value})"
    if found.is_enum:
        return f"{source.name(str)}({value}.value)"
    if found.base in _TEXTS:
        return f"{source.name(_TEXTS[found.base])}({value})"
    return value


def _decoded(source: _Source, value: str, found: FieldType) -> str:
    if found.is_part:
        return f"{source.name(decoder(found.base))}({value})"
    if found.is_id or found.is_enum:
        return f"{source.name(found.base)}({value})"
    if found.base in _PARSED:
        return f"{source.name(_PARSED[found.base])}({value})"
    return value
