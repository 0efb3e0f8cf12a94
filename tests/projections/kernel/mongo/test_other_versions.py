"""Versions that no code here projects, on a real MongoDB: found by name, and dropped unless somebody works on them."""

import pytest

from projections.kernel.errors import InUse
from projections.kernel.generations import Alias, Generation, Purpose
from projections.kernel.mongo.client import Client
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.other_versions import MongoOtherVersions
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import Projection
from projections.kernel.storing import Work
from projections.kernel.versions import OtherVersion
from tests.projections.kernel.mongo.test_excerpts import BORN, LOG, at
from tests.projections.kernel.mongo.test_pages import BOOKS, SHELF, Book
from write_side.kernel.positions import LogPosition

OLD = Projection(Book, version=7)


@pytest.fixture
def generations(client: Client, collections: Collections) -> MongoGenerations:
    return MongoGenerations(client, collections, LOG, BORN)


@pytest.fixture
def store(client: Client, collections: Collections) -> MongoProjectionStore:
    return MongoProjectionStore(client, collections, lease=60)


@pytest.fixture
def versions(client: Client, collections: Collections) -> MongoOtherVersions:
    return MongoOtherVersions(client, collections)


async def names(collections: Collections) -> set[str]:
    """The collections of documents."""
    found = await collections.database.list_collection_names()
    return {name for name in found if name.startswith(BOOKS.name)}


async def test_an_old_version_is_found_and_dropped_whole(
    generations: MongoGenerations, store: MongoProjectionStore, versions: MongoOtherVersions, collections: Collections
) -> None:
    for projection in (BOOKS, OLD):
        await generations.prepare(projection, LogPosition(0))
    rebuilt = await generations.begin(OLD, Purpose.SERVING)
    await store.claim(rebuilt, "old", LOG)
    await store.commit(rebuilt, "old", Work(at(0), at(5), SHELF[:1]))

    [working] = await versions.find([BOOKS])
    with pytest.raises(InUse):
        await versions.drop(working)
    await store.release(rebuilt, "old")
    [idle] = await versions.find([BOOKS])
    first = Generation(OLD, 1)
    assert idle == OtherVersion(OLD.version_id, BOOKS.name, (first.id, rebuilt.id), LogPosition(5), worked_on=False)
    assert working.worked_on
    assert await names(collections) == {Generation(BOOKS, 1).id, first.id, rebuilt.id}

    await versions.drop(idle)

    assert await versions.find([BOOKS]) == []
    assert await names(collections) == {Generation(BOOKS, 1).id}
    assert await collections.leases.count_documents({}) == await collections.checkpoints.count_documents({}) == 1


async def test_a_version_that_comes_back_begins_anew(generations: MongoGenerations, versions: MongoOtherVersions) -> None:
    await generations.prepare(OLD, LogPosition(0))
    [old] = await versions.find([BOOKS])
    await versions.drop(old)

    await generations.prepare(OLD, LogPosition(3))

    assert await generations.alias(OLD) == Alias(LOG.log_id, None, building=2)
