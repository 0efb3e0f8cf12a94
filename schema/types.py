"""Strawberry types made at run time: the few words in which the rest of the package says what it derives."""

import keyword
import types
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Literal

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.unset import UNSET

from schema.names import described

GraphQLType = Any
"""Whatever strawberry takes for a type: a class, a scalar's Python type, a definition. It has no common base."""


def nullable(type_: GraphQLType) -> GraphQLType:
    """The type, or null."""
    return StrawberryOptional(_resolved(type_))


def list_of(type_: GraphQLType) -> GraphQLType:
    """A list of it."""
    return StrawberryList(_resolved(type_))


def _resolved(type_: GraphQLType) -> GraphQLType:
    return StrawberryAnnotation(type_).resolve()


def enum_type(
    cls: type[Enum], descriptions: Mapping[str, str | None] | None = None, name: str | None = None
) -> GraphQLType:
    """An enum, named as its class is, or `name`. Names are values: what is stored is what is answered.

    Raises `TypeError` for an enum where they differ.
    """
    for member in cls:
        if member.name != member.value:
            raise TypeError(f"{cls.__name__}.{member.name} is stored as {member.value!r}, which GraphQL could not answer")
    said = descriptions or {}
    values = [EnumValue(member.name, member.value, description=said.get(member.name)) for member in cls]
    return StrawberryEnumDefinition(cls, name or cls.__name__, values, described(cls))


def plain(name: str, type_: GraphQLType, description: str | None = None) -> StrawberryField:
    """A field without a resolver: its value is what the result has under its name."""
    return StrawberryField(
        python_name=f"{name}_" if keyword.iskeyword(name) else name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(type_),
        description=description,
    )


def new_type(
    name: str,
    fields: Iterable[StrawberryField],
    description: str | None = None,
    *,
    kind: Literal["object", "input", "interface"] = "object",
    implements: type[Any] | None = None,
    **attributes: Any,
) -> type[Any]:
    """A type with these fields. `attributes` are the class's own: what strawberry looks for there."""
    listed = list(fields)
    namespace: dict[str, Any] = {field.python_name: field for field in listed}
    annotations = {field.python_name: field.type for field in listed}
    bases = () if implements is None else (implements,)
    made = types.new_class(name, bases, {}, lambda body: body.update(namespace, __annotations__=annotations, **attributes))
    cls: type[Any] = strawberry.type(
        made, name=name, description=description, is_input=kind == "input", is_interface=kind == "interface"
    )
    if kind == "input":
        # As the client wrote it, under GraphQL's names: what reads it knows them from the same classes.
        cls.__strawberry_definition__.from_input = lambda _, value, __: value
    return cls


def argument(name: str, type_: GraphQLType, description: str | None = None, default: object = UNSET) -> StrawberryArgument:
    """An argument of a root field."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(type_),
        description=description,
        default=default,
    )
