"""Generations of books, where they stand, and what is parked: what tests of the store are given."""

from datetime import UTC, datetime
from uuid import UUID

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.generations import Checkpoint, Generation, Purpose
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Key, Projection
from projections.kernel.storing import Claimed, Work
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF, Book
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

LOG = Positions(LogId(UUID(int=7)))
BORN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
EMPTY = LogPosition(0)
START = Checkpoint(LogPosition(0), None)
FIRST, SECOND = Generation(BOOKS, 1), Generation(BOOKS, 2)
OTHERS = Generation(Projection(Book, version=2), 1)


def at(position: int, partial: str | None = None) -> Checkpoint:
    """Where a generation stands, at the event of that position or within the next."""
    return Checkpoint(LogPosition(position), EventId(UUID(int=position)), None if partial is None else Key(partial))


NEXT = at(3)


def letter(key: str, asked: Remedy | None = None) -> DeadLetter:
    """A dead letter of a book."""
    return DeadLetter(Key(key), LogPosition(3), "BookSold", "KeyError", "books.py:7 sold", 3, BORN, asked)


async def make(collections: Collections, generation: Generation) -> None:
    """A generation that is ready to be claimed."""
    await collections.make(generation, Purpose.SERVING, LOG.log_id, {})


async def claimed(store: MongoProjectionStore, generation: Generation = FIRST, owner: str = "me") -> Claimed:
    """A generation as its owner finds it."""
    found = await store.claim(generation, owner, LOG)
    assert found is not None
    return found


async def place(store: MongoProjectionStore, generation: Generation = FIRST, owner: str = "me") -> Checkpoint:
    """Where a generation stands, as its owner finds it."""
    return (await claimed(store, generation, owner)).checkpoint


async def rebuilt(
    generations: MongoGenerations,
    store: MongoProjectionStore,
    old: Checkpoint,
    new: Checkpoint,
    parked: tuple[DeadLetter, ...] = (),
) -> None:
    """The first generation is served and stands at `old`, the second is being built and stands at `new`."""
    await generations.prepare(BOOKS, EMPTY)
    assert await generations.begin(BOOKS, Purpose.SERVING) == SECOND
    for generation, owner, after, letters in ((FIRST, "projector", old, ()), (SECOND, "builder", new, parked)):
        await store.claim(generation, owner, LOG)
        await store.commit(generation, owner, Work(START, after, SHELF[:1], letters))
