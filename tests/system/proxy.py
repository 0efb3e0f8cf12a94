"""A door between the service and a database that can be shut: connections through it end, and new ones are refused.

Or nothing gets through, and nobody is told: as if a cable had been pulled out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Door:
    """A TCP port on loopback in front of a database. `connect` opens a connection to the database itself."""

    def __init__(self, connect: Callable[[], Awaitable[Streams]]) -> None:
        self._connect = connect
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passable = asyncio.Event()
        self._passable.set()
        self.port = 0

    async def open(self) -> None:
        """Lets connections through, on the same port as before."""
        self._passable.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    def hold(self) -> None:
        """Keeps what is sent until it is opened again."""
        self._passable.clear()

    async def shut(self) -> None:
        """Ends what is connected, and refuses what comes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await self._connect()
        self._writers |= {writer, there}
        try:
            await asyncio.gather(self._copy(reader, there), self._copy(there_reader, writer))
        finally:
            for one in (writer, there):
                self._writers.discard(one)
                one.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._passable.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def door(connect: Callable[[], Awaitable[Streams]]) -> AsyncIterator[Door]:
    """An open door."""
    made = Door(connect)
    await made.open()
    try:
        yield made
    finally:
        await made.shut()
