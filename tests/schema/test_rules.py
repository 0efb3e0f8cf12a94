"""The rules of our own, beside graphql-core's."""

from typing import Any

from graphql import DocumentNode, GraphQLSchema, KnownTypeNamesRule, parse, validate
from hypothesis import given
from hypothesis import strategies as st

from schema.rules import RULES, KnownTypes
from tests.schema.fakes import Api
from tests.schema.library import SCHEMA

TYPES = st.sampled_from(["Book", "Node", "Query", "ID", "BookFilter", "Shelf", "Bok", "Float", "Noddy", "__Type"])
DOCUMENTS = st.builds(
    "query ($a: {}, $b: [{}!]!) {{ a ... on {} {{ ...F }} }} fragment F on {} {{ ... {{ ... on {} {{ c }} }} }}".format,
    *[TYPES] * 5,
).map(parse)


def schema() -> GraphQLSchema:
    """The library's."""
    return SCHEMA._schema


@given(DOCUMENTS)
def test_a_type_is_known_where_graphql_core_knows_it(document: DocumentNode) -> None:
    ours = validate(schema(), document, [KnownTypes])
    theirs = validate(schema(), document, [KnownTypeNamesRule])
    assert [error.locations for error in ours] == [error.locations for error in theirs]
    assert all(their.message.startswith(our.message) for our, their in zip(ours, theirs, strict=True))


async def test_an_unknown_type_is_named(api: Api) -> None:
    code, message = await api.fails("{ library { ... on Bok { id } } }")
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert message == "Unknown type 'Bok'."


async def test_another_name_still_gets_a_suggestion(api: Api) -> None:
    _, message = await api.fails("{ library { bocks } }")
    assert "Did you mean 'books'?" in message


def test_an_unclean_literal_is_named() -> None:
    def problems(text: str) -> list[Any]:
        return [error.message for error in validate(schema(), parse(text), RULES)]

    assert problems('{ books(search: "a") { totalCount } }') == []
    assert problems('{ books(search: "\\u0000") { totalCount } }') == ["text: may not contain NUL or half a surrogate pair"]
