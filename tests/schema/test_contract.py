"""The API against the contract that clients rely on, and against the file that is committed."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
)
from graphql.utilities import find_breaking_changes, get_default_value_ast

from server.api import schema_text

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT.parent / "shared" / "contract.graphql"


@pytest.fixture
def contract() -> GraphQLSchema:
    if not CONTRACT.exists():
        pytest.skip("the contract is not beside this checkout (../shared/contract.graphql)")
    return build_schema(CONTRACT.read_text())


@pytest.fixture
def built() -> GraphQLSchema:
    return build_schema(schema_text())


def defaults(schema: GraphQLSchema) -> dict[str, str]:
    """Every default of an argument or an input field, by its place."""
    found = {}
    for name, type_ in schema.type_map.items():
        if name.startswith("__"):
            continue
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                for argument_name, argument in field.args.items():
                    if (default := get_default_value_ast(argument)) is not None:
                        found[f"{name}.{field_name}({argument_name})"] = str(default.to_dict())
        elif isinstance(type_, GraphQLInputObjectType):
            for field_name, input_field in type_.fields.items():
                if (default := get_default_value_ast(input_field)) is not None:
                    found[f"{name}.{field_name}"] = str(default.to_dict())
    assert Undefined not in found
    return found


def without_locations(found: dict[str, str]) -> dict[str, str]:
    return {place: default.split("'loc'")[0] for place, default in found.items()}


def test_nothing_of_the_contract_is_broken(contract: GraphQLSchema, built: GraphQLSchema) -> None:
    assert find_breaking_changes(contract, built) == []


def test_defaults_are_those_of_the_contract(contract: GraphQLSchema, built: GraphQLSchema) -> None:
    promised, made = without_locations(defaults(contract)), without_locations(defaults(built))

    assert promised, "the contract has defaults to compare"
    assert {place: made.get(place) for place in promised} == promised
    assert {place for place in made if place in _places(contract)} == set(promised)


def test_every_type_of_the_contract_implements_what_it_did(contract: GraphQLSchema, built: GraphQLSchema) -> None:
    for name, type_ in contract.type_map.items():
        if isinstance(type_, GraphQLObjectType):
            made = built.type_map[name]
            assert isinstance(made, GraphQLObjectType)
            assert {i.name for i in type_.interfaces} <= {i.name for i in made.interfaces}, name


def test_the_committed_schema_is_the_one_that_is_built() -> None:
    committed = (ROOT / "schema.graphql").read_text()

    assert committed == schema_text(), "the API has changed: run `make schema`, and commit schema.graphql"


def _places(schema: GraphQLSchema) -> set[str]:
    return {
        f"{name}.{field_name}({argument_name})"
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLObjectType)
        for field_name, field in type_.fields.items()
        for argument_name in field.args
    } | {
        f"{name}.{field_name}"
        for name, type_ in schema.type_map.items()
        if isinstance(type_, GraphQLInputObjectType)
        for field_name in type_.fields
    }
