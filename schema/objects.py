"""Object types from document and part classes, as nested as these are, and the interface that all documents share."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import strawberry
from pydantic.alias_generators import to_camel

from projections.kernel.documents import FieldType, field_types
from projections.kernel.projection import AnyProjection
from schema.names import described
from schema.types import GraphQLType, enum_type, list_of, new_type, nullable, plain

_OF_THE_KERNEL = {
    "id": "Opaque and globally unique.",
    "version": "Version of the document's own stream that this document reflects.",
    "position": "Place in the log of the last event folded into this document.",
}
"""What the fields that documents have from the kernel say, unless the class says it better."""


class ObjectTypes:
    """The types of documents and their parts, and the enums that they share with inputs: one type per class."""

    def __init__(self, projections: Sequence[AnyProjection]) -> None:
        names = {projection.id_type.prefix: projection.spec.name for projection in projections}
        self._made: dict[type[Any], GraphQLType] = {}
        self._documents = {projection.document for projection in projections}
        self.node = new_type(
            "Node",
            [
                plain(
                    "id",
                    strawberry.ID,
                    "Opaque, globally unique, prefixed by type, so that node(id) needs no lookup. Only nodes have a field "
                    "id; copies inside other documents have their own name for it, such as customerId.",
                )
            ],
            "A document that can be read by its id alone.",
            kind="interface",
            resolve_type=staticmethod(lambda stored, *_: names[stored["id"].partition("_")[0]]),
        )

    def of(self, cls: type[Any]) -> GraphQLType:
        """The type of a document or part class."""
        if cls not in self._made:
            self._made[cls] = self._make(cls)
        return self._made[cls]

    def enum(self, cls: type[Enum]) -> GraphQLType:
        """The type of an enum class."""
        if cls not in self._made:
            self._made[cls] = enum_type(cls)
        return self._made[cls]

    def _make(self, cls: type[Any]) -> GraphQLType:
        is_document = cls in self._documents
        said = _OF_THE_KERNEL if is_document else {}
        fields = [
            plain(to_camel(name), self._field(found), found.description or said.get(name))
            for name, found in field_types(cls).items()
        ]
        if not is_document:
            return new_type(cls.__name__, fields, described(cls))
        # A stored document is a dictionary: which type it is was settled before it was read.
        return new_type(
            cls.__name__, fields, described(cls), implements=self.node, is_type_of=staticmethod(lambda *_: True)
        )

    def _field(self, found: FieldType) -> GraphQLType:
        type_ = self._one(found)
        if found.many:
            type_ = list_of(type_)
        return nullable(type_) if found.optional else type_

    def _one(self, found: FieldType) -> GraphQLType:
        if found.is_part:
            return self.of(found.base)
        if found.is_enum:
            return self.enum(found.base)
        return strawberry.ID if found.is_id else found.base
