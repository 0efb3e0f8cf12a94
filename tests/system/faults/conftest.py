"""A log that is written once, and MongoDB databases for whoever projects it."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pymongo
import pytest

from server.embedded import DatabaseUrls
from tests.conftest import fresh_database
from tests.system.faults.cellar import CODEC, PACE, Place
from tests.system.faults.history import BATCHES, History, a_story
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog


@pytest.fixture(scope="session")
async def story_urls(database_urls: DatabaseUrls) -> AsyncIterator[dict[int, str]]:
    """Where the logs of the stories are, by the size of the batches that they are for. Nobody writes more to them."""
    async with AsyncExitStack() as stack:
        urls = {}
        for batch in BATCHES:
            urls[batch] = await stack.enter_async_context(fresh_database(database_urls.postgres))
            await migrate(urls[batch])
            pool = await open_pool(urls[batch])
            await History(await PostgresLog.open(pool, CODEC)).go_on(a_story(batch))
            await pool.close()
        yield urls


@pytest.fixture
def a_place(story_urls: dict[int, str], mongo_url: str) -> Iterator[Callable[[int], Place]]:
    """Makes places for batches of a size, each with the log of its story and with an empty database for the documents."""
    made: list[str] = []

    def make(batch: int) -> Place:
        made.append(f"t_{secrets.token_hex(8)}")
        urls = DatabaseUrls(postgres=story_urls[batch], mongo=mongo_url)
        return Place(urls, made[-1], replace(PACE, batch=batch))

    yield make
    with pymongo.MongoClient[dict[str, object]](mongo_url) as client:
        for name in made:
            client.drop_database(name)
