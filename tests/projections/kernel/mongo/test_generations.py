"""The contract of generations, on a real MongoDB: made, switched and dropped."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import Fenced, HasDeadLetters, InUse, NotCaughtUp, NotReady
from projections.kernel.generations import Alias, Checkpoint, Generation, Purpose, State
from projections.kernel.mongo.client import Client, awaited, close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.seeding import born
from projections.kernel.steps import Step
from projections.kernel.storing import Work
from server.shop import PROJECTIONS
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF
from tests.system.listener import Listener, plan_of
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

LOG = Positions(LogId(UUID(int=7)))
OTHER_LOG = Positions(LogId(UUID(int=8)))
BORN = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = LogPosition(0)
START = Checkpoint(LogPosition(0), None)
FIRST, SECOND = Generation(BOOKS, 1), Generation(BOOKS, 2)


class Killed(BaseException):
    """What a process dies of."""


def at(position: int, partial: str | None = None) -> Checkpoint:
    return Checkpoint(LogPosition(position), EventId(UUID(int=position)), None if partial is None else Key(partial))


def letter(key: str, position: int = 4) -> DeadLetter:
    return DeadLetter(Key(key), LogPosition(position), "BookSold", "KeyError", "books.py:7 sold", 3, BORN)


@pytest.fixture
def generations(client: Client, collections: Collections) -> MongoGenerations:
    return MongoGenerations(client, collections, LOG, BORN)


@pytest.fixture
def store(client: Client, collections: Collections) -> MongoProjectionStore:
    return MongoProjectionStore(client, collections, lease=60)


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


async def test_a_switch_serves_another_and_fences_the_projector_of_the_last(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))

    await generations.switch(SECOND, "builder")
    await generations.switch(SECOND, "builder")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=2, former=1)
    with pytest.raises(Fenced):
        await store.commit(FIRST, "projector", Work(at(5), at(6), SHELF[:1]))


async def test_a_switch_back_has_to_catch_up_first(generations: MongoGenerations, store: MongoProjectionStore) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))
    await generations.switch(SECOND, "builder")
    await store.commit(SECOND, "builder", Work(at(5), at(6), []))
    await store.release(FIRST, "projector")
    await store.claim(FIRST, "back", LOG)
    with pytest.raises(NotCaughtUp):
        await generations.switch(FIRST, "back")
    await store.commit(FIRST, "back", Work(at(5), at(6), []))

    await generations.switch(FIRST, "back")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1, former=2)


@pytest.mark.parametrize(
    ("old", "new"),
    [(at(5), at(4)), (at(5, "bok_1"), at(5)), (at(5), at(5, "bok_1")), (at(5), at(6, "bok_1"))],
    ids=["behind", "within an event", "half an event ahead", "within a later event"],
)
async def test_one_that_could_go_back_in_time_is_not_switched_to(
    generations: MongoGenerations, store: MongoProjectionStore, old: Checkpoint, new: Checkpoint
) -> None:
    await rebuilt(generations, store, old, new)

    with pytest.raises(NotCaughtUp):
        await generations.switch(SECOND, "builder")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1, building=2)
    await store.commit(FIRST, "projector", Work(old, at(6), []))


async def test_one_with_dead_letters_is_switched_to_by_force_only(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5), parked=(letter("bok_1"), letter("bok_2")))
    with pytest.raises(HasDeadLetters) as raised:
        await generations.switch(SECOND, "builder")
    assert raised.value.count == 2

    await generations.switch(SECOND, "builder", force=True)

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=2, former=1)


async def test_only_its_owner_switches_to_it(generations: MongoGenerations, store: MongoProjectionStore) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))

    with pytest.raises(Fenced):
        await generations.switch(SECOND, "somebody else")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1, building=2)


@pytest.mark.parametrize("ahead", [False, True])
async def test_a_move_of_the_last_projector_at_the_same_time_is_seen(
    client: Client, collections: Collections, generations: MongoGenerations, store: MongoProjectionStore, ahead: bool
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))
    session = await awaited(client.start_session())
    await awaited(session.start_transaction())
    moved = {"position": 6} if ahead else {"movedAt": BORN}
    await collections.checkpoints.update_one({"_id": FIRST.id}, {"$set": moved}, session=session)

    switching = asyncio.create_task(generations.switch(SECOND, "builder"))
    await asyncio.sleep(0.03)
    await session.commit_transaction()

    if ahead:
        with pytest.raises(NotCaughtUp):
            await switching
    else:
        await switching
        with pytest.raises(Fenced):
            await store.commit(FIRST, "projector", Work(at(5), at(6), []))
    await session.end_session()


async def test_who_switches_at_the_same_time_to_another_is_fenced(
    client: Client, collections: Collections, generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))
    third = await generations.begin(BOOKS, Purpose.VERIFYING)
    await store.claim(third, "builder", LOG)
    await store.commit(third, "builder", Work(START, at(5), []))

    ended = await asyncio.gather(
        generations.switch(SECOND, "builder"), generations.switch(third, "builder"), return_exceptions=True
    )

    # Both may have got their turn, one after the other.
    assert all(error is None or isinstance(error, Fenced) for error in ended)
    alias = await generations.alias(BOOKS)
    assert alias is not None
    assert alias.serving in (2, 3)
    assert None in ended


@pytest.mark.parametrize(("asked", "mended"), [(False, 5), (True, 7)])
async def test_who_saw_what_was_mended_has_to_read_the_new_one_again(
    generations: MongoGenerations, store: MongoProjectionStore, collections: Collections, asked: bool, mended: int
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(7))
    await store.commit(FIRST, "projector", Work(at(5), at(5), SHELF[:1], (), [Key("bok_1")]))

    await generations.switch(SECOND, "builder", mended=asked)

    stored = await collections.checkpoints.find_one({"_id": SECOND.id})
    assert stored is not None
    assert stored["mended"] == mended


async def test_an_alias_of_another_log_stays_until_a_rebuild_is_begun(
    client: Client, collections: Collections, generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await generations.prepare(BOOKS, EMPTY)
    others = MongoGenerations(client, collections, OTHER_LOG, BORN)

    await others.prepare(BOOKS, LogPosition(9))
    assert await others.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    assert await others.begin(BOOKS, Purpose.SERVING) == SECOND
    assert await others.alias(BOOKS) == Alias(OTHER_LOG.log_id, serving=None, building=2)
    await store.claim(SECOND, "builder", OTHER_LOG)
    await others.switch(SECOND, "builder")

    assert await others.alias(BOOKS) == Alias(OTHER_LOG.log_id, serving=2)
    assert [one.log for one in await others.standings([BOOKS])] == [LOG.log_id, OTHER_LOG.log_id]


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
