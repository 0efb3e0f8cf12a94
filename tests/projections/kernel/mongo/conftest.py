"""Collections in a MongoDB database of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from projections.kernel.mongo.client import Client, open_client, open_database
from projections.kernel.mongo.collections import Collections


@pytest.fixture
async def client(mongo_url: str) -> AsyncIterator[Client]:
    """A client of the replica set."""
    client = open_client(mongo_url)
    yield client
    client.close()


@pytest.fixture
def collections(client: Client, mongo_database: str) -> Collections:
    """The collections of an empty database."""
    return Collections(open_database(client, mongo_database))
