"""A whole backend for each test or module: databases of its own, migrated, with the bus and the projectors running."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.documents import MongoDocuments
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.statuses import LoggedStatuses
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, migrate, open_backend, shared
from tests.conftest import fresh_database, fresh_documents
from tests.system.client import Client, client_of
from tests.system.listener import Awaited, Listener


@pytest.fixture
async def urls(postgres_url: str, mongo_url: str) -> DatabaseUrls:
    """Where the test's log and documents are."""
    return DatabaseUrls(postgres=postgres_url, mongo=mongo_url)


@pytest.fixture
def driver() -> Driver:
    """What speaks to MongoDB. Modules that try every driver have a fixture of their own."""
    return "motor"


@pytest.fixture
def settings(mongo_database: str, driver: Driver) -> Settings:
    """The settings of the test's processes."""
    return Settings(mongo_database=mongo_database, mongo_driver=driver)


@pytest.fixture
def listener() -> Listener:
    """Hears the reads of `heard`."""
    return Listener()


@pytest.fixture
async def backend(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """An empty shop."""
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as opened:
        yield opened


@pytest.fixture(scope="module")
async def standing(database_urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """One shop for all tests of a module, each of which takes it as it finds it: a new one takes a second."""
    async with fresh_database(database_urls.postgres) as log:
        with fresh_documents(database_urls.mongo) as documents:
            settings, urls = Settings(mongo_database=documents), DatabaseUrls(postgres=log, mongo=database_urls.mongo)
            await migrate(settings, urls)
            async with open_backend(settings, urls, project=True) as opened:
                yield opened


@pytest.fixture
async def reads(backend: Backend, urls: DatabaseUrls, settings: Settings, listener: Listener) -> AsyncIterator[Awaited]:
    """Reads of the empty shop through a connection of their own, that `listener` hears."""
    mongo = open_client(urls.mongo, settings.mongo_driver, listeners=[listener])
    collections = Collections(open_database(mongo, settings.mongo_database))
    log = backend.log
    generations = MongoGenerations(mongo, collections, log.positions, log.created_at)
    yield Awaited(
        MongoDocuments(collections, backend.serving, backend.checkpoints),
        LoggedStatuses(PROJECTIONS, generations, log, log.positions),
    )
    await close(mongo)


@pytest.fixture
async def heard(backend: Backend, settings: Settings, reads: Awaited) -> AsyncIterator[Client]:
    """A client of the empty shop whose reads, and nothing else, `listener` hears."""
    documents = shared(reads, settings.mongo_driver)
    async with client_of(replace(backend, documents=documents, statuses=reads), settings) as client:
        yield client
