"""Compiled operations: what is answered without graphql-core, what is left to it, and that nothing is read twice."""

import tracemalloc
from typing import Any

import orjson
import pytest
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from projections.kernel.errors import StoreUnavailable
from projections.kernel.reading import Page
from projections.kernel.shapes import Stored
from schema.operations import BYTES, ENTRIES
from tests.schema.fakes import Api
from tests.schema.library import BOOK_ID, LIBRARY, SCHEMA, stored
from write_side.kernel.positions import LogPosition

ANY = frozenset({OperationType.QUERY, OperationType.MUTATION})
BOOK = f'book(id: "{BOOK_ID}")'
RENAME = f'renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }})'


@pytest.fixture
def api() -> Api:
    api = Api(SCHEMA)
    api.documents.stored |= {BOOK_ID: stored(), LIBRARY: {"id": LIBRARY, "books": 3}}
    return api


async def answer(api: Api, text: str, variables: dict[str, Any] | None = None) -> bytes | ExecutionResult:
    """Bytes from compiled code, or what graphql-core made."""
    return await api.schema.answer(text, variables, api.context(), None, ANY)


async def data(api: Api, text: str, variables: dict[str, Any] | None = None) -> Any:
    """The data of an operation that compiled code must answer."""
    found = await answer(api, text, variables)
    assert isinstance(found, bytes), text
    return orjson.loads(found)["data"]


# ---------------------------------------------------------------- who answers


@pytest.mark.parametrize(
    "text",
    [
        f"{{ {BOOK} {{ id title authors {{ familyName }} }} }}",
        f"{{ a: {BOOK} {{ id }} b: {BOOK} {{ title }} library {{ books }} __typename }}",
        f'{{ node(id: "{BOOK_ID}") {{ id __typename ... on Book {{ subtitle }} }} }}',
        "{ books(first: 3) { nodes { id } edges { cursor node { id } } pageInfo { hasNextPage } position } }",
        f"mutation {{ {RENAME} {{ version book {{ title }} userErrors {{ code }} }} }}",
        "{ __typename }",
        f'query($id: ID = "{BOOK_ID}") {{ node(id: $id) {{ id }} }}',
    ],
)
async def test_reads_and_payloads_are_answered_by_compiled_code(api: Api, text: str) -> None:
    assert isinstance(await answer(api, text), bytes)


@pytest.mark.parametrize(
    "text",
    [
        "{ __schema { queryType { name } } }",
        '{ __type(name: "Book") { name } library { books } }',
        f"mutation {{ a: {RENAME} {{ version }} b: {RENAME} {{ version }} }}",
    ],
)
async def test_the_rest_is_left_to_graphql_core(api: Api, text: str) -> None:
    found = await answer(api, text)
    assert isinstance(found, ExecutionResult)
    assert not found.errors


@pytest.mark.parametrize(
    "damage", [{"title": None}, {"copies": "two"}, {"tags": [None]}, {"authors": None}, {"copies": 2**31}]
)
async def test_a_document_that_is_not_of_its_type_is_completed_by_graphql_core_from_the_same_read(
    api: Api, damage: dict[str, Any]
) -> None:
    api.documents.stored[BOOK_ID] = stored(**damage)

    found = await answer(api, f"{{ {BOOK} {{ title copies tags authors {{ bornOn }} }} library {{ books }} }}")

    assert isinstance(found, ExecutionResult)
    assert found.data == {"book": None, "library": {"books": 3}}
    assert found.errors is not None
    assert [error.path[0] for error in found.errors if error.path] == ["book"]
    assert len(api.documents.calls) == 2


async def test_a_read_that_fails_takes_no_other_with_it_and_is_not_tried_again(api: Api) -> None:
    api.documents.error = StoreUnavailable("gone")

    found = await answer(api, f"{{ {BOOK} {{ id }} b: {BOOK} {{ __typename }} __typename }}")

    assert isinstance(found, ExecutionResult)
    assert found.data == {"book": None, "b": None, "__typename": "Query"}
    assert len(api.documents.calls) == 2


async def test_a_command_is_executed_once_though_its_document_cannot_be_completed(api: Api) -> None:
    api.documents.stored[BOOK_ID] = stored(title=None)

    found = await answer(api, f"mutation {{ {RENAME} {{ version book {{ title }} }} }}")

    assert isinstance(found, ExecutionResult)
    assert found.data == {"renameBook": {"version": 4, "book": None}}
    assert len(api.commands.executed) == 1


# ---------------------------------------------------------------- what is decided by variables


@pytest.mark.parametrize(("skip", "include"), [(False, False), (False, True), (True, False), (True, True)])
async def test_directives_choose_the_plan(api: Api, skip: bool, include: bool) -> None:
    text = f"""query($s: Boolean!, $i: Boolean!) {{ {BOOK} {{
        id title @skip(if: $s) ... @include(if: $i) {{ isbn ...F }} }} }}
        fragment F on Book {{ shelf @skip(if: $s) }}"""

    found = await data(api, text, {"s": skip, "i": include})

    expected: Stored = {"id": BOOK_ID}
    if not skip:
        expected["title"] = "Emma"
    if include:
        expected["isbn"] = "978-3"
        if not skip:
            expected["shelf"] = "FICTION"
    assert found == {"book": expected}


async def test_a_variable_of_another_operation_decides_nothing(api: Api) -> None:
    text = f"""query A($a: Boolean!) {{ {BOOK} {{ ...F }} }} query B {{ {BOOK} {{ id }} }}
        fragment F on Book {{ title @skip(if: $a) }}"""
    found = await api.schema.answer(text, None, api.context(), "B", ANY)
    assert found == orjson.dumps({"data": {"book": {"id": BOOK_ID}}})


async def test_an_operation_is_compiled_once_for_all_values_of_its_variables(api: Api) -> None:
    text = "query($id: ID!) { book(id: $id) { title } }"
    other = f"boo_{'f' * 32}"
    api.documents.stored[other] = stored(other, title="Persuasion")

    titles = [(await data(api, text, {"id": key}))["book"]["title"] for key in (BOOK_ID, other, BOOK_ID)]

    assert titles == ["Emma", "Persuasion", "Emma"]
    prepared = api.schema.operations.prepare(text)
    values = prepared.operations[0].variables.values({"id": other})
    assert values is not None
    plan = api.schema.operations.plan(text, prepared.operations[0], values)
    assert plan is api.schema.operations.plan(text, prepared.operations[0], values)


# ---------------------------------------------------------------- answers that are shared


async def test_equal_readers_of_one_page_serialise_it_once(api: Api) -> None:
    page = api.documents.page_of = Page([stored()], [], False, None, LogPosition(9))
    first = await answer(api, "{ books { nodes { title } } }")

    page.documents.clear()  # a second reader that looked would see it

    assert await answer(api, "{ books { nodes { title } } }") == first
    assert await data(api, "{ books { nodes { isbn } } }") == {"books": {"nodes": []}}


async def test_aliases_of_one_page_are_answers_of_their_own(api: Api) -> None:
    api.documents.page_of = Page([stored()], [], False, None, LogPosition(9))
    found = await data(api, "{ a: books { nodes { title } } b: books { nodes { t: title } } }")
    assert found == {"a": {"nodes": [{"title": "Emma"}]}, "b": {"nodes": [{"t": "Emma"}]}}


# ---------------------------------------------------------------- memory


async def test_a_thousand_different_operations_leave_the_caches_within_their_bounds(api: Api) -> None:
    operations = api.schema.operations
    for number in range(3_000):
        await data(api, f"{{ a{number}: {BOOK} {{ title }} }}")
    assert len(operations) <= ENTRIES
    assert operations.weight <= 2 * BYTES


async def test_what_is_held_weighs_what_it_takes(api: Api) -> None:
    wide = "\N{BOOKS}" * 7_000
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        for number in range(30):
            await data(api, f"{{ a{number}: __typename #{wide}\n }}")
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.5 * taken < api.schema.operations.weight
