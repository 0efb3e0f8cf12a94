"""Shops that real clients speak with: one with projectors, and one whose read models stand still."""

from collections.abc import AsyncIterator

import pytest

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import Backend, migrate, open_backend
from tests.clients.api import Api, opened_api
from tests.clients.node import NODE, NPM, Programs
from tests.system.serving import served


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs, with the clients that they use."""
    if not NODE or not NPM:
        pytest.skip("no node or no npm here, with which clients are run")
    return Programs(tmp_path_factory.mktemp("clients"))


@pytest.fixture
async def settings(mongo_database: str) -> Settings:
    """The server would wait longer for freshness than any test does: who gets an answer has asked for less."""
    return Settings(mongo_database=mongo_database, fresh_wait=600)


@pytest.fixture
async def urls(postgres_url: str, mongo_url: str) -> DatabaseUrls:
    """Where log and documents are."""
    return DatabaseUrls(postgres=postgres_url, mongo=mongo_url)


@pytest.fixture
async def backend(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """An empty shop."""
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as opened:
        yield opened


@pytest.fixture
async def shop(backend: Backend, settings: Settings) -> AsyncIterator[str]:
    """Where the empty shop is served."""
    async with served(backend, settings) as url:
        yield url


@pytest.fixture
async def unprojected(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[str]:
    """Where a shop is served that no projector works for."""
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=False) as backend, served(backend, settings) as url:
        yield url


@pytest.fixture
async def api(backend: Backend, settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Api]:
    """An API of the shop that can be restarted while the shop goes on: a process of its own, so to speak."""
    async with opened_api(settings, urls) as api:
        yield api
