"""Who may connect, and in which protocol."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from schema.contexts import Payload
from schema.errors import Forbidden, RequestError, Unauthenticated
from schema.http import GraphQLApp
from tests.schema.fakes import Api
from tests.schema.library import BOOK_ID
from tests.schema.sockets.client import PROTOCOL, Closed, acknowledged, connected
from tests.schema.sockets.conftest import SHORT
from write_side.kernel.outcomes import Caller

RENAME = f'mutation {{ renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version }} }}'


async def test_the_protocol_is_graphql_transport_ws(app: GraphQLApp) -> None:
    async with connected(app, "other", PROTOCOL) as socket:
        assert socket.protocol == PROTOCOL
        await socket.send({"type": "connection_init"})
        assert await socket.receive() == {"type": "connection_ack"}


@pytest.mark.parametrize("protocols", [("graphql-ws",), ("other", "graphql-ws"), ("",)])
async def test_another_protocol_is_not_spoken(app: GraphQLApp, protocols: tuple[str, ...]) -> None:
    async with connected(app, *protocols) as socket:
        assert (await socket.closed()).code == 4406
    # A browser opens what it has asked for, and only then sees the code.
    assert socket.protocol == protocols[0]


async def test_a_client_that_does_not_say_hello_is_closed(hasty: GraphQLApp) -> None:
    async with connected(hasty) as socket:
        await socket.send({"type": "ping"})
        assert (await socket.closed()).code == 4408


async def test_one_that_did_may_be_silent(hasty: GraphQLApp) -> None:
    async with acknowledged(hasty) as socket:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.from_app.get(), 2 * SHORT)


async def test_hello_is_said_once(app: GraphQLApp) -> None:
    async with acknowledged(app) as socket:
        await socket.send({"type": "connection_init"})
        assert (await socket.closed()).code == 4429


async def test_nothing_is_executed_before_hello(app: GraphQLApp, api: Api) -> None:
    async with connected(app) as socket:
        await socket.subscribe(RENAME)
        assert (await socket.closed()).code == 4401
    assert api.commands.executed == []


# ---------------------------------------------------------------- who it is


def by_token(headers: Mapping[str, str], payload: Payload, request_id: str) -> Caller:
    """Callers show a token: in a header, or where there is none to set, in the payload."""
    token = payload.get("token", headers.get("x-token"))
    if token is None:
        raise Unauthenticated("show a token")
    if token != "ann's":
        raise Forbidden("this token is no good")
    return Caller("ann", request_id)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [(None, "show a token"), ({}, "show a token"), ({"token": "bob's"}, "this token is no good")],
)
async def test_whoever_may_not_connect_is_told_so(api: Api, payload: Any, reason: str) -> None:
    async with connected(GraphQLApp(api.schema, api.services, callers=by_token)) as socket:
        await socket.send({"type": "connection_init", "payload": payload})
        closed = await socket.closed()
    assert (closed.code, closed.reason) == (4403, reason)


async def test_whoever_may_is_the_caller_of_all_that_follows(api: Api) -> None:
    app = GraphQLApp(api.schema, api.services, callers=by_token)
    async with acknowledged(app, {"token": "ann's"}) as socket:
        await socket.subscribe(RENAME)
        await socket.receive()
    [(_, caller)] = api.commands.executed
    assert caller.actor == "ann"


async def test_callers_that_fail_are_a_fault_of_ours(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object) -> Caller:
        raise RuntimeError("a secret")

    async with connected(GraphQLApp(api.schema, api.services, callers=broken)) as socket:
        await socket.send({"type": "connection_init"})
        closed = await socket.closed()
    assert (closed.code, closed.reason) == (4500, "Internal server error")
    assert "a secret" in caplog.text


async def test_a_reason_is_cut_to_what_a_frame_holds(api: Api) -> None:
    def nobody(*_: object) -> Caller:
        raise refusal

    refusal: RequestError = Forbidden("é" * 200)
    async with connected(GraphQLApp(api.schema, api.services, callers=nobody)) as socket:
        await socket.send({"type": "connection_init"})
        assert (await socket.closed()).reason == "é" * 61


# ---------------------------------------------------------------- whose page it is


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "shop.test"},
        {"Host": "shop.test", "Origin": "https://shop.test"},
        {"Host": "shop.test:8000", "Origin": "http://shop.test:8000"},
        {"Host": "inside", "Origin": "https://shop.test", "Sec-Fetch-Site": "same-origin"},
        {"Host": "shop.test", "Origin": "https://Friends.test:443"},
    ],
)
async def test_pages_of_this_origin_and_of_those_listed_may_connect(api: Api, headers: dict[str, str]) -> None:
    app = GraphQLApp(api.schema, api.services, allowed_origins=("https://friends.test",))
    async with connected(app, headers=headers) as socket:
        assert socket.protocol == PROTOCOL


@pytest.mark.parametrize("origin", ["http://elsewhere.test", "https://shop.test:444", "null", "https://["])
async def test_pages_of_other_origins_may_not(api: Api, origin: str) -> None:
    app = GraphQLApp(api.schema, api.services, allowed_origins=("https://friends.test",))
    headers = {"Origin": origin, "Host": "shop.test"}
    with pytest.raises(Closed):
        async with connected(app, headers=headers):
            pass


async def test_any_page_may_where_any_is_listed(api: Api) -> None:
    app = GraphQLApp(api.schema, api.services, allowed_origins=("*",))
    async with connected(app, headers={"Origin": "null", "Host": "shop.test"}) as socket:
        assert socket.protocol == PROTOCOL


def test_what_is_listed_is_an_origin(api: Api) -> None:
    with pytest.raises(ValueError, match="shop"):
        GraphQLApp(api.schema, api.services, allowed_origins=("https://shop.test/shop",))
