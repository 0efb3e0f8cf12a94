"""The contract of the projection store, on a real MongoDB: dead letters and repairs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from projections.kernel.dead_letters import Remedy
from projections.kernel.errors import Fenced
from projections.kernel.generations import Generation
from projections.kernel.mongo.client import Client, awaited, is_transient
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dead_letters import MongoDeadLetters
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Key
from projections.kernel.storing import Claimed, Work
from tests.projections.kernel.mongo.books import BORN, FIRST, LOG, NEXT, OTHERS, START, claimed, letter, make
from tests.projections.kernel.mongo.test_pages import SHELF
from write_side.kernel.positions import LogPosition


@pytest.fixture
async def store(store: MongoProjectionStore, collections: Collections) -> MongoProjectionStore:
    """The store, with one generation in it."""
    await make(collections, FIRST)
    return store


async def stored_checkpoint(collections: Collections, generation: Generation = FIRST) -> Mapping[str, Any]:
    return await collections.checkpoints.find_one({"_id": generation.id}) or {}


async def test_dead_letters_are_written_with_the_checkpoint(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)
    with pytest.raises(Fenced):
        await store.commit(FIRST, "other", Work(START, NEXT, SHELF[:1], [letter("bok_1")]))
    assert (await claimed(store)).parked == {}

    await store.commit(FIRST, "me", Work(START, NEXT, SHELF[:1], [letter("bok_1"), letter("bok_2")]))

    assert await claimed(store) == Claimed(NEXT, {Key(key): letter(key) for key in ("bok_1", "bok_2")})


async def test_a_letter_alone_is_written_with_the_checkpoint(store: MongoProjectionStore) -> None:
    await store.claim(FIRST, "me", LOG)

    await store.commit(FIRST, "me", Work(START, NEXT, [], [letter("bok_1")]))

    assert await claimed(store) == Claimed(NEXT, {Key("bok_1"): letter("bok_1")})


async def test_a_repair_leaves_the_checkpoint_and_marks_it(store: MongoProjectionStore, collections: Collections) -> None:
    await store.claim(FIRST, "me", LOG)
    await store.commit(FIRST, "me", Work(START, NEXT, [], [letter("bok_1"), letter("bok_2", Remedy.RETRY)]))
    before = await stored_checkpoint(collections)

    await store.commit(FIRST, "me", Work(NEXT, NEXT, SHELF[:1], [letter("bok_2", Remedy.RETRY)], [Key("bok_1")]))

    assert await claimed(store) == Claimed(NEXT, {Key("bok_2"): letter("bok_2")})
    after = await stored_checkpoint(collections)
    assert (before["mended"], after["mended"]) == (None, NEXT.position)
    assert after["movedAt"] == before["movedAt"] is not None


async def test_a_repair_and_somebody_who_takes_over_do_not_both_succeed(
    client: Client, store: MongoProjectionStore, collections: Collections
) -> None:
    """The place does not change: it has to be a write all the same, or both would be committed."""
    await store.claim(FIRST, "me", LOG)
    await store.commit(FIRST, "me", Work(START, NEXT, [], [letter("bok_1")]))
    session = await awaited(client.start_session())
    await awaited(session.start_transaction())
    # What somebody else who has read before reads once more after the repair.
    assert await collections.checkpoints.find_one({"_id": FIRST.id}, session=session) is not None

    await store.commit(FIRST, "me", Work(NEXT, NEXT, SHELF[:1], (), [Key("bok_1")]))

    with pytest.raises(OperationFailure) as raised:
        await collections.checkpoints.update_one({"_id": FIRST.id}, {"$set": {"owner": "other"}}, session=session)
    assert is_transient(raised.value)
    await session.end_session()
    await collections.checkpoints.update_one({"_id": FIRST.id}, {"$set": {"owner": "other"}})
    with pytest.raises(Fenced):
        await store.commit(FIRST, "me", Work(NEXT, NEXT, SHELF[:1]))


async def test_what_is_asked_about_dead_letters_is_found(store: MongoProjectionStore, collections: Collections) -> None:
    await store.claim(FIRST, "me", LOG)
    await store.commit(FIRST, "me", Work(START, NEXT, [], [letter("bok_1"), letter("bok_2")]))
    assert await store.asked(FIRST) == []

    assert await MongoDeadLetters(collections).ask(FIRST, letter("bok_2"), Remedy.DISCARD)

    assert await store.asked(FIRST) == [letter("bok_2", Remedy.DISCARD)]
    assert await store.asked(OTHERS) == []


async def test_what_a_repair_was_asked_for_is_asked_no_more_and_what_was_asked_meanwhile_is(
    store: MongoProjectionStore, collections: Collections
) -> None:
    """About the same event: where the document is parked at another one, nobody has asked anything about that."""
    await store.claim(FIRST, "me", LOG)
    retried = [letter(key, Remedy.RETRY) for key in ("bok_1", "bok_2", "bok_3")]
    await store.commit(FIRST, "me", Work(START, NEXT, [], retried))
    letters = MongoDeadLetters(collections)
    for one in retried:
        assert await letters.ask(FIRST, one, Remedy.RETRY)
    again = [replace(one, attempts=4, tried_at=BORN) for one in retried]
    again[2] = replace(again[2], position=LogPosition(5))
    for one in retried[1:]:
        assert await letters.ask(FIRST, one, Remedy.DISCARD)

    await store.commit(FIRST, "me", Work(NEXT, NEXT, [], again))

    kept = [replace(one, asked=asked) for one, asked in zip(again, (None, Remedy.DISCARD, None), strict=True)]
    assert (await claimed(store)).parked == {one.key: one for one in kept}
