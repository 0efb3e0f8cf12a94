"""Whoever watches while another generation is switched to, and a projector goes on: from MongoDB to the watcher."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.commits import Commit
from projections.kernel.documents import ASC, OrderBy
from projections.kernel.errors import Fenced, NotCaughtUp
from projections.kernel.generations import Generation
from projections.kernel.hub import Hub
from projections.kernel.mongo.client import Client
from projections.kernel.mongo.documents import MongoDocuments
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import PageRequest
from projections.kernel.sharing import SharedDocuments
from projections.kernel.storing import Work
from projections.kernel.watching import LiveChanges
from tests.projections.kernel.library import BOOKS
from tests.projections.kernel.live import KEYS_OF_BOOKS, position_of, stored_book
from tests.projections.kernel.mongo.following import FIRST, LOG, SECOND, Projecting, at, following
from write_side.kernel.positions import START, LogPosition

LAST = 40
"""So many events there are."""

BEGUN, SWITCHED = 10, 25
"""So many of them are projected when another generation is begun with, and when it is switched to."""


class Pushing(Projecting):
    """A process that pushes what it hears."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.documents = SharedDocuments(
            MongoDocuments(self.collections, self.serving, self.checkpoints), ids_in_flight=1, pages_in_flight=1
        )
        self.changes = LiveChanges(Hub(LOG), self.documents, self.checkpoints, LOG, pause=0.01)

    def committed(self, commit: Commit) -> None:
        self.changes.committed(commit)

    def missed(self) -> None:
        super().missed()
        self.changes.missed()

    def switched(self, projection: AnyProjection) -> None:
        super().switched(projection)
        self.changes.switched(projection)


@dataclass
class Watcher:
    """One who watches, from a position on, does as it is told, and keeps what it has."""

    process: Pushing
    watched: Watched
    after: LogPosition = START
    held: dict[Key, LogPosition] = field(default_factory=dict)
    seen: dict[Key, LogPosition] = field(default_factory=dict)

    async def watch(self, until: dict[Key, LogPosition]) -> None:
        """Until it has what it should have in the end."""
        async with asyncio.timeout(60):
            changes = await self.process.changes.watch(self.watched, self.after)
            while self.held != until:
                await self._apply(await anext(changes))
            changes.close()

    async def _apply(self, change: Change) -> None:
        assert change.position >= self.after, "a position went back"
        self.after = change.position
        if change.kind is ChangeKind.RESYNC:
            page = await self.process.documents.page(BOOKS, PageRequest(OrderBy("position", ASC), 50))
            assert page.position >= change.position
            self.held = {Key(stored["_id"]): position_of(stored) for stored in page.documents}
        elif change.document is not None and change.key is not None:
            position = position_of(change.document)
            assert position > self.seen.get(change.key, START), "a document went back, or came twice"
            self.held[change.key] = self.seen[change.key] = position


def key_of(position: int) -> Key:
    """The book that an event changes."""
    return KEYS_OF_BOOKS[position % len(KEYS_OF_BOOKS)]


@dataclass
class Folding:
    """Projects into one generation, an event at a time."""

    store: MongoProjectionStore
    generation: Generation
    position: int = 0

    async def go_on(self) -> None:
        """The next event. Raises `Fenced`."""
        after = self.position + 1
        stored = stored_book(key_of(after), after)
        await self.store.commit(self.generation, "me", Work(at(self.position), at(after), [stored]))
        self.position = after


async def project(old: Folding, new: Folding, begun: asyncio.Event, switched: asyncio.Event) -> None:
    """Projects all events into what is served."""
    while old.position < SWITCHED:
        await old.go_on()
        if old.position == BEGUN:
            begun.set()
    await switched.wait()
    with pytest.raises(Fenced):
        await old.go_on()
    while new.position < LAST:
        await new.go_on()


async def rebuild(process: Pushing, old: Folding, new: Folding, begun: asyncio.Event, switched: asyncio.Event) -> None:
    """Catches up with what is served, and takes its place."""
    await begun.wait()
    while not switched.is_set():
        while new.position < old.position:
            await new.go_on()
        with suppress(NotCaughtUp):
            await process.generations.switch(SECOND, "me", same_as=FIRST)
            switched.set()


@asynccontextmanager
async def pushing(process: Pushing) -> AsyncIterator[None]:
    mending = asyncio.create_task(process.changes.run())
    try:
        async with following(process):
            yield
    finally:
        mending.cancel()
        await asyncio.wait([mending])
        await process.documents.close()


async def test_a_switch_while_a_projector_goes_on_and_many_watch(client: Client, mongo_database: str) -> None:
    process = Pushing(client, mongo_database)
    await process.prepare()
    await process.build()
    old = Folding(process.store, FIRST)
    new = Folding(MongoProjectionStore(client, process.collections, lease=60), SECOND)
    await new.store.claim(SECOND, "me", LOG)
    end = {key_of(position): LogPosition(position) for position in range(1, LAST + 1)}
    watchers = [Watcher(process, Watched(BOOKS)) for _ in range(2)]
    ones = [Watcher(process, Watched(BOOKS, key)) for key in KEYS_OF_BOOKS]
    begun, switched = asyncio.Event(), asyncio.Event()

    async with pushing(process):
        watching = [watcher.watch(end) for watcher in watchers]
        watching += [one.watch({key: end[key]}) for one, key in zip(ones, KEYS_OF_BOOKS, strict=True)]
        await asyncio.gather(*watching, project(old, new, begun, switched), rebuild(process, old, new, begun, switched))
        assert process.serving.generation(BOOKS) == SECOND

    assert process.gaps == 1
    assert process.switches == [BOOKS]
