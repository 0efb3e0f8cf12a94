"""A projector of books, and what a process hears of it through its feed and its poll, on a real MongoDB."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from projections.kernel.checkpoints import Checkpoints
from projections.kernel.commits import Commit
from projections.kernel.generations import Checkpoint, Generation, Purpose
from projections.kernel.mongo.client import Client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.feed import Feed
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.poll import Poll
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection, Key, Projection
from projections.kernel.serving import Serving
from projections.kernel.shapes import Stored
from projections.kernel.storing import Work
from tests.projections.kernel.library import BOOKS, SHELVES, Book
from write_side.kernel.ids import EventId
from write_side.kernel.positions import START, LogId, LogPosition, Positions

LOG = Positions(LogId(UUID(int=1)))
REPRINTS = Projection(Book, version=2)
FIRST, SECOND, HALLS, OTHERS = Generation(BOOKS, 1), Generation(BOOKS, 2), Generation(SHELVES, 1), Generation(REPRINTS, 1)
Brief = tuple[str, int | None, list[tuple[Key, str | None, bool]]]


def at(position: int, partial: Key | None = None) -> Checkpoint:
    """Where a generation stands: at the log's beginning, at the event of that position, or within the next."""
    return Checkpoint(LogPosition(position), EventId(UUID(int=position)) if position else None, partial)


@dataclass
class Projecting:
    """A projector of books, and what a process hears of it through its feed. The port `Audience`."""

    client: Client
    database: str
    log: Positions = LOG
    commits: list[Commit] = field(default_factory=list)
    gaps: int = 0
    switches: list[AnyProjection] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self.collections = Collections(open_database(self.client, self.database))
        self.store = MongoProjectionStore(self.client, self.collections, lease=60)
        self.generations = MongoGenerations(self.client, self.collections, LOG, datetime(2026, 1, 31, tzinfo=UTC))
        self.serving = Serving([BOOKS, SHELVES, REPRINTS], self.log.log_id)
        self.checkpoints = Checkpoints(self.serving)
        self.poll = Poll(self.collections, self.serving, self.checkpoints)
        self.feed = Feed(self.collections, self.serving, self.checkpoints, self, self.look)

    def committed(self, commit: Commit) -> None:
        self.commits.append(commit)

    def missed(self) -> None:
        self.gaps += 1

    def switched(self, projection: AnyProjection) -> None:
        self.switches.append(projection)

    def look(self) -> None:
        self.looks += 1
        self.poll.soon()

    async def prepare(self) -> None:
        """The first generation of each is made, served and claimed, and this process knows it."""
        for generation in (FIRST, HALLS, OTHERS):
            await self.generations.prepare(generation.projection, START)
            await self.store.claim(generation, "me", LOG)
        await self.poll.refresh()
        self.switches.clear()

    async def commit(self, before: Checkpoint, after: Checkpoint, *stored: Stored, generation: Generation = FIRST) -> None:
        await self.store.commit(generation, "me", Work(before, after, stored))

    async def build(self) -> None:
        """A second generation of books is made and claimed."""
        assert await self.generations.begin(BOOKS, Purpose.SERVING) == SECOND
        await self.store.claim(SECOND, "me", LOG)

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not done():  # noqa: ASYNC110 - what is waited for is not the test's to wake
                await asyncio.sleep(0.01)

    async def heard(self, count: int) -> list[Brief]:
        """The commits, when there are so many."""
        await self.until(lambda: len(self.commits) >= count)
        return [brief(commit) for commit in self.commits]


def brief(commit: Commit) -> Brief:
    """Projection, position, and of each document its title, None if it is gone, and whether it is new."""
    documents = []
    for one in commit.written:
        stored = one.read()
        documents.append((one.key, None if stored is None else stored["title"], one.born))
    return commit.projection.name, commit.position, documents


@asynccontextmanager
async def following(made: Projecting) -> AsyncIterator[Projecting]:
    """With its feed and its poll running, once the feed has begun."""
    running = [asyncio.create_task(made.feed.run()), asyncio.create_task(made.poll.run())]
    try:
        await made.until(lambda: made.gaps > 0)
        yield made
    finally:
        for task in running:
            task.cancel()
        # They do not wait for what MongoDB is asked just now.
        _, going = await asyncio.wait(running, timeout=5)
        assert not going
