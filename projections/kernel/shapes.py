"""Shapes: a document class as MongoDB stores it, there and back, and the `$jsonSchema` that admits nothing else.

What is stored is what GraphQL answers: camel-case names; a datetime as an RFC 3339 text in UTC with microseconds, which
sorts as it is; a decimal as a plain decimal text; an enum by its value. Beside it the stored document has `_id`, and in
`_keys` what sorts and compares differently from what is answered: folded texts, and decimals as numbers.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic.alias_generators import to_camel

from projections.kernel.converters import decoder, encoder
from projections.kernel.documents import Document, FieldType, OrderBy, field_type, field_types, stored_path
from write_side.kernel.folding import folded
from write_side.kernel.ids import Id

D = TypeVar("D", bound=Document)
Stored = dict[str, Any]
"""A document as MongoDB holds it; its public fields are what GraphQL answers."""

KEYS = "_keys"
DATETIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$"
DATE = r"^\d{4}-\d{2}-\d{2}$"
DECIMAL = r"^-?\d+(\.\d+)?$"


class Shape(Generic[D]):
    """The stored form of one document class."""

    def __init__(self, cls: type[D]) -> None:
        self._cls = cls
        types = field_types(cls)
        if "id" not in types or not types["id"].is_id:
            raise TypeError(f"{cls.__name__} has no field id of an id type")
        self.id_type: type[Id] = types["id"].base
        self._encode = encoder(cls)
        self._decode = decoder(cls)
        self._keys = {path: _key_value(field_type(cls, path)) for path in _keyed_paths(cls)}

    def encode(self, document: D) -> Stored:
        """The document as it is stored."""
        stored: Stored = self._encode(document)
        return self.keyed({"_id": stored["id"], **stored})

    def keyed(self, stored: Stored) -> Stored:
        """A stored document together with what only comparisons look at, which readers are not given."""
        if not self._keys:
            return stored
        return {**stored, KEYS: {_key_name(path): value(_at(stored, path)) for path, value in self._keys.items()}}

    def decode(self, stored: Mapping[str, Any]) -> D:
        """The document that was stored."""
        document: D = self._decode(stored)
        return document

    def sort_path(self, order: OrderBy) -> str:
        """Where the stored document has what `order` sorts by."""
        return self.compare_path(order.path)

    def compare_path(self, path: str) -> str:
        """Where the stored document has what comparisons of the field at `path` look at."""
        return f"{KEYS}.{_key_name(path)}" if path in self._keys else stored_path(path)

    @property
    def key_paths(self) -> tuple[str, ...]:
        """Where the stored document has what only comparisons look at."""
        return tuple(f"{KEYS}.{_key_name(path)}" for path in self._keys)

    def schema(self) -> Stored:
        """The collection's `$jsonSchema`."""
        schema = _part_schema(self._cls)
        schema["properties"]["_id"] = schema["properties"]["id"]
        schema["required"].append("_id")
        if self._keys:
            numbers = {path for path in self._keys if field_type(self._cls, path).base is Decimal}
            schema["properties"][KEYS] = {
                "bsonType": "object",
                "required": [_key_name(path) for path in self._keys],
                "additionalProperties": False,
                "properties": {
                    _key_name(path): {"bsonType": "decimal" if path in numbers else "string"} for path in self._keys
                },
            }
            schema["required"].append(KEYS)
        return schema


def _keyed_paths(cls: type[Document]) -> list[str]:
    paths = [declared.path for declared in cls.spec.filters if declared.folded]
    for order in cls.spec.orders:
        if field_type(cls, order.path).base in (str, Decimal):
            paths.append(order.path)
    return sorted(set(paths))


def _key_value(found: FieldType) -> Callable[[Any], Any]:
    return Decimal if found.base is Decimal else folded


def _key_name(path: str) -> str:
    return stored_path(path).replace(".", "_")


def _at(stored: Any, path: str) -> Any:
    for name in stored_path(path).split("."):
        stored = stored[name]
    return stored


def _part_schema(cls: type[Any]) -> Stored:
    types = field_types(cls)
    return {
        "bsonType": "object",
        "required": [to_camel(name) for name in types],
        "additionalProperties": False,
        "properties": {to_camel(name): _field_schema(found) for name, found in types.items()},
    }


def _field_schema(found: FieldType) -> Stored:
    schema = _value_schema(found)
    if found.many:
        schema = {"bsonType": "array", "items": schema}
    if found.optional:
        schema = {"anyOf": [{"bsonType": "null"}, schema]}
    return schema


def _value_schema(found: FieldType) -> Stored:
    if found.is_part:
        return _part_schema(found.base)
    if found.is_id:
        return {"bsonType": "string", "pattern": f"^{found.base.prefix}_"}
    if found.is_enum:
        return {"enum": [member.value for member in found.base]}
    if found.base is bool:
        return {"bsonType": "bool"}
    if found.base is int:
        return {"bsonType": ["int", "long"]}
    pattern = {datetime: DATETIME, date: DATE, Decimal: DECIMAL}.get(found.base)
    return {"bsonType": "string"} if pattern is None else {"bsonType": "string", "pattern": pattern}
