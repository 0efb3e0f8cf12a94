"""The contract of the projection store, on a real MongoDB: the fence, leases, what goes together."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from bson.binary import Binary

from projections.kernel.conditions import Condition
from projections.kernel.errors import DocumentRefused, Fenced, NotReady, StoreUnavailable
from projections.kernel.mongo.client import Client, awaited, close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.store import TOGETHER, MongoProjectionStore
from projections.kernel.projection import Key
from projections.kernel.steps import Step
from projections.kernel.storing import Work
from tests.projections.kernel.mongo.books import (
    FIRST,
    LOG,
    NEXT,
    OTHERS,
    START,
    letter,
    make,
    place,
)
from tests.projections.kernel.mongo.test_pages import SHELF
from tests.system.listener import Listener
from write_side.kernel.errors import LogMismatch
from write_side.kernel.positions import LogId, LogPosition, Positions


@pytest.fixture
async def store(store: MongoProjectionStore, collections: Collections) -> MongoProjectionStore:
    """The store, with one generation in it."""
    await make(collections, FIRST)
    return store


async def test_documents_and_checkpoint_are_written_together(store: MongoProjectionStore) -> None:
    assert await place(store) == START

    await store.commit(FIRST, "me", Work(START, NEXT, SHELF[:3]))

    assert await place(store) == NEXT
    keys = [Key(stored["_id"]) for stored in SHELF[:4]]
    assert list(await store.load(FIRST, keys)) == keys[:3]


async def test_a_stale_checkpoint_is_fenced_and_writes_nothing(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)
    await store.commit(FIRST, "me", Work(START, NEXT, SHELF[:1]))

    with pytest.raises(Fenced):
        await store.commit(FIRST, "me", Work(START, NEXT, SHELF[1:2]))
    with pytest.raises(Fenced):
        await store.commit(FIRST, "me", Work(START, NEXT, []))

    assert await store.load(FIRST, [Key(SHELF[1]["_id"])]) == {}


async def test_another_owner_is_fenced(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)

    with pytest.raises(Fenced):
        await store.commit(FIRST, "other", Work(START, NEXT, SHELF[:1]))


async def test_a_lease_keeps_others_out_until_it_is_given_up(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)
    assert await store.claim(FIRST, "other", LOG) is None

    await store.release(FIRST, "me")

    assert await place(store, owner="other") == START


async def test_a_lease_runs_out_and_the_old_owner_is_fenced(client: Client, collections: Collections) -> None:
    store = MongoProjectionStore(client, collections, lease=0.0)
    await make(collections, FIRST)
    await store.claim(FIRST, "me", LOG)
    # The clock of MongoDB has to pass the end of the lease, by the millisecond that it counts in.
    while await store.claim(FIRST, "other", LOG) is None:
        pass

    with pytest.raises(Fenced):
        await store.commit(FIRST, "me", Work(START, NEXT, SHELF[:1]))


async def test_a_fan_out_is_read_in_chunks(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)
    await store.commit(FIRST, "me", Work(START, NEXT, SHELF))
    soft = Condition.equal("binding", "SOFT")

    first = await store.matching(FIRST, soft, None, 2)
    rest = await store.matching(FIRST, soft, Key(first[-1]["_id"]), 100)

    assert [s["_id"] for s in (*first, *rest)] == [s["_id"] for s in SHELF if s["binding"] == "SOFT"]


async def test_another_log_is_refused(store: MongoProjectionStore) -> None:
    with pytest.raises(LogMismatch):
        await store.claim(FIRST, "me", Positions(LogId(UUID(int=8))))


async def test_a_projection_that_was_never_prepared_says_so(client: Client, collections: Collections) -> None:
    with pytest.raises(NotReady, match="oneread migrate"):
        await MongoProjectionStore(client, collections).claim(FIRST, "me", LOG)


@pytest.mark.parametrize("queue", [TOGETHER, None])
async def test_a_transaction_that_a_killed_owner_left_open_does_not_hold_up_the_next(
    client: Client, collections: Collections, queue: str | None
) -> None:
    store, killed = (MongoProjectionStore(client, collections, lease=0.0) for _ in range(2))
    await make(collections, FIRST)
    await killed.claim(FIRST, "killed", LOG)
    session = killed._queues[FIRST.id if queue is None else queue]._session
    await awaited(session.start_transaction())
    await collections.checkpoints.update_one({}, {"$set": {"position": 1}}, session=session)

    async with asyncio.timeout(10):
        while await store.claim(FIRST, "next", LOG) is None:
            pass
        await store.commit(FIRST, "next", Work(START, NEXT, SHELF[:1]))

    assert await place(store, owner="next") == NEXT


async def test_a_session_stays_noted_until_it_is_ended(client: Client, collections: Collections) -> None:
    """Whoever takes over may be killed before it has ended what the one before it left open."""
    store, killed = (MongoProjectionStore(client, collections, lease=0.0) for _ in range(2))
    await make(collections, FIRST)
    await killed.claim(FIRST, "killed", LOG)
    before = (await collections.leases.find_one({}) or {})["sessions"]
    # What taking over begins with.
    await collections.leases.update_one({}, store._leases.taking("soon killed", [Binary(b"x" * 16, 4)]))

    await store.claim(FIRST, "next", LOG)

    after = (await collections.leases.find_one({}) or {})["sessions"]
    assert len(before) == len(after) == 2
    assert not {bytes(each) for each in before} & {bytes(each) for each in after}


async def test_who_leaves_in_the_middle_of_a_commit_leaves_word_of_its_session(
    client: Client, collections: Collections, store: MongoProjectionStore
) -> None:
    """Whoever comes next ends the transaction, instead of waiting for MongoDB to do so after a minute."""
    await store.claim(FIRST, "leaving", LOG)
    async with await awaited(client.start_session()) as other:
        await awaited(other.start_transaction())
        await collections.checkpoints.update_one({}, {"$inc": {"repairs": 1}}, session=other)
        committing = asyncio.create_task(store.commit(FIRST, "leaving", Work(START, NEXT, SHELF[:1])))
        while not store._queues[TOGETHER].is_at(FIRST):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0)

        await store.release(FIRST, "leaving")

        [left] = (await collections.leases.find_one({}) or {})["sessions"]
        assert bytes(left) == bytes(store._queues[TOGETHER].session_id)
        await other.abort_transaction()
    with suppress(StoreUnavailable):  # it may have tried often enough
        await committing


async def test_what_several_have_ready_goes_in_one_transaction(
    mongo_url: str, driver: Driver, mongo_database: str, collections: Collections, store: MongoProjectionStore
) -> None:
    listener = Listener()
    client = open_client(mongo_url, driver, [listener])
    heard = MongoProjectionStore(client, Collections(open_database(client, mongo_database)))
    await make(collections, OTHERS)
    for generation in (FIRST, OTHERS):
        await heard.claim(generation, "me", LOG)

    await asyncio.gather(
        heard.commit(FIRST, "me", Work(START, NEXT, SHELF[:1])), heard.commit(OTHERS, "me", Work(START, NEXT, SHELF[1:2]))
    )

    assert listener.names.count("commitTransaction") == 1
    await close(client)
    assert await place(store) == await place(store, OTHERS) == NEXT


async def test_one_that_is_fenced_or_refused_does_not_keep_its_neighbours(
    collections: Collections, store: MongoProjectionStore
) -> None:
    await make(collections, OTHERS)
    for generation in (FIRST, OTHERS):
        await store.claim(generation, "me", LOG)

    refused, fenced, done = await asyncio.gather(
        store.commit(FIRST, "me", Work(START, NEXT, [{**SHELF[0], "title": 7}])),
        store.commit(OTHERS, "other", Work(START, NEXT, SHELF[1:2])),
        store.commit(OTHERS, "me", Work(START, NEXT, SHELF[2:3])),
        return_exceptions=True,
    )

    assert isinstance(refused, DocumentRefused)
    assert isinstance(fenced, Fenced)
    assert done is None
    assert await place(store) == START
    assert await place(store, OTHERS) == NEXT
    assert list(await store.load(OTHERS, [Key(stored["_id"]) for stored in SHELF])) == [SHELF[2]["_id"]]


async def test_a_lease_that_was_lost_is_not_renewed(client: Client, collections: Collections) -> None:
    store = MongoProjectionStore(client, collections, lease=0.0)
    await make(collections, FIRST)
    await store.claim(FIRST, "me", LOG)
    assert await store.renew(FIRST, "me", "$waits")
    assert (await collections.leases.find_one({}) or {})["failure"] == "$waits"
    while await store.claim(FIRST, "other", LOG) is None:
        pass

    assert not await store.renew(FIRST, "me", "stopped")
    await store.release(FIRST, "me", "stopped")

    assert (await collections.leases.find_one({}) or {})["failure"] == "$waits"
    await store.release(FIRST, "other")
    assert (await collections.leases.find_one({}) or {})["failure"] is None


async def test_a_condition_on_a_generation_without_indexes_gets_one(
    store: MongoProjectionStore, collections: Collections
) -> None:
    for _ in range(2):
        await store.matching(FIRST, Condition.equal("binding", "SOFT"), None, 10)
    named = [index["key"] for index in (await collections.documents(FIRST).index_information()).values()]
    assert [("binding", 1), ("_id", 1)] in named

    await collections.index(OTHERS)
    before = await collections.documents(OTHERS).index_information()
    await store.matching(OTHERS, Condition.equal("binding", "SOFT"), None, 10)
    assert await collections.documents(OTHERS).index_information() == before


async def test_steps_are_told_of_in_the_order_of_what_is_done(client: Client, collections: Collections) -> None:
    told: list[Step] = []
    store = MongoProjectionStore(client, collections, steps=told.append)
    await make(collections, FIRST)
    await store.claim(FIRST, "me", LOG)
    after = replace(NEXT, position=LogPosition(4))

    for work, steps in (
        (Work(START, NEXT, SHELF[:1]), ["batch: documents written", "batch: checkpoint moved", "batch: committed"]),
        (Work(NEXT, START, []), ["batch: checkpoint moved", "batch: committed"]),
        (
            Work(START, after, SHELF[:1], [letter("bok_1")]),
            ["batch: documents written", "parking: letter written", "batch: checkpoint moved", "parking: committed"],
        ),
        (Work(after, after, SHELF[:1], (), [Key("bok_1")]), ["repair: written", "repair: committed"]),
    ):
        told.clear()
        await store.commit(FIRST, "me", work)
        assert told == steps
