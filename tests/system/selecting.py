"""Selections of everything that there is to select."""

from collections.abc import Iterable

from graphql import GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, get_named_type

from server.api import graphql_schema
from server.shop import PROJECTIONS


def everything(type_: GraphQLNamedType) -> str:
    """A selection of every field below a type."""
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    return "{ " + " ".join(f"{n} {everything(get_named_type(f.type))}" for n, f in type_.fields.items()) + " }"


def nested_in_node() -> str:
    """Every field of every document, under aliases, so that equal names of other types do not meet."""
    schema = graphql_schema()._schema
    parts: Iterable[str] = (
        f"... on {projection.spec.name} {{ {_aliased(schema.type_map[projection.spec.name], projection.spec.name)} }}"
        for projection in PROJECTIONS
    )
    return "{ __typename " + " ".join(parts) + " }"


def _aliased(type_: GraphQLNamedType, prefix: str) -> str:
    assert isinstance(type_, GraphQLObjectType)
    return " ".join(
        f"{prefix}_{name}: {name} {everything(get_named_type(field.type))}" for name, field in type_.fields.items()
    )
