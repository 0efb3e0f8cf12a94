"""Server-sent events: who gets them, how they are framed, and how they end."""

import asyncio
import json
from typing import Any

import pytest

from projections.kernel.errors import StoreUnavailable
from schema.event_stream import EventStream
from schema.http import GraphQLApp
from schema.negotiation import GRAPHQL_RESPONSE, JSON
from tests.schema.changing import COUNT, count_of, counted
from tests.schema.events import PATIENCE, asked, streamed
from tests.schema.fakes import Api, FakeWatching, at
from tests.schema.library import BOOK_ID, LIBRARY

QUERY = "{ library { books } }"
ANSWER = {"data": {"library": {"books": 3}}}
RENAME = f'mutation {{ renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version }} }}'
URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
COMPLETE = {"event": "complete", "data": None}


@pytest.fixture
def app(api: Api) -> GraphQLApp:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    return GraphQLApp(api.schema, api.services)


def next_(result: Any) -> dict[str, Any]:
    """The event of a result that is no change."""
    return {"event": "next", "data": result}


def pushed(books: int, position: int = 60) -> dict[str, Any]:
    """The event of a change, for a subscriber of `COUNT`."""
    return {"id": at(position), "event": "next", "data": count_of(books, position)}


# ---------------------------------------------------------------- what is sent


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_changes_are_pushed_as_they_come(app: GraphQLApp, api: Api, method: str) -> None:
    api.changes.changes = [counted(1)]
    async with streamed(app, COUNT, method=method) as stream:
        assert stream.status == 200
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.headers["cache-control"] == "no-cache"
        assert stream.headers["x-accel-buffering"] == "no"
        assert stream.headers["vary"].startswith("Accept")
        assert "content-length" not in stream.headers
        assert await stream.event() == pushed(1)
        api.changes.watching[0].tell(counted(2, 61))
        assert await stream.event() == pushed(2, 61)


async def test_an_event_is_lines_that_an_empty_one_ends(app: GraphQLApp, api: Api) -> None:
    api.changes.changes = [counted(1)]
    async with streamed(app, COUNT) as stream:
        # Something comes at once: there are clients that know of no response before.
        assert await stream.text() == ":"
        assert await stream.text() == "\n".join(
            [
                f"id: {at(60)}",
                "event: next",
                f'data: {{"data":{{"libraryChanged":{{"position":"{at(60)}","library":{{"books":1}}}}}}}}',
            ]
        )


async def test_what_cannot_stand_in_a_line_is_escaped(app: GraphQLApp, api: Api) -> None:
    api.documents.stored[BOOK_ID] = {"title": "a\nb\r\n\u2028c"}
    async with streamed(app, f'{{ book(id: "{BOOK_ID}") {{ title }} }}') as stream:
        assert (await stream.event())["data"] == {"data": {"book": {"title": "a\nb\r\n\u2028c"}}}


async def test_a_quiet_stream_is_kept_alive() -> None:
    quiet, sent = FakeWatching([]), asyncio.Queue[Any]()
    told: asyncio.Queue[Any] = asyncio.Queue()
    stream = EventStream([], told.get, sent.put, keep_alive=0.01)
    serving = asyncio.create_task(stream.push(quiet, "request-1"))  # type: ignore[arg-type]  # closes, and is told nothing
    await sent.get()
    assert [(await sent.get())["body"] for _ in range(4)] == [b":\n\n"] * 4
    await told.put({"type": "http.disconnect"})
    await serving


async def test_it_resumes_after_what_an_event_source_has_seen_last(app: GraphQLApp, api: Api) -> None:
    query = f'subscription {{ libraryChanged(after: "{at(10)}") {{ kind }} }}'
    async with streamed(app, query, last_event_id=at(20)):
        pass
    assert [after for _, after in api.changes.calls] == [20]


# ---------------------------------------------------------------- one result


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_query_is_one_result_and_complete(app: GraphQLApp, method: str) -> None:
    async with streamed(app, QUERY, method=method) as stream:
        assert await stream.event() == next_(ANSWER)
        assert await stream.event() == COMPLETE
        assert await stream.event() is None


async def test_so_is_a_mutation_by_post(app: GraphQLApp) -> None:
    async with streamed(app, RENAME) as stream:
        assert stream.headers["oneread-position"] == at(60)
        assert await stream.event() == next_({"data": {"renameBook": {"version": 4}}})
        assert await stream.event() == COMPLETE


async def test_a_mutation_by_get_is_not_executed(app: GraphQLApp, api: Api) -> None:
    async with streamed(app, RENAME, method="GET") as stream:
        assert stream.status == 405
    assert api.commands.executed == []


# An EventSource tells its page nothing of a response that is not 200, and takes it for the end.
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { libraryChanged(after: "x") { kind } }', "BAD_USER_INPUT"),
        (f'subscription {{ libraryChanged(after: "{at(101)}") {{ kind }} }}', "POSITION_UNKNOWN"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_not_executed_is_told_by_events(app: GraphQLApp, query: str, code: str) -> None:
    async with streamed(app, query) as stream:
        assert stream.status == 200
        told = await stream.event()
        assert told["event"] == "next"
        assert [error["extensions"]["code"] for error in told["data"]["errors"]] == [code]
        assert "data" not in told["data"]
        assert await stream.event() == COMPLETE
        assert await stream.event() is None


async def test_what_is_no_request_is_told_by_its_status(app: GraphQLApp) -> None:
    async with streamed(app, "") as stream:
        assert stream.status == 400
        assert stream.headers["content-type"] == f"{JSON}; charset=utf-8"


# ---------------------------------------------------------------- who gets them


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        # Who takes JSON as well gets it, for whatever ends.
        (URQL, QUERY, GRAPHQL_RESPONSE),
        (URQL, RENAME, GRAPHQL_RESPONSE),
        ("text/event-stream, application/json;q=0.1", QUERY, JSON),
        ("text/event-stream, */*;q=0.1", QUERY, JSON),
        (JSON, QUERY, JSON),
        ("text/event-stream", QUERY, "text/event-stream"),
        ("Text/Event-Stream; charset=utf-8", QUERY, "text/event-stream"),
        ("text/event-stream, application/json;q=0", QUERY, "text/event-stream"),
        # And who takes events gets those of a subscription.
        (URQL, COUNT, "text/event-stream"),
        ("text/event-stream", COUNT, "text/event-stream"),
        ("application/json, text/event-stream;q=0.1", COUNT, "text/event-stream"),
        # What is wrong with one ends, too.
        (URQL, "subscription { nope }", GRAPHQL_RESPONSE),
    ],
)
async def test_who_accepts_what(app: GraphQLApp, accept: str, query: str, expected: str) -> None:
    async with streamed(app, query, accept=accept) as stream:
        assert stream.headers["content-type"] == f"{expected}; charset=utf-8"


# Who takes anything would wait for the end of it.
@pytest.mark.parametrize("accept", ["", "*/*", JSON, GRAPHQL_RESPONSE, "text/*", "text/event-stream;q=0, */*"])
async def test_who_does_not_name_events_gets_none(app: GraphQLApp, api: Api, accept: str) -> None:
    async with streamed(app, COUNT, accept=accept) as stream:
        assert stream.status == 406
        assert json.loads(await stream.body())["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert api.changes.calls == []


# ---------------------------------------------------------------- how it ends


async def test_a_client_that_goes_away_leaves_nothing_behind(app: GraphQLApp, api: Api) -> None:
    before = asyncio.all_tasks()
    async with streamed(app, COUNT) as stream:
        await stream.text()
    assert api.changes.watching[0].closed
    assert asyncio.all_tasks() == before


async def test_so_does_one_that_went_away_while_it_subscribed(app: GraphQLApp, api: Api) -> None:
    before = asyncio.all_tasks()
    api.changes.opens.clear()
    async with asked(app, COUNT) as stream:
        await asyncio.wait_for(api.changes.asked.wait(), PATIENCE)
        stream.leave()
        api.changes.opens.set()
    assert [watching.closed for watching in api.changes.watching] == [True]
    assert asyncio.all_tasks() == before


async def test_so_does_one_that_did_not_read(app: GraphQLApp, api: Api) -> None:
    async with streamed(app, COUNT) as stream:
        await stream.text()
        stream.reads.clear()
        for books in range(3):
            api.changes.watching[0].tell(counted(books))
        await asyncio.sleep(0.01)
    assert api.changes.watching[0].closed


async def test_when_the_server_stops_the_stream_ends_and_is_not_complete(app: GraphQLApp, api: Api) -> None:
    async with streamed(app, COUNT) as stream:
        await stream.text()
        api.changes.watching[0].close()
        assert await stream.event() is None


async def test_what_fails_while_it_is_pushed_is_told_and_complete(app: GraphQLApp, api: Api) -> None:
    async with streamed(app, COUNT) as stream:
        api.changes.watching[0].fail(StoreUnavailable("x"))
        told = await stream.event()
        assert told["data"]["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert await stream.event() == COMPLETE
        assert await stream.event() is None
    assert api.changes.watching[0].closed
