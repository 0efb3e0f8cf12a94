"""The contract of the projection store, on a real MongoDB: what it does not take."""

import pytest
from pymongo.errors import WriteError

from projections.kernel.errors import DocumentRefused
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored
from projections.kernel.storing import Work
from tests.projections.kernel.mongo.books import FIRST, LOG, NEXT, START, make, place
from tests.projections.kernel.mongo.test_pages import SHELF


@pytest.fixture
async def store(store: MongoProjectionStore, collections: Collections) -> MongoProjectionStore:
    """The store, with one generation in it."""
    await make(collections, FIRST)
    return store


async def test_the_database_refuses_any_other_shape(store: MongoProjectionStore, collections: Collections) -> None:
    documents = collections.documents(FIRST)
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


TOO_LARGE = {**SHELF[1], "title": "x" * (15 * 1024 * 1024)}
NO_SHAPE = {**SHELF[2], "title": 7}
NO_BSON = {**SHELF[3], "pages": 2**64}


@pytest.mark.parametrize("broken", [TOO_LARGE, NO_SHAPE, NO_BSON], ids=["too large", "no shape", "no BSON"])
async def test_what_the_store_does_not_take_is_said_by_its_key_and_nothing_is_written(
    store: MongoProjectionStore, broken: Stored
) -> None:
    await store.claim(FIRST, "me", LOG)

    with pytest.raises(DocumentRefused) as raised:
        await store.commit(FIRST, "me", Work(START, NEXT, [SHELF[0], broken]))

    assert (raised.value.collection, raised.value.key) == (FIRST.id, broken["_id"])
    assert await place(store) == START
    assert await store.load(FIRST, [Key(SHELF[0]["_id"])]) == {}


async def test_what_may_not_be_stored_is_told_without_storing(store: MongoProjectionStore) -> None:
    # Texts that MongoDB would evaluate, if they were no literals.
    looks_odd = {**SHELF[4], "title": "$title", "isbn": "$$NOW", "tags": ["$$ROOT"]}

    refused = await store.refused(FIRST, [SHELF[0], TOO_LARGE, NO_SHAPE, NO_BSON, looks_odd, {**looks_odd, "$add": [1]}])

    assert refused == {1: "larger than 15 MB", 2: "validator", 3: "a value that BSON has not", 5: "validator"}
    assert await store.refused(FIRST, []) == {}
    assert await store.load(FIRST, [Key(SHELF[0]["_id"])]) == {}


async def test_what_is_too_much_for_one_command_is_asked_in_pieces(store: MongoProjectionStore) -> None:
    large = {**SHELF[0], "title": "x" * (6 * 1024 * 1024)}

    assert await store.refused(FIRST, [large, large, {**large, "pages": "1"}, large]) == {2: "validator"}
