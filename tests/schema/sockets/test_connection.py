"""Connections: the protocol's messages, what goes on side by side, and how it all ends."""

import asyncio
import gc
import tracemalloc
from functools import reduce
from itertools import count
from typing import Any

import pytest

from projections.kernel.errors import StoreUnavailable
from schema.http import GraphQLApp
from schema.pushes import Pushes
from schema.sockets.connection import Connection
from tests.schema.changing import COUNT, count_of, counted
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, LIBRARY
from tests.schema.sockets.client import PATIENCE, Socket, acknowledged
from tests.schema.sockets.conftest import SHORT

QUERY = "{ library { books } }"
ANSWER = {"data": {"library": {"books": 3}}}
RENAME = f'mutation {{ renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version }} }}'


async def subscribed(socket: Socket, api: Api, operation_id: str = "1", **more: Any) -> None:
    """Subscribes, and waits until the change that everybody is told first has come."""
    api.changes.changes = [counted(1)]
    await socket.subscribe(COUNT, operation_id, **more)
    assert await socket.receive() == {"id": operation_id, "type": "next", "payload": count_of(1)}


async def until_released(api: Api) -> None:
    """Waits until nobody watches any more."""
    for _ in range(500):
        if all(watching.closed for watching in api.changes.watching):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("somebody watches still")


# ---------------------------------------------------------------- operations


@pytest.mark.parametrize(("query", "data"), [(QUERY, ANSWER["data"]), (RENAME, {"renameBook": {"version": 4}})])
async def test_a_query_and_a_mutation_are_answered_and_over(app: GraphQLApp, query: str, data: Any) -> None:
    async with acknowledged(app) as socket:
        await socket.subscribe(query, "a")
        assert await socket.receive() == {"id": "a", "type": "next", "payload": {"data": data}}
        assert await socket.receive() == {"id": "a", "type": "complete"}


async def test_variables_and_names_come_along(app: GraphQLApp) -> None:
    query = "query A { __typename } query B($id: ID!) { book(id: $id) { id } }"
    async with acknowledged(app) as socket:
        await socket.subscribe(query, variables={"id": BOOK_ID}, operationName="B", extensions={"x": 1})
        assert (await socket.receive())["payload"] == {"data": {"book": None}}


async def test_a_subscription_is_pushed_as_it_comes(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api)
        for books in (2, 3):
            api.changes.watching[0].tell(counted(books, 60 + books))
            assert await socket.receive() == {"id": "1", "type": "next", "payload": count_of(books, 60 + books)}


async def test_a_subscription_keeps_nothing_that_it_did_not_ask_for(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api, "a")  # what is compiled, is
        tracemalloc.start()
        try:
            for name in "bc":
                await subscribed(
                    socket, api, name, variables={"unknown": ["x" * 1_000_000]}, extensions={"x": "x" * 100_000}
                )
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert held < 100_000


async def test_operations_go_on_side_by_side(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api, "a")
        await subscribed(socket, api, "b")
        await socket.subscribe(QUERY, "c")
        assert [(await socket.receive())["type"] for _ in range(2)] == ["next", "complete"]
        for watching in api.changes.watching:
            watching.tell(counted(7))
        assert {(await socket.receive())["id"] for _ in range(2)} == {"a", "b"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (COUNT.replace("books", "nope"), "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("", "BAD_USER_INPUT"),
        ('subscription { libraryChanged(after: "x") { kind } }', "BAD_USER_INPUT"),
        (f'subscription {{ libraryChanged(after: "{at(101)}") {{ kind }} }}', "POSITION_UNKNOWN"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_not_executed_is_an_error_and_over(app: GraphQLApp, query: str, code: str) -> None:
    async with acknowledged(app) as socket:
        await socket.subscribe(query)
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("1", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == [code]
        # Nothing more is said of it, and others are executed, under its id too.
        await socket.subscribe(QUERY)
        assert (await socket.receive())["payload"] == ANSWER


async def test_an_answer_with_errors_is_an_answer(app: GraphQLApp, api: Api) -> None:
    api.documents.error = StoreUnavailable("x")
    async with acknowledged(app) as socket:
        await socket.subscribe(f'{{ book(id: "{BOOK_ID}") {{ id }} }}')
        answer = await socket.receive()
    assert answer["type"] == "next"
    assert answer["payload"]["data"] == {"book": None}
    assert answer["payload"]["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"


async def test_what_cannot_be_encoded_is_an_error_with_a_code(
    app: GraphQLApp, api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    api.documents.stored[LIBRARY] = {"id": object(), "books": 3}
    api.documents.stored[BOOK_ID] = {"price": object()}
    async with acknowledged(app) as socket:
        await socket.subscribe(f'{{ book(id: "{BOOK_ID}") {{ price }} }}')
        answer = await socket.receive()
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert answer["payload"][0]["extensions"]["requestId"] in caplog.text


async def test_what_fails_while_it_is_pushed_is_an_error_and_over(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api)
        api.changes.watching[0].fail(StoreUnavailable("x"))
        answer = await socket.receive()
        assert answer["type"] == "error"
        assert answer["payload"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        await until_released(api)


async def test_each_operation_has_a_request_id_of_its_own(app: GraphQLApp, api: Api) -> None:
    api.documents.error = RuntimeError("a secret")
    ids = set()
    async with acknowledged(app) as socket:
        for _ in range(2):
            await socket.subscribe(QUERY)
            ids.add((await socket.receive())["payload"]["errors"][0]["extensions"]["requestId"])
            await socket.receive()
    assert len(ids) == 2


async def test_the_client_completes_what_it_wants_no_more_of(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api)
        await socket.send({"id": "1", "type": "complete"})
        await socket.send({"id": "unknown", "type": "complete"})
        await until_released(api)
        # Its id is free at once.
        await subscribed(socket, api)


async def test_the_last_word_of_what_the_client_completes_is_not_said_to_whoever_has_its_id_next(app: GraphQLApp) -> None:
    async with acknowledged(app) as socket:
        socket.stop_reading()
        await socket.subscribe("{ nope }")
        await socket.until_held()
        await socket.send({"id": "1", "type": "complete"})
        await socket.subscribe(QUERY)
        socket.reads.set()
        assert await socket.receive() == {"id": "1", "type": "next", "payload": ANSWER}
        assert await socket.receive() == {"id": "1", "type": "complete"}


# ---------------------------------------------------------------- messages


async def test_a_ping_is_answered_with_its_payload(app: GraphQLApp) -> None:
    async with acknowledged(app) as socket:
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}
        await socket.send({"type": "ping", "payload": {"at": ["é", 1]}})
        assert await socket.receive() == {"type": "pong", "payload": {"at": ["é", 1]}}


async def test_a_pong_that_nobody_asked_for_is_nothing(app: GraphQLApp) -> None:
    async with acknowledged(app) as socket:
        await socket.send({"type": "pong"})
        await socket.send({"type": "pong", "payload": {}})
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}


SUBSCRIBE = {"id": "1", "type": "subscribe"}
DEEP: dict[str, Any] = reduce(lambda inner, _: {"in": inner}, range(300), {})
NO_MESSAGES: list[Any] = [
    [],
    5,
    {},
    {"type": 5},
    {"type": "start", "id": "1"},
    {"type": "connection_ack"},
    {"type": "next", "id": "1", "payload": {}},
    {"type": "ping", "payload": []},
    {"type": "ping", "payload": DEEP},
    {"type": "pong", "payload": "x"},
    {"type": "complete"},
    {"type": "complete", "id": 1},
    {**SUBSCRIBE, "id": ""},
    {"type": "complete", "id": "x" * 1_001},
    {"type": "subscribe", "payload": {"query": QUERY}},
    SUBSCRIBE,
    {**SUBSCRIBE, "payload": {}},
    {**SUBSCRIBE, "payload": {"query": 5}},
    {**SUBSCRIBE, "payload": {"query": QUERY, "operationName": 5}},
    {**SUBSCRIBE, "payload": {"query": QUERY, "variables": []}},
    {**SUBSCRIBE, "payload": {"query": QUERY, "extensions": "x"}},
]


@pytest.mark.parametrize("message", NO_MESSAGES, ids=lambda message: repr(message)[:60])
async def test_what_is_no_message_closes_the_socket(app: GraphQLApp, message: Any) -> None:
    async with acknowledged(app) as socket:
        await socket.send(message)
        closed = await socket.closed()
    assert closed.code == 4400
    assert closed.reason


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"type": "ping", "payload": {"n": NaN}}', '"\\ud800"'])
async def test_what_is_no_json_closes_the_socket(app: GraphQLApp, text: str) -> None:
    async with acknowledged(app) as socket:
        await socket.send_text(text)
        assert (await socket.closed()).code == 4400


async def test_a_binary_frame_closes_the_socket(app: GraphQLApp) -> None:
    async with acknowledged(app) as socket:
        await socket.send_bytes(b'{"type":"ping"}')
        assert (await socket.closed()).code == 4400


async def test_an_id_that_is_in_use_closes_the_socket(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api, "mine")
        await socket.subscribe(QUERY, "mine")
        closed = await socket.closed()
        assert (closed.code, closed.reason) == (4409, "Subscriber for mine already exists")
        await until_released(api)


# ---------------------------------------------------------------- limits


async def test_one_operation_too_many_is_refused_and_the_others_go_on(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        for name in "abc":
            await subscribed(socket, api, name)
        await socket.subscribe(COUNT, "d")
        answer = await socket.receive()
        assert (answer["id"], answer["type"]) == ("d", "error")
        assert answer["payload"][0]["extensions"]["code"] == "OVERLOADED"
        api.changes.watching[0].tell(counted(9))
        assert (await socket.receive())["id"] == "a"
        await socket.send({"id": "b", "type": "complete"})
        await subscribed(socket, api, "d")


async def test_a_client_that_does_not_read_is_closed_and_may_come_back(strict: GraphQLApp, api: Api) -> None:
    async with acknowledged(strict) as slow, acknowledged(strict) as other:
        await subscribed(slow, api)
        await subscribed(other, api)
        slow.stop_reading()
        for watching in api.changes.watching:
            watching.tell(counted(2))
        assert await other.receive() == {"id": "1", "type": "next", "payload": count_of(2)}

        assert (await slow.closed()).code == 4410

        assert api.changes.watching[0].closed
        assert not api.changes.watching[1].closed


async def test_a_client_that_reads_slowly_is_not(strict: GraphQLApp, api: Api) -> None:
    async with acknowledged(strict) as socket:
        await subscribed(socket, api)
        began = asyncio.get_running_loop().time()
        # Something waits for it all the time, and longer in all than it may take nothing.
        for books in count():
            socket.stop_reading()
            api.changes.watching[0].tell(counted(books))
            await socket.until_held()
            socket.reads.set()
            assert await socket.receive() == {"id": "1", "type": "next", "payload": count_of(books)}
            if asyncio.get_running_loop().time() > began + 2 * SHORT:
                break


async def test_pings_of_a_client_that_does_not_read_are_not_gathered(strict: GraphQLApp) -> None:
    async with acknowledged(strict) as socket:
        socket.stop_reading()
        for _ in range(10):
            await socket.send({"type": "ping"})
        await socket.until_held()
        assert socket.to_app.qsize() == 9
        assert (await socket.closed()).code == 4410


# ---------------------------------------------------------------- how it ends


async def test_a_client_that_leaves_leaves_nothing_behind(app: GraphQLApp, api: Api) -> None:
    before = asyncio.all_tasks()
    async with acknowledged(app) as socket:
        for name in "abc":
            await subscribed(socket, api, name)

    assert all(watching.closed for watching in api.changes.watching)
    assert asyncio.all_tasks() == before
    gc.collect()
    assert [found for found in gc.get_objects() if isinstance(found, Connection | Pushes)] == []


async def test_a_client_that_leaves_while_it_subscribes_leaves_nothing_behind(app: GraphQLApp, api: Api) -> None:
    before = asyncio.all_tasks()
    api.changes.opens.clear()
    async with acknowledged(app) as socket:
        await socket.subscribe(COUNT)
        await asyncio.wait_for(api.changes.asked.wait(), PATIENCE)

    assert api.changes.watching == []
    assert asyncio.all_tasks() == before


async def test_what_is_completed_while_it_is_subscribed_to_is_not_watched(app: GraphQLApp, api: Api) -> None:
    api.changes.opens.clear()
    async with acknowledged(app) as socket:
        before = asyncio.all_tasks()
        await socket.subscribe(COUNT)
        await asyncio.wait_for(api.changes.asked.wait(), PATIENCE)
        await socket.send({"id": "1", "type": "complete"})
        await socket.send({"type": "ping"})
        assert await socket.receive() == {"type": "pong"}
        assert asyncio.all_tasks() == before
        assert api.changes.watching == []
        # Its id is free.
        api.changes.opens.set()
        await subscribed(socket, api)


async def test_when_the_server_stops_clients_are_told_to_come_back(app: GraphQLApp, api: Api) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api, "a")
        await subscribed(socket, api, "b")
        for watching in api.changes.watching:
            watching.close()
        with pytest.raises(Exception, match="1012"):
            # And not that it is complete.
            await socket.receive()


async def test_a_client_that_is_gone_while_it_is_sent_to_is_no_error(
    api: Api, app: GraphQLApp, caplog: pytest.LogCaptureFixture
) -> None:
    async with acknowledged(app) as socket:
        await subscribed(socket, api)
        socket.gone = True
        api.changes.watching[0].tell(counted(2))
        await until_released(api)
    assert caplog.text == ""
