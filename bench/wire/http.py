"""HTTP/1.1 with keep-alive: requests as bytes, answers by their Content-Length."""

import asyncio
from time import perf_counter
from typing import Any, NamedTuple, Self, cast

import orjson

from bench.load import BenchError
from bench.wire.addresses import address

IDLE = 2.0
"""A connection that was idle for so many seconds is not used again: servers close them after five."""

_END_OF_HEADERS = b"\r\n\r\n"
_LENGTH = b"content-length:"
_OK = b"HTTP/1.1 200"


class Answer(NamedTuple):
    """The body of an answer, and when its last byte was there, by `perf_counter`."""

    body: bytes
    at: float

    def json(self) -> Any:
        """What it says."""
        return orjson.loads(self.body)


def post(path: str, body: bytes) -> bytes:
    """A request that posts JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Http(asyncio.Protocol):
    """A connection, for one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[Answer] | None = None
        self.used = perf_counter()
        """When something last came of it, or was sent."""

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connects."""
        _, made = await asyncio.get_running_loop().create_connection(cls, *address(url))
        return made

    async def ask(self, request: bytes) -> Answer:
        """Sends a request and waits for its answer. Raises `BenchError` unless that is a 200."""
        if self._transport is None or self._transport.is_closing():
            raise BenchError("the server has closed a connection")
        self._waiter = asyncio.get_running_loop().create_future()
        self.used = perf_counter()
        self._transport.write(request)
        return await self._waiter

    def close(self) -> None:
        """Disconnects."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        # Uvloop's are no subclass.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        at = self.used = perf_counter()
        self._buffer += data
        begin = self._buffer.find(_END_OF_HEADERS)
        if begin < 0:
            return
        begin += len(_END_OF_HEADERS)
        head = bytes(self._buffer[:begin])
        end = begin + _length(head)
        if len(self._buffer) < end:
            return
        body = bytes(self._buffer[begin:end])
        del self._buffer[:end]
        if head.startswith(_OK):
            self._answer(Answer(body, at))
        else:
            self._fail(BenchError(f"{head.decode(errors='replace')}{body.decode(errors='replace')}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._fail(BenchError(f"a connection was lost: {exc}"))

    def _answer(self, answer: Answer) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    def _fail(self, error: BenchError) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)


class Pool:
    """Connections to one server: as many as there are requests under way, `most` at once."""

    def __init__(self, url: str, most: int) -> None:
        self._url = url
        self._most = most
        self._free: list[Http] = []
        self._opened = 0

    async def ask(self, request: bytes) -> Answer:
        """Sends a request on a connection that is free. Raises `BenchError`, also when all are taken."""
        connection = self._at_hand() or await self._open()
        try:
            return await connection.ask(request)
        finally:
            self._free.append(connection)

    def close(self) -> None:
        """Disconnects all."""
        for connection in self._free:
            connection.close()

    def _at_hand(self) -> Http | None:
        while self._free:
            connection = self._free.pop()
            if perf_counter() - connection.used < IDLE:
                return connection
            connection.close()
            self._opened -= 1
        return None

    async def _open(self) -> Http:
        if self._opened == self._most:
            raise BenchError(f"{self._most} requests are under way and none is answered: the server cannot keep up")
        self._opened += 1
        return await Http.open(self._url)


def _length(head: bytes) -> int:
    lowered = head.lower()
    begin = lowered.find(_LENGTH)
    if begin < 0:
        raise BenchError(f"an answer of unknown length: {head.decode(errors='replace')}")
    begin += len(_LENGTH)
    return int(lowered[begin : lowered.index(b"\r\n", begin)])
