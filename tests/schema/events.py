"""A client of server-sent events of an ASGI application in the same process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

PATIENCE = 5.0


class Stream:
    """A response that is being received. Nothing is taken while `reads` is not set."""

    def __init__(self, body: bytes) -> None:
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._to_app.put_nowait({"type": "http.request", "body": body})
        self._text = ""
        self._ended = False
        self.reads = asyncio.Event()
        self.reads.set()
        self.status = 0
        self.headers: dict[str, str] = {}
        self.serving: asyncio.Task[None]

    def ask(self, app: ASGIApp, scope: Mapping[str, Any]) -> None:
        """Sends the request."""
        self.serving = asyncio.create_task(_serve(app, scope, self._to_app, self._taken))

    async def begin(self) -> None:
        """Receives the response's headers."""
        start = await self._part()
        self.status = start["status"]
        self.headers = {name.decode(): value.decode() for name, value in start["headers"]}

    async def text(self) -> str | None:
        """What comes next up to an empty line, without it; None at the end."""
        while "\n\n" not in self._text:
            if self._ended:
                assert self._text == ""
                return None
            self._text += (await self.body()).decode()
        text, _, self._text = self._text.partition("\n\n")
        return text

    async def event(self) -> Any:
        """The next event, by the names of its fields, its data from JSON; None at the end. Comments are passed over."""
        while (text := await self.text()) is not None:
            fields = dict(line.split(":", 1) for line in text.split("\n") if not line.startswith(":"))
            if fields:
                data = fields["data"].removeprefix(" ")
                return {name: value.removeprefix(" ") for name, value in fields.items()} | {
                    "data": json.loads(data) if data else None
                }
        return None

    async def body(self) -> bytes:
        """The next part of the response."""
        part = await self._part()
        self._ended = not part.get("more_body", False)
        return bytes(part["body"])

    def leave(self) -> None:
        """Goes away."""
        self._to_app.put_nowait({"type": "http.disconnect"})

    async def _taken(self, message: Message) -> None:
        await self.reads.wait()
        await self._from_app.put(message)

    async def _part(self) -> Message:
        return await asyncio.wait_for(self._from_app.get(), PATIENCE)


@asynccontextmanager
async def asked(
    app: ASGIApp, query: str, *, method: str = "POST", variables: Mapping[str, Any] | None = None, **headers: str
) -> AsyncIterator[Stream]:
    """An operation that is sent by a client that takes nothing but events, unless its headers say otherwise."""
    content = {"query": query, "variables": json.dumps(variables or {})}
    body = json.dumps({**content, "variables": variables}).encode() if method == "POST" else b""
    named = {"accept": "text/event-stream", "content-type": "application/json"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": urlencode(content).encode() if method == "GET" else b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    stream = Stream(body)
    stream.ask(app, scope)
    try:
        yield stream
    finally:
        stream.leave()
        await asyncio.wait_for(stream.serving, PATIENCE)


@asynccontextmanager
async def streamed(app: ASGIApp, query: str, **more: Any) -> AsyncIterator[Stream]:
    """The response to it."""
    async with asked(app, query, **more) as stream:
        await stream.begin()
        yield stream


async def _serve(app: ASGIApp, scope: Mapping[str, Any], to_app: "asyncio.Queue[Message]", send: Any) -> None:
    await app(dict(scope), to_app.get, send)
