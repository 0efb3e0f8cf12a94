"""Collections in a MongoDB database of its own for each test."""

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from projections.kernel.mongo.client import Client, close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.drivers import Driver


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
