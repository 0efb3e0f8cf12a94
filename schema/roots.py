"""Root fields: how what a client asks of one is answered, by compiled code and by graphql-core alike.

`root` makes the field. It takes a function that prepares: it is told what is selected, once, and gives back the read that
each request runs.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import FieldNode, GraphQLField
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from projections.kernel.fields import Wanted
from schema.arguments import Given, given
from schema.ports import RequestContext
from schema.selections import Selections
from schema.types import GraphQLType


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client selects of a root field: known before any value is."""

    selections: Selections
    nodes: Sequence[FieldNode]

    @property
    def name(self) -> str:
        """What the answer calls the field."""
        node = self.nodes[0]
        return (node.alias or node.name).value

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
) -> StrawberryField:
    """A field of Query or Mutation."""

    async def resolver(info: strawberry.Info, **values: Any) -> Any:
        raw = info._raw_info
        if isinstance(raw.root_value, Outcomes):
            found = raw.root_value.of(raw.path.key)
        else:
            asked = Asked(Selections.of_info(raw), raw.field_nodes)
            found = await prepare(asked)(raw.context, given(values))
        return found.value() if isinstance(found, Shared) else found

    return root_field(name, type_, arguments, resolver, {_PREPARE: prepare}, description)


def root_field(
    name: str,
    type_: GraphQLType,
    arguments: Iterable[StrawberryArgument],
    resolver: Callable[..., Awaitable[Any]],
    metadata: Mapping[object, object],
    description: str | None = None,
    *,
    subscription: bool = False,
) -> StrawberryField:
    """A root field for strawberry. `resolver` is for graphql-core alone; compiled code goes by `metadata`."""
    field = StrawberryField(
        python_name=name,
        graphql_name=name,
        type_annotation=StrawberryAnnotation(type_),
        base_resolver=StrawberryResolver(resolver),
        description=description,
        is_subscription=subscription,
        metadata=metadata,
    )
    field.arguments = list(arguments)
    return field


def prepare_of(field: GraphQLField) -> Prepare | None:
    """How a field of the schema is read; None for one that `root` has not made."""
    made = field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    prepare: Prepare | None = made.metadata.get(_PREPARE) if isinstance(made, StrawberryField) else None
    return prepare
