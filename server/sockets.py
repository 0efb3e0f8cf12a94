"""Connections as uvicorn keeps them, except that none of them outlives a client that does not read.

Uvicorn closes a connection once all that was written has been taken. A client that takes nothing would hold on to it, and
to what waits for it, as long as it likes.
"""

import asyncio
import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from schema.sockets.closing import NotReading
from server.settings import Settings

GRACE = 3
"""How long open requests may take when the server stops, in seconds."""

CLOSE_SECONDS = 5.0
"""How long the client of a WebSocket may take to take the rest, and to say goodbye."""

STOP_SECONDS = 0.5
"""The same when the server stops."""

LONGEST_MESSAGE = 2**20
"""Bytes of a WebSocket's message at most, and no more than of a body: a client may send many at once."""


class WebSockets(WebSocketsSansIOProtocol):
    """A WebSocket. Closing waits for nobody, and what the client has not taken soon after is dropped."""

    def __init__(self, config: "ServerConfig", *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        # What is said of each connection is for the log of requests.
        self.logger = self.conn.logger = logging.getLogger("uvicorn.access")
        self.close_timeout = config.close_seconds
        self._end: asyncio.TimerHandle | None = None
        self._pong = b""

    async def send(self, message: ASGISendEvent) -> None:
        """ASGI. Raises `ClientDisconnected` for what comes after the close."""
        if message["type"] == "websocket.close":
            self.writable.set()
        await self.writable.wait()
        if self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def handle_ping(self) -> None:
        """The client wants a pong. While there is no room for it, it waits, and a later one replaces it (RFC 6455, 5.5.3).

        To read nothing meanwhile would keep the client from completing what it does not take.
        """
        self._pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self._answer()

    def handle_close(self, event: Frame) -> None:
        """The client closes."""
        # What was made for the last pong may end with the answer to the close.
        self._answer()
        super().handle_close(event)

    def resume_writing(self) -> None:
        """There is room again."""
        super().resume_writing()
        self._answer()

    def shutdown(self) -> None:
        """The server stops."""
        self.close_timeout = STOP_SECONDS
        super().shutdown()

    def keepalive_timeout(self) -> None:
        """The client does not answer pings: it is told to come back, as clients do after this code and not after 1011."""
        self.pong_timer = self.pending_ping_payload = None
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.fail(NotReading.code, "Client does not answer")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": NotReading.code})

    def _answer(self) -> None:
        pong, self._pong = self._pong, b""
        if pong and not self.close_sent and not self.transport.is_closing():
            self.transport.write(pong)

    def on_task_complete(self, task: "asyncio.Task[None]") -> None:
        """Nobody writes any more: whatever ended the connection, it ends now."""
        super().on_task_complete(task)
        if not self.disconnected:
            self._end = self.loop.call_later(self.close_timeout, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)


class Requests(HttpToolsProtocol):
    """A connection of HTTP. A client that takes nothing of a response is cut off, and the application told that it left."""

    def __init__(self, config: "ServerConfig", *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._stalled_seconds = config.stalled_seconds
        self._left = 0
        self._look: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """There is more to take than the client has taken yet."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """There is room again."""
        self._unwatch()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        self._left = self.transport.get_write_buffer_size()
        self._look = self.loop.call_later(self._stalled_seconds, self._check)

    def _unwatch(self) -> None:
        if self._look is not None:
            self._look.cancel()

    def _check(self) -> None:
        if self.transport.get_write_buffer_size() < self._left:
            self._watch()
        else:
            self.transport.abort()


class ServerConfig(uvicorn.Config):
    """How uvicorn serves an application, by the settings. A client may take nothing of a response for `stalled_seconds`."""

    def __init__(self, app: ASGIApp, settings: Settings, *, close_seconds: float = CLOSE_SECONDS) -> None:
        super().__init__(
            app,
            http=Requests,
            ws=WebSockets,
            ws_max_size=min(settings.max_body_bytes, LONGEST_MESSAGE),
            # It is done anew for each subscriber, and takes longer than all the rest.
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
            server_header=False,
            # Nobody here asks for a client's address.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE,
        )
        self.close_seconds = close_seconds
        self.stalled_seconds = settings.socket_stalled


class Server(uvicorn.Server):
    """A server that calls `stopping` when it begins to stop: what would go on for ever is ended then."""

    def __init__(self, config: ServerConfig, stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops: no more connections, then the last answers, for `GRACE` at most."""
        self._stopping()
        await super().shutdown(sockets)
