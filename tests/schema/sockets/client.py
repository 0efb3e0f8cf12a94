"""A WebSocket client of an ASGI application in the same process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message

PROTOCOL = "graphql-transport-ws"
PATIENCE = 5.0


class Closed(Exception):
    """The application closed the socket, or never accepted it. Carries code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Socket:
    """An open socket. Nothing is taken from the application while `reads` is not set, or from when it is `gone`.

    `held` is set once something waits to be taken.
    """

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        self.protocol: str | None = None
        self.reads = asyncio.Event()
        self.reads.set()
        self.held = asyncio.Event()
        self.gone = False

    async def send(self, content: Any) -> None:
        """Sends JSON."""
        await self.send_text(json.dumps(content))

    async def send_text(self, text: str) -> None:
        """Sends a text."""
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, content: bytes) -> None:
        """Sends a binary frame."""
        await self.to_app.put({"type": "websocket.receive", "bytes": content})

    async def subscribe(self, query: str, operation_id: str = "1", **more: Any) -> None:
        """Sends an operation of any kind."""
        await self.send({"id": operation_id, "type": "subscribe", "payload": {"query": query, **more}})

    def stop_reading(self) -> None:
        """Takes nothing until `reads` is set."""
        self.reads.clear()
        self.held.clear()

    async def until_held(self) -> None:
        """Waits until something waits to be taken."""
        await asyncio.wait_for(self.held.wait(), PATIENCE)

    async def receive(self) -> Any:
        """The next message, from JSON. Raises `Closed`."""
        message = await asyncio.wait_for(self.from_app.get(), PATIENCE)
        if message["type"] == "websocket.close":
            raise Closed(message["code"], message.get("reason", ""))
        return json.loads(message["text"])

    async def closed(self) -> Closed:
        """How the application closes the socket, whatever it sends before."""
        try:
            while True:
                await self.receive()
        except Closed as closed:
            return closed

    async def taken(self, message: Message) -> None:
        """ASGI's send: a close waits for nobody."""
        if self.gone:
            raise OSError
        if message["type"] != "websocket.close" and not self.reads.is_set():
            self.held.set()
            await self.reads.wait()
        await self.from_app.put(message)


@asynccontextmanager
async def connected(app: ASGIApp, *protocols: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """Connects to an application, in these protocols or the usual one. Raises `Closed` when it does not accept."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": list(protocols or (PROTOCOL,)),
    }
    await socket.to_app.put({"type": "websocket.connect"})
    serving = asyncio.create_task(_serve(app, scope, socket))
    try:
        answer = await asyncio.wait_for(socket.from_app.get(), PATIENCE)
        if answer["type"] != "websocket.accept":
            raise Closed(answer["code"], "")
        socket.protocol = answer["subprotocol"]
        yield socket
    finally:
        await socket.to_app.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(serving, PATIENCE)


@asynccontextmanager
async def acknowledged(app: ASGIApp, payload: Mapping[str, Any] | None = None) -> AsyncIterator[Socket]:
    """The same, once both have said hello."""
    async with connected(app) as socket:
        await socket.send({"type": "connection_init", **({} if payload is None else {"payload": payload})})
        assert await socket.receive() == {"type": "connection_ack"}
        yield socket


async def _serve(app: ASGIApp, scope: dict[str, Any], socket: Socket) -> None:
    await app(scope, socket.to_app.get, socket.taken)
