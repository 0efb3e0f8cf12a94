"""A subscriber in graphql-transport-ws: one WebSocket, which tells of each of its frames and reads none of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Self, cast

import orjson

from bench.load import BenchError
from bench.wire.addresses import address
from bench.wire.frames import CLOSE, PING, PONG, TEXT, client_frame, frames

Heard = Callable[[bytearray, int, int], None]
"""Told of a message: a buffer, and where in it the message begins and ends. The buffer is reused."""

_HELLO = (
    b"GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
_SWITCHED = b"HTTP/1.1 101"
_END_OF_HEADERS = b"\r\n\r\n"
_INIT = b'{"type":"connection_init"}'


def subscribe(operation_id: str, query: str, variables: dict[str, object]) -> bytes:
    """The message that begins an operation."""
    payload = {"query": query, "variables": variables}
    return orjson.dumps({"id": operation_id, "type": "subscribe", "payload": payload})


class Subscriber(asyncio.Protocol):
    """Begins `operations` once it is acknowledged; what comes after that is told to `heard`.

    `lost` is called with the reason when the connection ends by itself.
    """

    def __init__(self, operations: Sequence[bytes], heard: Heard, lost: Callable[[BenchError], None]) -> None:
        self._operations = operations
        self._heard = heard
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._take = self._switch
        self._closing = False

    @classmethod
    async def open(cls, url: str, operations: Sequence[bytes], heard: Heard, lost: Callable[[BenchError], None]) -> Self:
        """Connects, and subscribes as soon as the server lets it."""
        loop = asyncio.get_running_loop()
        _, made = await loop.create_connection(lambda: cls(operations, heard, lost), *address(url))
        return made

    def close(self) -> None:
        """Disconnects, without a word."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        # Uvloop's are no subclass.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(_HELLO)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._buffer += data
        self._take()

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        if not self._closing:
            self._lost(BenchError(f"a subscriber was disconnected: {exc}"))

    def _switch(self) -> None:
        end = self._buffer.find(_END_OF_HEADERS)
        if end < 0:
            return
        if not self._buffer.startswith(_SWITCHED):
            self._lost(BenchError(self._buffer.decode(errors="replace")))
            return
        del self._buffer[: end + len(_END_OF_HEADERS)]
        self._take = self._begin
        self._send(TEXT, _INIT)

    def _begin(self) -> None:
        """The first frame is the acknowledgement."""
        for frame in frames(self._buffer):
            del self._buffer[: frame.end]
            self._take = self._read
            for operation in self._operations:
                self._send(TEXT, operation)
            return self._read()
        return None

    def _read(self) -> None:
        done = 0
        for kind, begin, end in frames(self._buffer):
            done = end
            if kind == TEXT:
                self._heard(self._buffer, begin, end)
            elif kind == PING:
                self._send(PONG, bytes(self._buffer[begin:end]))
            elif kind == CLOSE:
                self._closing = True
                self._lost(BenchError(f"the server closed a socket: {bytes(self._buffer[begin:end])!r}"))
        if done:
            del self._buffer[:done]

    def _send(self, kind: int, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(client_frame(kind, payload))
