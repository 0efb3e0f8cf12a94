"""A WebSocket client of an ASGI application in the same process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Message


class Closed(Exception):
    """The application closed the socket, or never accepted it. Carries the code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


class Socket:
    """An open socket."""

    def __init__(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def send(self, content: Any) -> None:
        """Sends JSON."""
        await self.to_app.put({"type": "websocket.receive", "text": json.dumps(content)})

    async def receive(self) -> Any:
        """The next message, from JSON. Raises `Closed`."""
        message = await asyncio.wait_for(self.from_app.get(), 5)
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        return json.loads(message["text"])


@asynccontextmanager
async def connected(app: ASGIApp, protocol: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[Socket]:
    """Connects to an application. Raises `Closed` when it does not accept."""
    socket = Socket()
    scope = {
        "type": "websocket",
        "path": "/",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "subprotocols": [protocol],
    }
    await socket.to_app.put({"type": "websocket.connect"})
    serving = asyncio.create_task(_serve(app, scope, socket))
    try:
        answer = await asyncio.wait_for(socket.from_app.get(), 5)
        if answer["type"] != "websocket.accept":
            raise Closed(answer["code"])
        yield socket
    finally:
        await socket.to_app.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(serving, 5)


async def _serve(app: ASGIApp, scope: dict[str, Any], socket: Socket) -> None:
    await app(scope, socket.to_app.get, socket.from_app.put)
