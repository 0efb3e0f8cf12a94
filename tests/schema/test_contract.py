"""The shop's schema: as committed, and as its contract promises."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    ast_from_value,
    build_schema,
    find_breaking_changes,
    print_ast,
)

import projections.read_models
import write_side
from projections.kernel.discovery import discover as discover_projections
from schema.build import build_schema as build_shop
from schema.sdl import sdl
from write_side.kernel.domain import discover

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "schema.graphql"
CONTRACT = ROOT.parent / "shared" / "contract.graphql"

SHOP = sdl(build_shop(discover(write_side), discover_projections(projections.read_models)))

needs_contract = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract lies beside the repository, not in it")


def test_the_committed_schema_is_the_one_that_is_built() -> None:
    assert COMMITTED.read_text() == SHOP, "the API has changed: look at the difference, then run `make schema`"


@needs_contract
def test_nothing_that_the_contract_promises_is_broken() -> None:
    assert find_breaking_changes(build_schema(CONTRACT.read_text()), build_schema(SHOP)) == []


@needs_contract
def test_arguments_have_the_contracts_defaults() -> None:
    promised, built = defaults(build_schema(CONTRACT.read_text())), defaults(build_schema(SHOP))
    assert {name: built[name] for name in promised} == promised


def defaults(schema: GraphQLSchema) -> dict[str, str | None]:
    """Each argument and input field by its full name, with its default as GraphQL writes it."""
    found: dict[str, str | None] = {}
    for type_name, type_ in schema.type_map.items():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                for argument_name, argument in field.args.items():
                    found[f"{type_name}.{name}.{argument_name}"] = printed(argument)
        elif isinstance(type_, GraphQLInputObjectType):
            for name, input_field in type_.fields.items():
                found[f"{type_name}.{name}"] = printed(input_field)
    return found


def printed(value: object) -> str | None:
    """A default as GraphQL writes it; None where there is none."""
    default = getattr(value, "default", None)
    if default is None:
        return None
    literal = default.literal or ast_from_value(default.value, value.type)  # type: ignore[attr-defined]
    assert literal is not None
    return print_ast(literal)
