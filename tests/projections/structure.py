"""What a `$jsonSchema` objects to, for the few keywords that shapes use. MongoDB itself is asked in the store's tests."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

KINDS: dict[str, type] = {
    "object": dict,
    "array": list,
    "string": str,
    "bool": bool,
    "int": int,
    "long": int,
    "decimal": Decimal,
    "null": type(None),
}


def objections(schema: Mapping[str, Any], value: Any, path: str = "$") -> Iterator[str]:
    """Every place where `value` is not as `schema` demands. `KeyError` for a keyword that nobody taught it."""
    for keyword, wanted in schema.items():
        yield from KEYWORDS[keyword](schema, wanted, value, path)


def _kind(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if not any(_is(KINDS[kind], value) for kind in kinds):
        yield f"{path} is not {kinds}: {value!r}"


def _is(kind: type, value: Any) -> bool:
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _required(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{path}.{name} is lacking" for name in wanted if name not in value)


def _closed(schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict) and wanted is False:
        yield from (f"{path}.{name} is unknown" for name in value if name not in schema["properties"])


def _properties(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in wanted.keys() & value.keys():
            yield from objections(wanted[name], value[name], f"{path}.{name}")


def _items(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, element in enumerate(value):
            yield from objections(wanted, element, f"{path}.{number}")


def _pattern(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and re.search(wanted, value) is None:
        yield f"{path} does not match {wanted}: {value!r}"


def _enum(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if value not in wanted:
        yield f"{path} is none of {wanted}: {value!r}"


def _any_of(_schema: Mapping[str, Any], wanted: Any, value: Any, path: str) -> Iterator[str]:
    if all(list(objections(each, value, path)) for each in wanted):
        yield f"{path} is none of the alternatives: {value!r}"


KEYWORDS = {
    "bsonType": _kind,
    "required": _required,
    "additionalProperties": _closed,
    "properties": _properties,
    "items": _items,
    "pattern": _pattern,
    "enum": _enum,
    "anyOf": _any_of,
}
