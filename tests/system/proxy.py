"""A door between the service and a database that can be shut: connections through it end, and new ones are refused.

Or nothing gets through, and nobody is told: as if a cable had been pulled out. Or a guard looks at all that passes, and
ends connections wherever it likes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from server.embedded import DatabaseUrls

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Way(Enum):
    """Where something is sent to."""

    THERE = auto()
    """To the database."""
    BACK = auto()
    """From it."""


class Guard(Protocol):
    """Looks at all that passes."""

    def passes(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """What of `data` gets through, and whether that is the end of its connection."""
        ...


class Door:
    """A TCP port on loopback in front of a database. `connect` opens a connection to the database itself."""

    def __init__(self, connect: Callable[[], Awaitable[Streams]], guard: Guard | None = None) -> None:
        self._connect = connect
        self._guard = guard
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
        self._passable.set()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there_reader, there = await self._connect()
        except OSError:
            writer.close()
            return
        self._writers |= {writer, there}
        try:
            await asyncio.gather(self._copy(reader, there, Way.THERE), self._copy(there_reader, writer, Way.BACK))
        finally:
            for one in (writer, there):
                self._writers.discard(one)
                one.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                await self._passable.wait()
                data, is_end = (data, False) if self._guard is None else self._guard.passes(way, data)
                writer.write(data)
                await writer.drain()
                if is_end:
                    break
        writer.close()


@asynccontextmanager
async def door(connect: Callable[[], Awaitable[Streams]], guard: Guard | None = None) -> AsyncIterator[Door]:
    """An open door."""
    made = Door(connect, guard)
    await made.open()
    try:
        yield made
    finally:
        await made.shut()


async def connect_to_postgres(url: str) -> Streams:
    """A connection to the server that a URL names."""
    postgres = urlsplit(url)
    query = parse_qs(postgres.query)
    if "host" in query:
        return await asyncio.open_unix_connection(f"{query['host'][0]}/.s.PGSQL.{query['port'][0]}")
    return await asyncio.open_connection(postgres.hostname, postgres.port)


def through_door(url: str, way: Door) -> str:
    """The URL of a PostgreSQL database through a door."""
    postgres = urlsplit(url)
    return f"postgresql://{postgres.username}@127.0.0.1:{way.port}{postgres.path}?sslmode=disable"


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways to both databases."""

    postgres: Door
    mongo: Door
    urls: DatabaseUrls
    """The databases, through the doors."""


@asynccontextmanager
async def doors_to(urls: Callable[[], DatabaseUrls]) -> AsyncIterator[Doors]:
    """Open doors to both databases, wherever these are at the time."""

    async def to_postgres() -> Streams:
        return await connect_to_postgres(urls().postgres)

    async def to_mongo() -> Streams:
        mongo = urlsplit(urls().mongo)
        return await asyncio.open_connection(mongo.hostname, mongo.port)

    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(door(to)) for to in (to_postgres, to_mongo)]
        through = DatabaseUrls(
            postgres=through_door(urls().postgres, first),
            mongo=f"mongodb://127.0.0.1:{second.port}/?directConnection=true",
        )
        yield Doors(first, second, through)
