"""Documents that an event could not be folded into: answered at once as they are, and named in `extensions.degraded`."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from strawberry.types.execution import ExecutionResult
from strawberry.types.graphql import OperationType

from projections.kernel.changes import Change, ChangeKind
from projections.kernel.errors import MissingDocument
from projections.kernel.projection import Key
from projections.kernel.reading import Page
from schema.ports import RequestContext
from schema.pushes import Pushes
from tests.schema.changing import COUNT, counted
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, DIGITS, LIBRARY, stored
from write_side.kernel.errors import LogUnavailable, UnknownEvent
from write_side.kernel.positions import LogPosition

OTHER = f"boo_{'f' * 32}"
LOANS = f"lns_{DIGITS}"
BOOK = f'book(id: "{BOOK_ID}") {{ title }}'
FRESH = f'query ($p: Position) {{ book(id: "{BOOK_ID}", atLeast: $p) {{ title }} }}'
RENAME = f'mutation {{ renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version book {{ title }} }} }}'
EVERY = frozenset(OperationType)


def named(*documents: tuple[str, str, int]) -> list[dict[str, str]]:
    """What is said of these documents, each with the first position that is not in it."""
    return [{"type": type_, "id": key, "position": at(position)} for type_, key, position in documents]


def stale(position: int, behind: int) -> dict[str, Any]:
    """What is said of an answer as of `position`."""
    return {"stale": True, "position": at(position), "behind": behind}


@pytest.fixture
def parked(api: Api) -> Api:
    """A book lacks what came from 42 on. Its projection is at 50, and gets to 100 when it is waited for."""
    api.documents.stored |= {
        BOOK_ID: stored(),
        OTHER: stored(OTHER, title="Persuasion"),
        LIBRARY: {"id": LIBRARY, "books": 3},
    }
    api.documents.page_of = Page([stored(OTHER), stored()], [], False, None, LogPosition(50))
    api.replays.stored[BOOK_ID] = stored(title="never")
    api.served.park(BOOK_ID, 42)
    return api


Run = Callable[..., Awaitable[ExecutionResult]]


@pytest.fixture(params=["compiled", "interpreted"])
def run(parked: Api, request: pytest.FixtureRequest) -> Run:
    """Executes an operation, as it is served or by graphql-core."""

    def run(
        operation: str, variables: dict[str, Any] | None = None, context: RequestContext | None = None
    ) -> Awaitable[ExecutionResult]:
        execute = parked.schema.execute if request.param == "compiled" else parked.schema.interpret
        return execute(operation, variables, context or parked.context())

    return run


# ---------------------------------------------------------------- who is named


@pytest.mark.parametrize(
    "operation",
    [
        f"{{ {BOOK} }}",
        f'{{ node(id: "{BOOK_ID}") {{ __typename }} }}',
        "{ books { nodes { title } } }",
        "{ books { edges { node { id } } } }",
        f"{{ {BOOK} again: {BOOK} books {{ nodes {{ title }} }} library {{ books }} }}",
        RENAME,
    ],
)
async def test_a_degraded_document_is_named_once(run: Run, operation: str) -> None:
    result = await run(operation)

    assert result.errors is None
    assert (result.extensions or {})["degraded"] == named(("Book", BOOK_ID, 42))


async def test_they_are_named_in_the_order_of_the_answer(parked: Api, run: Run) -> None:
    parked.served.park(OTHER, 7)
    parked.served.park(LIBRARY, 9)

    first = await run(f"{{ library {{ books }} {BOOK} books {{ nodes {{ id }} }} }}")
    second = await run("{ books { nodes { id } } library { books } }")

    book, other, library = ("Book", BOOK_ID, 42), ("Book", OTHER, 7), ("Library", LIBRARY, 9)
    assert first.extensions == {"degraded": named(library, book, other)}
    assert second.extensions == {"degraded": named(other, book, library)}


@pytest.mark.parametrize(
    "operation",
    [f'{{ book(id: "{OTHER}") {{ title }} library {{ books }} __typename }}', f'{{ loans(bookId: "{BOOK_ID}") {{ id }} }}'],
)
async def test_answers_without_one_say_nothing(run: Run, operation: str) -> None:
    assert (await run(operation)).extensions is None


async def test_one_that_is_not_there_is_named_too(parked: Api, run: Run) -> None:
    parked.served.park(LOANS, 5)

    result = await run(f'{{ loans(bookId: "{BOOK_ID}") {{ id }} }}')

    assert (result.data, result.errors) == ({"loans": None}, None)
    assert result.extensions == {"degraded": named(("Loans", LOANS, 5))}


async def test_one_that_was_repaired_while_a_page_was_read_is_named(parked: Api, run: Run) -> None:
    parked.documents.meanwhile = parked.served.repair

    result = await run("{ books { nodes { id } } }")

    assert result.extensions == {"degraded": named(("Book", BOOK_ID, 42))}


async def test_a_field_that_failed_names_nothing(run: Run) -> None:
    result = await run(f'{{ {BOOK} b: book(id: "boo_1") {{ title }} }}')

    assert result.errors is not None
    assert result.extensions == {"degraded": named(("Book", BOOK_ID, 42))}


# ---------------------------------------------------------------- who demands freshness


@pytest.mark.parametrize(("demanded", "position"), [({"p": at(60)}, 60), ({"p": at(50)}, 50), ({"p": at(42)}, 42)])
async def test_a_demand_is_answered_at_once_as_it_is(parked: Api, run: Run, demanded: Any, position: int) -> None:
    result = await run(FRESH, demanded)

    assert (result.data, result.errors) == ({"book": {"title": "Emma"}}, None)
    assert result.extensions == {
        "consistency": stale(41, position - 41),
        "degraded": named(("Book", BOOK_ID, 42)),
    }
    assert (parked.freshness.waits, parked.replays.calls) == ([], [])


async def test_what_is_demanded_may_be_in_it(run: Run) -> None:
    result = await run(FRESH, {"p": at(41)})
    assert result.extensions == {"consistency": {"source": "documents"}, "degraded": named(("Book", BOOK_ID, 42))}


async def test_a_demand_of_a_version_by_a_header_and_of_a_command(parked: Api, run: Run) -> None:
    lacking = named(("Book", BOOK_ID, 42))

    by_version = await run(f'{{ book(id: "{BOOK_ID}", minVersion: 3) {{ title }} }}')
    by_header = await run(f"{{ {BOOK} }}", context=parked.context(at_least=at(60)))
    of_command = await run(RENAME)

    assert by_version.extensions == {"consistency": stale(41, 29), "degraded": lacking}
    assert by_header.extensions == {"consistency": stale(41, 19), "degraded": lacking}
    assert of_command.extensions == {"consistency": stale(41, 19), "degraded": lacking}
    assert of_command.data == {"renameBook": {"version": 4, "book": {"title": "Emma"}}}
    assert (parked.freshness.waits, parked.replays.calls) == ([], [])


async def test_a_demand_past_the_end_of_the_log_is_no_demand(parked: Api) -> None:
    assert (await parked.fails(FRESH, {"p": at(101)}))[0] == "POSITION_UNKNOWN"


async def test_the_log_is_not_needed_for_it(parked: Api, run: Run) -> None:
    parked.log.error = LogUnavailable()
    result = await run(FRESH, {"p": at(60)})
    assert (result.extensions or {})["consistency"] == stale(41, 19)


async def test_one_that_is_parked_while_it_is_waited_for(parked: Api, run: Run) -> None:
    parked.served.repair()
    parked.freshness.meanwhile = lambda: parked.served.park(BOOK_ID, 55)

    result = await run(FRESH, {"p": at(60)})

    assert result.extensions == {"consistency": stale(54, 6), "degraded": named(("Book", BOOK_ID, 55))}


async def test_a_page_is_as_fresh_as_its_projection_and_names_what_is_not(parked: Api, run: Run) -> None:
    result = await run("query ($p: Position) { books(atLeast: $p) { nodes { id } } }", {"p": at(50)})
    assert result.extensions == {"consistency": {"source": "documents"}, "degraded": named(("Book", BOOK_ID, 42))}


# ---------------------------------------------------------------- what cannot be replayed


@pytest.mark.parametrize("error", [ZeroDivisionError(), MissingDocument("books", BOOK_ID), UnknownEvent("book-eaten", 1)])
async def test_what_cannot_be_folded_is_answered_as_it_is_stored(
    parked: Api, run: Run, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    parked.served.repair()
    parked.freshness.soon, parked.replays.error = 50, error

    with caplog.at_level(logging.WARNING):
        result = await run(FRESH, {"p": at(60)})

    assert (result.data, result.errors) == ({"book": {"title": "Emma"}}, None)
    assert result.extensions == {"consistency": stale(50, 10)}
    [record] = caplog.records
    assert type(error).__name__ in record.__dict__["error"]
    assert record.exc_info is None


async def test_one_that_its_projector_parks_while_it_is_replayed(parked: Api, run: Run) -> None:
    parked.served.repair()
    parked.freshness.soon, parked.replays.error = 50, ZeroDivisionError()
    parked.replays.meanwhile = lambda: parked.served.park(BOOK_ID, 51)

    result = await run(FRESH, {"p": at(60)})

    assert result.extensions == {"consistency": stale(50, 10), "degraded": named(("Book", BOOK_ID, 51))}


# ---------------------------------------------------------------- what is pushed


async def test_a_change_of_a_degraded_document_says_so(parked: Api) -> None:
    parked.served.park(LIBRARY, 61)
    parked.changes.changes = [counted(3), counted(True), Change(ChangeKind.RESYNC, LogPosition(70))]
    pushes = await parked.schema.respond(COUNT, None, parked.context(), None, EVERY)
    assert isinstance(pushes, Pushes)

    compiled, interpreted, resync = [orjson.loads((await anext(pushes)).payload) for _ in range(3)]
    parked.served.repair()
    parked.changes.watching[-1].tell(counted(4))
    repaired = orjson.loads((await anext(pushes)).payload)

    lacking = {"degraded": named(("Library", LIBRARY, 61))}
    assert compiled["extensions"] == interpreted["extensions"] == lacking
    # A truth is no number: graphql-core has made one of it.
    assert [body["data"]["libraryChanged"]["library"]["books"] for body in (compiled, interpreted)] == [3, 1]
    assert "extensions" not in resync
    assert "extensions" not in repaired


async def test_a_snapshot_of_one_that_is_not_there_says_so(parked: Api) -> None:
    parked.served.park(LIBRARY, 1)
    parked.changes.changes = [Change(ChangeKind.SNAPSHOT, LogPosition(50), Key(LIBRARY))]
    pushes = await parked.schema.respond(COUNT, None, parked.context(), None, EVERY)
    assert isinstance(pushes, Pushes)

    body = orjson.loads((await anext(pushes)).payload)

    assert body["extensions"] == {"degraded": named(("Library", LIBRARY, 1))}
