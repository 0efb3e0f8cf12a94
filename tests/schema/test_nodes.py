"""How many objects an answer may hold, and that an operation which asks for too many is told so."""

from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, get_introspection_query, parse
from graphql import build_schema as parsed_schema

from schema.build import build_schema
from schema.limits import Limits
from schema.nodes import Nodes, nodes
from schema.scopes import fragments_of
from tests.schema.fakes import Api
from tests.schema.library import DOMAIN, PROJECTIONS

SCHEMA = parsed_schema("""
    type Query {
        shelf: Shelf
        shelves(first: Int, last: Int, after: String): Shelves!
        anything: Anything
        search(first: Int): [Shelf]
    }
    type Shelves { edges: [Edge!]! nodes: [Shelf!]! totalCount: Int! }
    type Edge { cursor: String! node: Shelf! }
    interface Anything { id: ID }
    type Shelf implements Anything {
        id: ID
        books: [Book!]!
        tags: [String!]!
        next: Shelf
        news(first: Int, last: Int): Shelves!
    }
    type Book implements Anything { id: ID authors: [Author!]! pages: [Author!]! }
    type Author { name: String }
""")


def asked(text: str) -> Nodes:
    """What the first definition of a text asks for."""
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return nodes(SCHEMA, operation, fragments_of(document))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ shelf { id tags next { id } } }", 0),
        ("{ shelves(first: 100) { totalCount } }", 0),
        ("{ shelves { nodes { id } } }", 20),
        ("{ shelves(first: 7) { nodes { id } } }", 7),
        ("{ shelves(last: 7) { edges { cursor } } }", 7),
        ("{ shelves(first: 7) { edges { node { id } } nodes { id } more: nodes { id } } }", 7 * 3),
        ("{ shelves(first: 7) { nodes { id } nodes { tags } } shelves(first: 7) { nodes { id } } }", 7),
        ("{ a: shelves(first: 7) { nodes { id } } b: shelves(first: 8) { nodes { id } } }", 15),
        ("{ shelf { books { id } } }", 10),
        ("{ shelf { books { authors { name } pages { name } } } }", 10 + 100 + 100),
        ("{ shelves(first: 7) { nodes { books { id } } } }", 7 + 70),
        ("{ shelves(first: 7) { edges { node { books { id } next { books { id } } } } } }", 7 + 70 + 70),
        ("{ shelves(first: 7) { nodes { news(first: 3) { nodes { books { id } } } } } }", 7 + 7 * 3 + 7 * 3 * 10),
        ("{ anything { ... on Shelf { books { id } } ... on Book { authors { name } } } }", 20),
        ("{ anything { ... on Shelf { x: books { id } } ... on Book { x: authors { name } } } }", 20),
        ("{ ...F } fragment F on Query { shelves(first: 7) { ...G } } fragment G on Shelves { nodes { id } }", 7),
        ("{ search(first: 7) { id } }", 10),
        ("{ nowhere { nodes { id } } shelf { ... on Nothing { books { id } } } }", 0),
        ("mutation { shelves { nodes { id } } }", 0),
        ("{ __schema { types { fields { type { fields { name } } } } } }", 10 + 100 + 1_000),
        ('{ __type(name: "Shelf") { name fields { args { name } } } }', 10 + 100),
    ],
)
def test_each_list_counts_as_many_as_it_may_have(text: str, expected: int) -> None:
    assert asked(text).count({}) == expected


def test_the_introspection_of_clients_is_well_within_the_limit() -> None:
    assert asked(get_introspection_query(descriptions=True, input_value_deprecation=True)).count({}) < 5_000


def test_introspection_under_many_names_is_not() -> None:
    types = " ".join(
        f"t{n}: types {{ fields {{ type {{ a: fields {{ name }} b: fields {{ name }} }} }} }}" for n in range(5)
    )
    assert asked(f"{{ __schema {{ {types} }} }}").count({}) > 10_000


@pytest.mark.parametrize(
    "arguments", ["first: 101", "first: 2147483648", f"first: {'9' * 5_000}", "first: 100, last: 3", "last: 1000"]
)
def test_a_size_that_will_be_refused_counts_as_the_largest(arguments: str) -> None:
    assert asked(f"{{ shelves({arguments}) {{ nodes {{ id }} }} }}").count({}) == 100


@pytest.mark.parametrize("arguments", ["first: 0", "first: -5"])
def test_or_as_the_smallest(arguments: str) -> None:
    assert asked(f"{{ shelves({arguments}) {{ nodes {{ id }} }} }}").count({}) == 1


@pytest.mark.parametrize("arguments", ["first: null", 'first: "7"', "first: 7.5", 'after: "x"'])
def test_none_is_the_default(arguments: str) -> None:
    assert asked(f"{{ shelves({arguments}) {{ nodes {{ id }} }} }}").count({}) == 20


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, 20 + 200),
        ({"n": None}, 20 + 200),
        ({"n": 7}, 7 + 70),
        ({"m": 8}, 8 + 80),
        ({"n": 1000}, 100 + 1000),
        ({"n": 7.0}, 7 + 70),
        ({"n": float("inf")}, 100 + 1000),
        ({"n": float("nan")}, 1 + 10),
        ({"n": "7"}, 20 + 200),
    ],
)
def test_a_size_may_come_with_the_request(variables: dict[str, Any], expected: int) -> None:
    found = asked("query ($n: Int, $m: Int) { shelves(first: $n, last: $m) { nodes { books { id } } } }")
    assert found.count(variables) == expected


@pytest.mark.parametrize(("variables", "expected"), [({}, 7), ({"n": 8}, 8), ({"n": None}, 20)])
def test_a_variable_may_have_a_default(variables: dict[str, Any], expected: int) -> None:
    found = asked("query ($n: Int = 7, $other: Int = 9) { shelves(first: $n) { nodes { id } } }")
    assert found.count(variables) == expected


def test_too_many_are_refused_and_as_many_as_allowed_are_not() -> None:
    # given
    found = asked("query ($n: Int) { shelves(first: $n) { nodes { books { id } } } }")
    # when, then
    found.check(1_100, {"n": 100})
    with pytest.raises(GraphQLError, match="up to 1100 nodes; at most 1099"):
        found.check(1_099, {"n": 100})


async def test_a_refusal_reaches_the_client() -> None:
    # given
    api = Api(build_schema(DOMAIN, PROJECTIONS, Limits(nodes=100)))
    operation = "query ($n: Int) { books(first: $n) { nodes { authors { familyName } } } }"
    # when
    code, message = await api.fails(operation, {"n": 10})
    # then
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert "up to 110 nodes; at most 100" in message
    assert api.documents.calls == []
    await api.data(operation, {"n": 9})
