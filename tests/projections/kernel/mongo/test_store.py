"""The contract of the projection store, on a real MongoDB: validators, the fence, leases."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from bson.binary import Binary
from pymongo.errors import BulkWriteError, WriteError

from projections.kernel.errors import Fenced, NotReady
from projections.kernel.mongo.client import Client, awaited, close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.store import TOGETHER, MongoProjectionStore
from projections.kernel.projection import AnyProjection, Key, Projection
from projections.kernel.seeding import born
from projections.kernel.storing import Checkpoint
from server.shop import PROJECTIONS
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF, Book
from tests.system.listener import Listener
from write_side.kernel.errors import LogMismatch
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

LOG = Positions(LogId(UUID(int=7)))
START = Checkpoint(LogPosition(0), None)
SHELVES = Projection(Book, version=2)
NEXT = Checkpoint(LogPosition(3), EventId(UUID(int=3)))


@pytest.fixture
async def store(client: Client, collections: Collections) -> MongoProjectionStore:
    made = MongoProjectionStore(client, collections, lease=60)
    await made.prepare(BOOKS, LOG, {})
    return made


async def test_documents_and_checkpoint_are_written_together(store: MongoProjectionStore) -> None:
    assert await store.claim(BOOKS, "me", LOG) == START

    await store.commit(BOOKS, "me", START, NEXT, SHELF[:3])

    assert await store.claim(BOOKS, "me", LOG) == NEXT
    keys = [Key(stored["_id"]) for stored in SHELF[:4]]
    assert list(await store.load(BOOKS, keys)) == keys[:3]


async def test_a_stale_checkpoint_is_fenced_and_writes_nothing(store: MongoProjectionStore) -> None:
    await store.claim(BOOKS, "me", LOG)
    await store.commit(BOOKS, "me", START, NEXT, SHELF[:1])

    with pytest.raises(Fenced):
        await store.commit(BOOKS, "me", START, NEXT, SHELF[1:2])
    with pytest.raises(Fenced):
        await store.commit(BOOKS, "me", START, NEXT, [])

    assert await store.load(BOOKS, [Key(SHELF[1]["_id"])]) == {}


async def test_another_owner_is_fenced(store: MongoProjectionStore) -> None:
    await store.claim(BOOKS, "me", LOG)

    with pytest.raises(Fenced):
        await store.commit(BOOKS, "other", START, NEXT, SHELF[:1])


async def test_a_lease_keeps_others_out_until_it_is_given_up(store: MongoProjectionStore) -> None:
    await store.claim(BOOKS, "me", LOG)
    assert await store.claim(BOOKS, "other", LOG) is None

    await store.release(BOOKS, "me")

    assert await store.claim(BOOKS, "other", LOG) == START


async def test_a_lease_runs_out_and_the_old_owner_is_fenced(client: Client, collections: Collections) -> None:
    store = MongoProjectionStore(client, collections, lease=0.0)
    await store.prepare(BOOKS, LOG, {})
    await store.claim(BOOKS, "me", LOG)
    # The clock of MongoDB has to pass the end of the lease, by the millisecond that it counts in.
    while await store.claim(BOOKS, "other", LOG) is None:
        pass

    with pytest.raises(Fenced):
        await store.commit(BOOKS, "me", START, NEXT, SHELF[:1])


async def test_a_fan_out_is_read_in_chunks(store: MongoProjectionStore) -> None:
    from projections.kernel.conditions import Condition

    await store.claim(BOOKS, "me", LOG)
    await store.commit(BOOKS, "me", START, NEXT, SHELF)
    soft = Condition.equal("binding", "SOFT")

    first = await store.matching(BOOKS, soft, None, 2)
    rest = await store.matching(BOOKS, soft, Key(first[-1]["_id"]), 100)

    assert [s["_id"] for s in (*first, *rest)] == [s["_id"] for s in SHELF if s["binding"] == "SOFT"]


async def test_the_database_refuses_any_other_shape(store: MongoProjectionStore, collections: Collections) -> None:
    documents = collections.documents(BOOKS)
    for broken in (
        {**SHELF[0], "extra": 1},
        {name: value for name, value in SHELF[0].items() if name != "title"},
        {**SHELF[0], "pages": "10"},
        {**SHELF[0], "price": "1e3"},
        {**SHELF[0], "binding": "LOOSE"},
        {**SHELF[0], "addedAt": "2026-01-01"},
        {**SHELF[0], "id": "ord_x"},
    ):
        with pytest.raises(WriteError, match="failed validation"):
            await documents.insert_one(broken)


async def test_another_log_is_refused(store: MongoProjectionStore) -> None:
    with pytest.raises(LogMismatch):
        await store.claim(BOOKS, "me", Positions(LogId(UUID(int=8))))


async def test_a_projection_that_was_never_prepared_says_so(client: Client, collections: Collections) -> None:
    with pytest.raises(NotReady, match="oneread migrate"):
        await MongoProjectionStore(client, collections).claim(BOOKS, "me", LOG)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda projection: projection.name)
async def test_every_read_model_can_be_prepared_and_prepared_again(
    store: MongoProjectionStore, projection: AnyProjection
) -> None:
    documents = born(projection, LOG, datetime(2026, 1, 1, tzinfo=UTC))

    await store.prepare(projection, LOG, documents)
    await store.prepare(projection, LOG, documents)

    assert dict(await store.load(projection, list(documents))) == dict(documents)
    assert await store.claim(projection, "me", LOG) == replace(START)


@pytest.mark.parametrize("queue", [TOGETHER, None])
async def test_a_transaction_that_a_killed_owner_left_open_does_not_hold_up_the_next(
    client: Client, collections: Collections, queue: str | None
) -> None:
    store, killed = (MongoProjectionStore(client, collections, lease=0.0) for _ in range(2))
    await store.prepare(BOOKS, LOG, {})
    await killed.claim(BOOKS, "killed", LOG)
    session = killed._queues[collections.checkpoint_id(BOOKS) if queue is None else queue]._session
    await awaited(session.start_transaction())
    await collections.checkpoints.update_one({}, {"$set": {"position": 1}}, session=session)

    async with asyncio.timeout(10):
        while await store.claim(BOOKS, "next", LOG) is None:
            pass
        await store.commit(BOOKS, "next", START, NEXT, SHELF[:1])

    assert await store.claim(BOOKS, "next", LOG) == NEXT


async def test_a_session_stays_noted_until_it_is_ended(client: Client, collections: Collections) -> None:
    """Whoever takes over may be killed before it has ended what the one before it left open."""
    store, killed = (MongoProjectionStore(client, collections, lease=0.0) for _ in range(2))
    await store.prepare(BOOKS, LOG, {})
    await killed.claim(BOOKS, "killed", LOG)
    before = (await collections.leases.find_one({}) or {})["sessions"]
    # What taking over begins with.
    await collections.leases.update_one({}, store._lease("soon killed", [Binary(b"x" * 16, 4)]))

    await store.claim(BOOKS, "next", LOG)

    after = (await collections.leases.find_one({}) or {})["sessions"]
    assert len(before) == len(after) == 2
    assert not {bytes(each) for each in before} & {bytes(each) for each in after}


async def test_what_several_have_ready_goes_in_one_transaction(
    mongo_url: str, driver: Driver, mongo_database: str, store: MongoProjectionStore
) -> None:
    listener = Listener()
    client = open_client(mongo_url, driver, [listener])
    heard = MongoProjectionStore(client, Collections(open_database(client, mongo_database)))
    await store.prepare(SHELVES, LOG, {})
    for projection in (BOOKS, SHELVES):
        await heard.claim(projection, "me", LOG)

    await asyncio.gather(
        heard.commit(BOOKS, "me", START, NEXT, SHELF[:1]), heard.commit(SHELVES, "me", START, NEXT, SHELF[1:2])
    )

    assert listener.names.count("commitTransaction") == 1
    await close(client)
    assert await store.claim(BOOKS, "me", LOG) == await store.claim(SHELVES, "me", LOG) == NEXT


async def test_one_that_is_fenced_or_refused_does_not_keep_its_neighbours(store: MongoProjectionStore) -> None:
    await store.prepare(SHELVES, LOG, {})
    for projection in (BOOKS, SHELVES):
        await store.claim(projection, "me", LOG)

    refused, fenced, done = await asyncio.gather(
        store.commit(BOOKS, "me", START, NEXT, [{**SHELF[0], "title": 7}]),
        store.commit(SHELVES, "other", START, NEXT, SHELF[1:2]),
        store.commit(SHELVES, "me", START, NEXT, SHELF[2:3]),
        return_exceptions=True,
    )

    assert isinstance(refused, BulkWriteError)
    assert isinstance(fenced, Fenced)
    assert done is None
    assert await store.claim(BOOKS, "me", LOG) == START
    assert await store.claim(SHELVES, "me", LOG) == NEXT
    assert list(await store.load(SHELVES, [Key(stored["_id"]) for stored in SHELF])) == [SHELF[2]["_id"]]
