"""Collections in a MongoDB database of its own for each test."""

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from projections.kernel.mongo.client import Client, close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from tests.projections.kernel.mongo.books import BORN, LOG


@pytest.fixture(params=get_args(Driver))
def driver(request: pytest.FixtureRequest) -> Driver:
    """Each driver in turn."""
    chosen: Driver = request.param
    return chosen


@pytest.fixture
async def client(mongo_url: str, driver: Driver) -> AsyncIterator[Client]:
    """A client of the replica set."""
    client = open_client(mongo_url, driver)
    yield client
    await close(client)


@pytest.fixture
def collections(client: Client, mongo_database: str) -> Collections:
    """The collections of an empty database."""
    return Collections(open_database(client, mongo_database))


@pytest.fixture
def store(client: Client, collections: Collections) -> MongoProjectionStore:
    """A store whose leases last as long as a test."""
    return MongoProjectionStore(client, collections, lease=60)


@pytest.fixture
def generations(client: Client, collections: Collections) -> MongoGenerations:
    """The generations of the log that `books` is about."""
    return MongoGenerations(client, collections, LOG, BORN)
