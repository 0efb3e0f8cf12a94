"""Subscribers over a real connection: by WebSocket, and by server-sent events."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 20.0


class Watcher:
    """One subscription: the changes as they come."""

    def __init__(self, root: str, messages: AsyncIterator[Any]) -> None:
        self._root = root
        self._messages = messages

    async def change(self) -> Any:
        """The next change."""
        body = await self.body()
        assert "errors" not in body, body
        return body["data"][self._root]

    async def body(self) -> Any:
        """The next response, whatever it is. Raises `StopAsyncIteration` at the end."""
        async with asyncio.timeout(PATIENCE):
            return await anext(self._messages)

    async def until(self, **expected: Any) -> Any:
        """The first change that has these values, and those before it are past."""
        while True:
            change = await self.change()
            if expected.items() <= change.items():
                return change


@asynccontextmanager
async def connected(site: str, *, received: int | None = None) -> AsyncIterator[ClientConnection]:
    """A WebSocket on which both have said hello. Of what is not read, the system takes `received` bytes at most."""
    plain = socket.socket()
    if received is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, received)
    plain.setblocking(False)
    url = urlsplit(site)
    await asyncio.get_running_loop().sock_connect(plain, (url.hostname, url.port))
    protocols = [Subprotocol("graphql-transport-ws")]
    async with connect(f"ws://{url.netloc}/graphql", sock=plain, subprotocols=protocols, proxy=None) as opened:
        await opened.send('{"type":"connection_init"}')
        assert json.loads(await opened.recv()) == {"type": "connection_ack"}
        yield opened


@asynccontextmanager
async def by_socket(site: str, query: str, variables: Mapping[str, Any] | None = None) -> AsyncIterator[Watcher]:
    """A subscriber by WebSocket."""
    async with connected(site) as opened:
        payload = {"query": query, "variables": variables}
        await opened.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))

        async def messages() -> AsyncIterator[Any]:
            async for text in opened:
                message = json.loads(text)
                assert message["type"] in ("next", "error")
                yield message["payload"] if message["type"] == "next" else {"errors": message["payload"]}

        yield Watcher(_root(query), messages())


@asynccontextmanager
async def by_events(
    site: str, query: str, variables: Mapping[str, Any] | None = None, **headers: str
) -> AsyncIterator[Watcher]:
    """A subscriber by server-sent events. Each response has the `id` of its event beside its data."""
    named = {"Accept": "text/event-stream"} | {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"query": query, "variables": variables}
    async with (
        httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client,
        client.stream("POST", f"{site}/graphql", json=body, headers=named) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"

        async def messages() -> AsyncIterator[Any]:
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
                elif line == "" and fields.get("data"):
                    yield {**json.loads(fields["data"]), "id": fields.get("id")}
                    fields = {}

        yield Watcher(_root(query), messages())


def _root(query: str) -> str:
    """The root field of a subscription that is written as one: its name comes first within the braces."""
    return query.partition("{")[2].split("(")[0].split("{")[0].strip()
