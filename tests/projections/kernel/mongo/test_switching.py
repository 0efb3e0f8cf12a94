"""The contract of generations, on a real MongoDB: which of them is served."""

import asyncio
from uuid import UUID

import pytest

from projections.kernel.errors import Fenced, HasDeadLetters, InUse, NotCaughtUp
from projections.kernel.generations import Alias, Checkpoint, Generation, Purpose, State
from projections.kernel.mongo.client import Client, awaited
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Key
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
from write_side.kernel.positions import LogId, LogPosition, Positions


async def test_a_switch_serves_another_and_fences_the_projector_of_the_last(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))

    await generations.switch(SECOND, "builder")
    await generations.switch(SECOND, "builder")

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=2, former=1)
    with pytest.raises(Fenced):
        await store.commit(FIRST, "projector", Work(at(5), at(6), SHELF[:1]))


async def test_a_switch_takes_the_lease_of_what_was_served(
    generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(5))
    assert await store.renew(FIRST, "projector")

    await generations.switch(SECOND, "builder")

    assert not await store.renew(FIRST, "projector")
    assert await store.renew(SECOND, "builder")


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


@pytest.mark.parametrize(("same_as", "mended"), [(FIRST, 5), (SECOND, 7), (None, 7)], ids=["same", "as another", "not"])
async def test_who_saw_what_was_mended_has_to_read_the_new_one_again(
    generations: MongoGenerations,
    store: MongoProjectionStore,
    collections: Collections,
    same_as: Generation | None,
    mended: int,
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(7))
    await store.commit(FIRST, "projector", Work(at(5), at(5), SHELF[:1], (), [Key("bok_1")]))

    await generations.switch(SECOND, "builder", same_as=same_as)

    assert await mended_at(collections, SECOND) == mended


async def test_what_was_parked_since_it_was_compared_is_mended(
    generations: MongoGenerations, store: MongoProjectionStore, collections: Collections
) -> None:
    await rebuilt(generations, store, old=at(5), new=at(7))
    await store.commit(FIRST, "projector", Work(at(5), at(7), [], [letter("bok_1")]))

    await generations.switch(SECOND, "builder", same_as=FIRST)

    assert await mended_at(collections, SECOND) == 7


async def mended_at(collections: Collections, generation: Generation) -> int | None:
    """From before which position a client has to read again."""
    stored = await collections.checkpoints.find_one({"_id": generation.id})
    assert stored is not None
    found: int | None = stored["mended"]
    return found


OTHER_LOG = Positions(LogId(UUID(int=8)))


async def test_an_alias_of_another_log_stays_until_a_rebuild_is_begun(
    client: Client, collections: Collections, generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await generations.prepare(BOOKS, EMPTY)
    await store.claim(FIRST, "projector", LOG)
    await store.release(FIRST, "projector")
    others = MongoGenerations(client, collections, OTHER_LOG, BORN)

    await others.prepare(BOOKS, LogPosition(9))
    assert await others.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    assert [one.state for one in await others.standings([BOOKS])] == [State.OTHER_LOG]
    assert await others.begin(BOOKS, Purpose.SERVING) == SECOND
    assert await others.alias(BOOKS) == Alias(OTHER_LOG.log_id, serving=None, building=2)
    await store.claim(SECOND, "builder", OTHER_LOG)
    await others.switch(SECOND, "builder")

    assert await others.alias(BOOKS) == Alias(OTHER_LOG.log_id, serving=2)
    standings = await others.standings([BOOKS])
    assert [(one.log, one.state) for one in standings] == [(LOG.log_id, State.LEFT), (OTHER_LOG.log_id, State.SERVED)]


async def test_nobody_takes_over_what_is_served_from_another_log(
    client: Client, collections: Collections, generations: MongoGenerations, store: MongoProjectionStore
) -> None:
    await generations.prepare(BOOKS, EMPTY)
    await store.claim(FIRST, "projector", LOG)
    others = MongoGenerations(client, collections, OTHER_LOG, BORN)

    with pytest.raises(InUse, match="check the database URLs"):
        await others.begin(BOOKS, Purpose.SERVING)

    assert await generations.alias(BOOKS) == Alias(LOG.log_id, serving=1)
    assert [one.generation for one in await generations.standings([BOOKS])] == [FIRST]
