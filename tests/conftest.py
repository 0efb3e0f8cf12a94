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
