"""Strawberry types made at run time: the few words in which the rest of the package says what it derives."""

import keyword
import types
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

import strawberry
from graphql import FieldNode, GraphQLField
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.unset import UNSET

from projections.kernel.fields import Wanted
from schema.arguments import Given, given
from schema.names import described
from schema.ports import RequestContext
from schema.selections import Selections

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


def enum_type(cls: type[Enum], descriptions: Mapping[str, str | None] | None = None) -> GraphQLType:
    """An enum. Names are values: what is stored is what is answered. Raises `TypeError` for an enum where they differ."""
    for member in cls:
        if member.name != member.value:
            raise TypeError(f"{cls.__name__}.{member.name} is stored as {member.value!r}, which GraphQL could not answer")
    said = descriptions or {}
    values = [EnumValue(member.name, member.value, description=said.get(member.name)) for member in cls]
    return StrawberryEnumDefinition(cls, cls.__name__, values, described(cls))


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


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client selects of a root field: known before any value is."""

    selections: Selections
    nodes: Sequence[FieldNode]

    def wanted(self, type_name: str) -> Wanted:
        """The fields selected of a value that is an object of this type, and of the objects below it."""
        return self.selections.wanted(type_name, self.nodes)


@dataclass(frozen=True, slots=True)
class Shared:
    """An answer that equal requests have got too. `rendered` is what they have made of it, by who made it."""

    rendered: dict[object, bytes]
    value: Callable[[], Any]


Read = Callable[[RequestContext, Given], Awaitable[Any]]
"""Answers a root field with plain dictionaries, keyed as GraphQL names fields, or with a `Shared`."""

Prepare = Callable[[Asked], Read]
"""Makes the read of a root field, once for all requests that select the same."""

_PREPARE = "prepare"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What the root fields of an operation came to, for graphql-core to complete: values, and errors in their place."""

    by_key: Mapping[str, Any]

    def of(self, key: str | int) -> Any:
        """The outcome of a root field, by its name in the answer. Raises it when it is an error."""
        found = self.by_key[str(key)]
        if isinstance(found, Exception):
            raise found
        return found


def root(
    name: str,
    type_: GraphQLType,
    arguments: Iterable[StrawberryArgument],
    prepare: Prepare,
    description: str | None = None,
    *,
    subscription: bool = False,
) -> StrawberryField:
    """A field of Query, Mutation or Subscription."""

    async def resolver(info: strawberry.Info, **values: Any) -> Any:
        raw = info._raw_info
        if isinstance(raw.root_value, Outcomes):
            found = raw.root_value.of(raw.path.key)
        else:
            asked = Asked(Selections.of_info(raw), raw.field_nodes)
            found = await prepare(asked)(raw.context, given(values))
        return found.value() if isinstance(found, Shared) else found

    field = StrawberryField(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(type_),
        base_resolver=StrawberryResolver(resolver),
        description=description,
        is_subscription=subscription,
        metadata={_PREPARE: prepare},
    )
    field.arguments = list(arguments)
    return field


def prepare_of(field: GraphQLField) -> Prepare | None:
    """How a field of the schema is read; None for one that `root` has not made."""
    made = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    prepare: Prepare | None = made.metadata.get(_PREPARE) if isinstance(made, StrawberryField) else None
    return prepare
