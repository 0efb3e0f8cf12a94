"""A whole backend for each test: databases of its own, migrated, with the bus and the projectors running."""

from collections.abc import AsyncIterator

import pytest

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import Backend, migrate, open_backend


@pytest.fixture
async def urls(postgres_url: str, mongo_url: str) -> DatabaseUrls:
    """Where the test's log and documents are."""
    return DatabaseUrls(postgres=postgres_url, mongo=mongo_url)


@pytest.fixture
def settings(mongo_database: str) -> Settings:
    """The settings of the test's processes."""
    return Settings(mongo_database=mongo_database)


@pytest.fixture
async def backend(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """An empty shop."""
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as opened:
        yield opened
