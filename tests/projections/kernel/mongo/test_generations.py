"""The contract of generations, on a real MongoDB: how they are made, and how they stand."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest

from projections.kernel.errors import NotReady
from projections.kernel.generations import Alias, Generation, Purpose, State
from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection
from projections.kernel.seeding import born
from projections.kernel.storing import Work
from server.shop import PROJECTIONS
from tests.projections.kernel.mongo.books import (
    BORN,
    EMPTY,
    FIRST,
    LOG,
    SECOND,
    START,
    at,
    letter,
    rebuilt,
)
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF
from tests.system.listener import Listener, plan_of
from write_side.kernel.positions import LogPosition


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
async def test_every_read_model_can_be_prepared_and_prepared_again(
    generations: MongoGenerations, store: MongoProjectionStore, projection: AnyProjection
) -> None:
    await generations.prepare(projection, EMPTY)
    await generations.prepare(projection, EMPTY)

    assert await generations.alias(projection) == Alias(LOG.log_id, serving=1)
    claimed = await store.claim(Generation(projection, 1), "me", LOG)
    assert claimed is not None
    assert (claimed.checkpoint, claimed.parked) == (START, {})
    documents = born(projection, LOG, BORN)
    assert dict(await store.load(Generation(projection, 1), list(documents))) == dict(documents)


async def test_several_prepare_one_generation(generations: MongoGenerations) -> None:
    await asyncio.gather(*(generations.prepare(BOOKS, EMPTY) for _ in range(4)))

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    assert [one.generation for one in await generations.standings([BOOKS])] == [FIRST]


async def test_on_a_log_with_events_a_first_generation_is_to_be_built(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await generations.prepare(BOOKS, LogPosition(9))
    await generations.prepare(BOOKS, LogPosition(10))
    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=None, building=1)

    await store.claim(FIRST, "builder", LOG)
    await store.commit(FIRST, "builder", Work(START, at(9), SHELF))
    await generations.complete(FIRST)
    await generations.switch(FIRST, "builder")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)


async def test_indexes_come_when_it_is_complete(generations: MongoGenerations, collections: Collections) -> None:
    generation = await generations.begin(BOOKS, Purpose.SERVING)
    documents = collections.documents(generation)
    assert len(await documents.index_information()) == 1

    await generations.complete(generation)
    await generations.complete(generation)

    assert "search" in await documents.index_information()


async def test_one_that_was_begun_is_gone_on_with(
    generations: MongoGenerations, store: MongoProjectionStore, collections: Collections
) -> None:
    await generations.prepare(BOOKS, EMPTY)
    assert await generations.begin(BOOKS, Purpose.SERVING) == SECOND
    # As it is left by somebody who is killed before it is made whole.
    await collections.leases.delete_one({"_id": SECOND.id})
    with pytest.raises(NotReady):
        await store.claim(SECOND, "builder", LOG)

    assert await generations.begin(BOOKS, Purpose.SERVING) == SECOND

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1, building=2)
    assert await store.claim(SECOND, "builder", LOG) is not None


async def test_one_to_compare_with_is_nobody_elses(generations: MongoGenerations, store: MongoProjectionStore) -> None:
    await generations.prepare(BOOKS, EMPTY)

    begun = [await generations.begin(BOOKS, Purpose.VERIFYING) for _ in range(2)]

    assert begun == [Generation(BOOKS, 2), Generation(BOOKS, 3)]
    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    await store.claim(begun[0], "me", LOG)
    states = [one.state for one in await generations.standings([BOOKS])]
    assert states == [State.SERVED, State.BUILDING, State.LEFT]


async def test_how_all_stand_is_one_command_led_by_indexes(
    mongo_url: str, driver: Driver, mongo_database: str, generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(7), new=at(5), parked=(letter("bok_1"),))
    await store.renew(FIRST, "projector", "$stopped")
    await store.release(SECOND, "builder", "waits")
    listener = Listener()
    client = open_client(mongo_url, driver, [listener])
    heard = Collections(open_database(client, mongo_database))

    first, second = await MongoGenerations(client, heard, LOG, BORN).standings([PROJECTIONS[0], BOOKS])

    [command] = [each for each in listener.commands if next(iter(each)) == "aggregate"]
    assert len(listener.commands) == 1
    plan = await plan_of(client.get_database(mongo_database), command)
    await close(client)
    assert plan.uses_an_index
    assert (first.generation, first.state, first.log, first.checkpoint) == (FIRST, State.SERVED, LOG.log_id, at(7))
    assert (first.owner, first.failure, first.dead_letters) == ("projector", "$stopped", 0)
    assert (second.generation, second.state, second.checkpoint) == (SECOND, State.BUILDING, at(5))
    assert (second.owner, second.failure, second.dead_letters) == (None, "waits", 1)
    assert first.moved_at is not None
    assert abs(first.moved_at - datetime.now(UTC)).total_seconds() < 600


async def test_generations_of_before_there_were_aliases_are_gone_on_with(
    generations: MongoGenerations, store: MongoProjectionStore, collections: Collections
) -> None:
    old = {"log": LOG.log_id.hex, "position": 5, "eventId": UUID(int=5).hex, "partial": None, "owner": None}
    await collections.checkpoints.insert_one({"_id": FIRST.id, **old})
    await collections.leases.insert_one({"_id": FIRST.id, "owner": None, "until": None, "sessions": []})

    await generations.prepare(BOOKS, LogPosition(9))

    [standing] = await generations.standings([BOOKS])
    assert (standing.state, standing.checkpoint) == (State.BUILDING, at(5))
    assert (await collections.checkpoints.find_one({}) or {})["mended"] is None
    await store.claim(FIRST, "builder", LOG)
    await store.commit(FIRST, "builder", Work(at(5), at(9), SHELF))
    await generations.switch(FIRST, "builder")
    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)
