"""The contract of generations, on a real MongoDB: how they are dropped, and what a killed owner leaves."""

import asyncio
from collections.abc import Callable

import pytest

from projections.kernel.errors import Fenced, InUse, NotReady
from projections.kernel.generations import Alias, Generation, Purpose
from projections.kernel.mongo.client import Client, awaited
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dropping import seal
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.mongo.transactions import transacted
from projections.kernel.steps import Step
from projections.kernel.storing import Work
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


class Killed(BaseException):
    """What a process dies of."""


async def test_what_is_served_or_worked_on_is_not_dropped(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))
    await store.release(FIRST, "projector")
    with pytest.raises(InUse):
        await generations.drop(FIRST)
    with pytest.raises(InUse):
        await generations.drop(SECOND)

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1, building=2)
    await store.commit(SECOND, "builder", Work(at(5), at(6), []))
    assert await store.claim(FIRST, "projector", LOG) is not None


async def test_a_paused_owner_brings_nothing_back_of_what_is_sealed(
    generations: MongoGenerations, client: Client, collections: Collections
) -> None:
    paused = MongoProjectionStore(client, collections, lease=0.001)
    await generations.prepare(BOOKS, EMPTY)
    await paused.claim(FIRST, "paused", LOG)
    await asyncio.sleep(0.01)

    async with await awaited(client.start_session()) as session:
        await transacted(session, lambda: seal(collections, FIRST.id, session))

    with pytest.raises(Fenced):
        await paused.commit(FIRST, "paused", Work(START, at(5), SHELF[:1]))
    with pytest.raises(NotReady):
        await paused.claim(FIRST, "another", LOG)


DROPPING: list[Step] = [
    "prune: collection dropped",
    "prune: letters dropped",
    "prune: lease dropped",
    "prune: checkpoint dropped",
]


@pytest.mark.parametrize("step", DROPPING)
async def test_who_is_killed_while_dropping_is_followed_by_another_run(
    client: Client,
    collections: Collections,
    generations: MongoGenerations,
    store: MongoProjectionStore,
    mongo_database: str,
    step: Step,
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5), parked=(letter("bok_1"),))
    await store.release(SECOND, "builder")
    dying = MongoGenerations(client, collections, LOG, BORN, steps=dies_at(step))
    with pytest.raises(Killed):
        await dying.drop(SECOND)
    with pytest.raises(NotReady):
        await store.claim(SECOND, "builder", LOG)

    await generations.drop(SECOND)

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    assert [one.generation for one in await generations.standings([BOOKS])] == [FIRST]
    assert SECOND.id not in await collections.database.list_collection_names()
    for left in (collections.leases, collections.dead_letters):
        assert await left.count_documents({"_id": {"$regex": "^" + SECOND.id.replace(".", r"\.")}}) == 0
    assert await generations.begin(BOOKS, Purpose.SERVING) == Generation(BOOKS, 3)


def dies_at(last: Step) -> Callable[[Step], None]:
    def told(step: Step) -> None:
        if step == last:
            raise Killed

    return told


@pytest.mark.parametrize("drops", [True, False])
async def test_what_a_killed_owner_left_open_holds_nobody_up(
    client: Client, collections: Collections, generations: MongoGenerations, drops: bool
) -> None:
    store, killed = (MongoProjectionStore(client, collections, lease=0.0) for _ in range(2))
    await generations.prepare(BOOKS, EMPTY)
    await generations.begin(BOOKS, Purpose.SERVING)
    await killed.claim(SECOND if drops else FIRST, "killed", LOG)
    session = killed._queues[""]._session
    await awaited(session.start_transaction())
    left = SECOND if drops else FIRST
    await collections.checkpoints.update_one({"_id": left.id}, {"$set": {"position": 1}}, session=session)

    # The clock of MongoDB has to pass the end of the lease, by the millisecond that it counts in.
    while await collections.held():
        pass
    async with asyncio.timeout(10):
        if drops:
            await generations.drop(SECOND)
        else:
            await store.claim(SECOND, "builder", LOG)
            await generations.switch(SECOND, "builder")

    alias = await generations.alias(BOOKS)
    assert alias == (Alias(LOG.log_id, serving=1) if drops else Alias(LOG.log_id, serving=2, former=1))
