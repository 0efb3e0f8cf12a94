"""Object types from document classes: their fields, nested types and enums, and the interface Node."""

import enum
from collections.abc import Iterable
from types import GenericAlias
from typing import Any, Optional

import strawberry
from pydantic.alias_generators import to_camel

from projections.kernel.documents import FieldType, field_types
from projections.kernel.projection import AnyProjection


class Objects:
    """The object types and enums of a schema, each made once."""

    def __init__(self, projections: Iterable[AnyProjection]) -> None:
        self._made: dict[type[Any], Any] = {}
        self._by_prefix = {projection.id_type.prefix: projection.spec.name for projection in projections}
        self.node = self._node()

    def document(self, projection: AnyProjection) -> Any:
        """The type of a document class."""
        return self._object(projection.document, (self.node,))

    def enum(self, cls: type[enum.Enum]) -> Any:
        """The enum of an enum class: its members by their values, which are what is stored."""
        if cls not in self._made:
            names = [str(member.value) for member in cls]
            self._made[cls] = enum_of(cls.__name__, names, _first_paragraph(cls))
        return self._made[cls]

    def annotation(self, found: FieldType) -> Any:
        """A field's type as strawberry writes it."""
        base = self._base(found)
        if found.many:
            base = list_of(base)
        return Optional[base] if found.optional else base  # noqa: UP045 - the base is only known here

    def _base(self, found: FieldType) -> Any:
        if found.is_part:
            return self._object(found.base, ())
        if found.is_enum:
            return self.enum(found.base)
        if found.is_id:
            return strawberry.ID
        return found.base

    def _object(self, cls: type[Any], bases: tuple[Any, ...]) -> Any:
        if cls not in self._made:
            namespace: dict[str, Any] = {"__annotations__": {}, "is_type_of": classmethod(lambda *_: True)}
            for name, found in field_types(cls).items():
                namespace["__annotations__"][to_camel(name)] = self.annotation(found)
                namespace[to_camel(name)] = strawberry.field(name=to_camel(name), description=found.description)
            made = type(cls.__name__, bases, namespace)
            self._made[cls] = strawberry.type(made, name=cls.__name__, description=_first_paragraph(cls))
        return self._made[cls]

    def _node(self) -> Any:
        by_prefix = self._by_prefix

        @strawberry.interface(description="Anything that has an id of its own.")
        class Node:
            id: strawberry.ID = strawberry.field(
                description="Opaque, globally unique, prefixed by type. Only nodes have a field id."
            )

            @classmethod
            def resolve_type(cls, stored: dict[str, Any], *_: object) -> str:
                return by_prefix[stored["id"].partition("_")[0]]

        return Node


def enum_of(name: str, members: Iterable[str], description: str | None = None) -> Any:
    """An enum whose members are their own values."""
    make: Any = enum.Enum
    return strawberry.enum(make(name, {member: member for member in members}), name=name, description=description)


def list_of(item: Any) -> Any:
    """The annotation of a list without nulls."""
    return GenericAlias(list, (item,))


def public(name: str, annotations: dict[str, Any], description: str | None = None) -> Any:
    """An object type that no document has: connections, payloads."""
    namespace: dict[str, Any] = {
        "__annotations__": annotations,
        **{field: strawberry.field(name=field) for field in annotations},
    }
    return strawberry.type(type(name, (), namespace), name=name, description=description)


def _first_paragraph(cls: type[Any]) -> str | None:
    doc = cls.__dict__.get("__doc__")
    return " ".join(doc.strip().split("\n\n")[0].split()) if doc else None
