"""The databases that tests run on: real servers, started once, and a fresh database for each test that asks.

`make test` runs them in several processes, each with servers of its own.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pymongo
import pytest
from hypothesis import HealthCheck, settings

from server.embedded import DatabaseUrls, embedded_servers

# How long an example takes says more about what else the machine does than about what is tested.
settings.register_profile("oneread", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("oneread")

HERE = Path(__file__).parent
LONG = ("system", "bench", "server", "clients", "docs")
"""Folders with tests that take many seconds, the longest first."""
SLOW_TO_MAKE = ("built", "copy", "programs")
"""Fixtures whose tests are all run by one process, since another would have to make the same again."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """For one of several processes: what is long begins first, so that nobody is left with it when the others are done."""
    if not hasattr(config, "workerinput"):
        return
    items.sort(key=_place)
    for item in items:
        for name in SLOW_TO_MAKE:
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))


def _place(item: pytest.Item) -> int:
    folder = item.path.relative_to(HERE).parts[0]
    return LONG.index(folder) if folder in LONG else len(LONG)


@pytest.fixture(scope="session")
def database_urls() -> Iterator[DatabaseUrls]:
    """Both servers: those of the environment when it names both, else embedded ones."""
    postgres = os.environ.get("ONEREAD_TEST_POSTGRES_URL")
    mongo = os.environ.get("ONEREAD_TEST_MONGO_URL")
    if postgres and mongo:
        yield DatabaseUrls(postgres=postgres, mongo=mongo)
        return
    # Not pytest's own folder: that is kept for three runs, and databases are large.
    data_dir = Path(tempfile.mkdtemp(prefix="oneread-tests-"))
    try:
        with embedded_servers(data_dir) as urls:
            yield urls
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


@asynccontextmanager
async def fresh_database(server_url: str) -> AsyncIterator[str]:
    """The URL of a new database on the PostgreSQL server at `server_url`, which is dropped in the end."""
    name = f"t_{secrets.token_hex(8)}"
    server = await asyncpg.connect(server_url)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture
async def postgres_url(database_urls: DatabaseUrls) -> AsyncIterator[str]:
    """The URL of a database that only this test uses."""
    async with fresh_database(database_urls.postgres) as url:
        yield url


@pytest.fixture(scope="session")
def mongo_url(database_urls: DatabaseUrls) -> str:
    """The URL of the MongoDB server; `mongo_database` names a database on it."""
    return database_urls.mongo


@contextmanager
def fresh_documents(server_url: str) -> Iterator[str]:
    """The name of a database that is not there yet on the MongoDB server at `server_url`, and is dropped in the end."""
    name = f"t_{secrets.token_hex(8)}"
    yield name
    with pymongo.MongoClient[dict[str, object]](server_url) as client:
        client.drop_database(name)


@pytest.fixture
def mongo_database(mongo_url: str) -> Iterator[str]:
    """The name of a database that only this test uses."""
    with fresh_documents(mongo_url) as name:
        yield name
