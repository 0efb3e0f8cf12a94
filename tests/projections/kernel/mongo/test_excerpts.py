"""Excerpts on a real MongoDB: all of one moment, and with the values that shapes encode."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import NotReady
from projections.kernel.generations import Checkpoint, Generation, Purpose
from projections.kernel.mongo.client import Client
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.excerpts import MongoExcerpts
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Key
from projections.kernel.storing import Work
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

LOG = Positions(LogId(UUID(int=7)))
BORN = datetime(2026, 1, 1, tzinfo=UTC)
BY_KEY = sorted(SHELF, key=lambda stored: str(stored["_id"]))
KEYS = [Key(stored["_id"]) for stored in BY_KEY]


def at(position: int) -> Checkpoint:
    return Checkpoint(LogPosition(position), EventId(UUID(int=position)) if position else None)


@pytest.fixture
def excerpts(client: Client, collections: Collections) -> MongoExcerpts:
    return MongoExcerpts(client, collections)


@pytest.fixture
def store(client: Client, collections: Collections) -> MongoProjectionStore:
    return MongoProjectionStore(client, collections, lease=60)


async def begun(client: Client, collections: Collections, store: MongoProjectionStore) -> Generation:
    """A new generation, claimed."""
    generations = MongoGenerations(client, collections, LOG, BORN)
    made = await generations.begin(BOOKS, Purpose.VERIFYING)
    assert await store.claim(made, "me", LOG)
    return made


async def test_stretches_of_two_generations(
    client: Client, collections: Collections, store: MongoProjectionStore, excerpts: MongoExcerpts
) -> None:
    one, other = [await begun(client, collections, store) for _ in range(2)]
    letters = [DeadLetter(key, LogPosition(3), "BookSold", "KeyError", "", 3, BORN) for key in (KEYS[1], KEYS[-1])]
    await store.commit(one, "me", Work(at(0), at(5), SHELF, letters))
    await store.commit(other, "me", Work(at(0), at(2), BY_KEY[:2]))

    first, short = await excerpts.read([one, other], None, 3)
    rest, none = await excerpts.read([one, other], KEYS[2], 1_000)

    assert list(first.documents.items()) == list(zip(KEYS[:3], BY_KEY[:3], strict=True))
    assert (first.checkpoint, first.parked) == (at(5), {KEYS[1]})
    assert (list(short.documents), short.checkpoint, short.parked) == (KEYS[:2], at(2), set())
    assert (list(rest.documents.values()), rest.parked) == (BY_KEY[3:], {KEYS[-1]})
    assert (none.documents, none.parked) == ({}, set())


async def test_documents_and_checkpoints_are_of_one_moment(
    client: Client, collections: Collections, store: MongoProjectionStore, excerpts: MongoExcerpts
) -> None:
    one, other = [await begun(client, collections, store) for _ in range(2)]

    async def write(generation: Generation) -> None:
        for position in range(40):
            changed = {**BY_KEY[0], "pages": position + 1}
            await store.commit(generation, "me", Work(at(position), at(position + 1), [changed]))

    writing = asyncio.gather(write(one), write(other))
    seen = set()
    while not writing.done():
        for excerpt in await excerpts.read([one, other], None, 10):
            position = excerpt.checkpoint.position
            seen.add(position)
            assert [stored["pages"] for stored in excerpt.documents.values()] == ([position] if position else [])
    await writing
    assert len(seen) > 1


async def test_what_is_not_there(excerpts: MongoExcerpts) -> None:
    with pytest.raises(NotReady):
        await excerpts.read([Generation(BOOKS, 7)], None, 10)
