"""What is no valid operation, and what is too much of one."""

from typing import Any

import pytest
from graphql import get_introspection_query

from tests.schema.fakes import Api
from tests.schema.library import BOOK_ID, SCHEMA, stored

BOOK = f'book(id: "{BOOK_ID}")'


@pytest.mark.parametrize("text", ["{", "{ book(", "nonsense", "{ a } }", "{ a \x00 }"])
async def test_what_is_not_graphql_fails_to_parse(api: Api, text: str) -> None:
    code, _ = await api.fails(text)
    assert code in ("GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "text",
    [
        "{ nope }",
        "{ library }",
        "{ library { nope } }",
        f"{{ {BOOK} {{ title {{ x }} }} }}",
        "{ book { title } }",
        "{ books(first: 1.5) { totalCount } }",
        "{ books(orderBy: NOPE) { totalCount } }",
        "query ($x: Nope) { book(id: $x) { id } }",
        "query ($x: Int) { library { books } }",
        "{ ...F } fragment F on Query { ...F }",
    ],
)
async def test_what_does_not_fit_the_schema_fails_validation(api: Api, text: str) -> None:
    code, _ = await api.fails(text)
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert api.documents.calls == []


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        (None, "$id"),
        ({}, "$id"),
        ({"id": None}, "$id"),
        ({"id": 1.5}, "$id"),
        ({"id": BOOK_ID, "n": "x"}, "$n"),
        ({"id": BOOK_ID, "n": 2**31}, "$n"),
        ({"id": BOOK_ID, "n": float("nan")}, "$n"),
        ({"id": "a\x00"}, "$id"),
        ({"id": "\ud800"}, "$id"),
        ({"id": {"deep": ["fine", "\udfff"]}}, "$id.deep.1"),
        ({"id": {"deep": {"\x00": 1}}}, "$id.deep"),
        ({"id": {"deep" * 100: "\x00"}}, f"$id.{'deep' * 25}:"),
    ],
)
async def test_a_variable_that_does_not_fit_is_bad_input(api: Api, variables: Any, named: str) -> None:
    code, message = await api.fails("query ($id: ID!, $n: Int) { book(id: $id, minVersion: $n) { id } }", variables)
    assert code == "BAD_USER_INPUT"
    assert named in message
    assert api.documents.calls == []


@pytest.mark.parametrize("unused", [{"\ud800": 1}, {"unused": ["\x00"]}, {"unused": {"\x00": 1}}], ids=ascii)
async def test_a_variable_that_the_operation_does_not_have_is_passed_over(api: Api, unused: dict[str, Any]) -> None:
    api.documents.stored[BOOK_ID] = stored()
    assert await api.data("query ($id: ID!) { book(id: $id) { id } }", {"id": BOOK_ID, **unused}) == {
        "book": {"id": BOOK_ID}
    }


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ('(filter: { boughtAt: { gte: "2026-01-31" } })', "filter.boughtAt.gte"),
        ("(filter: { boughtAt: { gte: 5 } })", "filter.boughtAt.gte"),
        ('(filter: { publishedOn: { eq: "x" } })', "filter.publishedOn.eq"),
        ('(search: "\\u0000")', "search"),
        ('(filter: { tag: { in: ["a", "\\u0000"] } })', "filter.tag.in"),
        ("(atLeast: 5)", "atLeast"),
    ],
)
async def test_a_literal_that_a_scalar_does_not_take_is_bad_input(api: Api, arguments: str, named: str) -> None:
    code, message = await api.fails(f"{{ books{arguments} {{ totalCount }} }}")
    assert code == "BAD_USER_INPUT"
    assert message.startswith(f"{named}: ")


async def test_a_variables_default_is_named_too(api: Api) -> None:
    code, message = await api.fails("query ($p: Position = 5) { library(atLeast: $p) { books } }")
    assert code == "BAD_USER_INPUT"
    assert message.startswith("$p: ")


@pytest.mark.parametrize("name", [None, "C", "\ud800"])
async def test_which_operation_must_be_clear(api: Api, name: str | None) -> None:
    result = await SCHEMA.execute(
        "query A { library { books } } query B { library { books } }", None, api.context(), operation_name=name
    )
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "BAD_USER_INPUT"}
    assert "operationName" in result.errors[0].message


async def test_the_operation_named_is_executed(api: Api) -> None:
    result = await SCHEMA.execute(
        f"query A {{ nope: library {{ books }} }} query B {{ {BOOK} {{ id }} }}", None, api.context(), operation_name="B"
    )
    assert result.data == {"book": None}


async def test_introspection_is_answered() -> None:
    result = await SCHEMA.execute(get_introspection_query(descriptions=True, input_value_deprecation=True))
    assert not result.errors
