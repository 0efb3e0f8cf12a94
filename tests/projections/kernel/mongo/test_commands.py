"""Reads as commands: replies past 16 MB, and a connection that died before a read."""

import asyncio
from urllib.parse import urlsplit

import pytest

from projections.kernel.errors import StoreUnavailable
from projections.kernel.mongo.client import Client, Database, close, open_client, open_database, translated
from projections.kernel.mongo.commands import aggregate, find, results
from projections.kernel.mongo.drivers import Driver
from tests.system.proxy import Streams, door

MEGABYTES = 20


@pytest.fixture
def database(client: Client, mongo_database: str) -> Database:
    return open_database(client, mongo_database)


async def test_an_answer_past_one_reply_is_whole(database: Database) -> None:
    text = "x" * 2**20
    for number in range(MEGABYTES):
        await database["large"].insert_one({"_id": number, "text": text})

    found = await results(database, find("large", {}, {}, MEGABYTES, {"_id": -1}))
    gathered = await results(database, aggregate("large", [{"$sort": {"_id": 1}}], MEGABYTES))

    assert [stored["_id"] for stored in found] == list(reversed(range(MEGABYTES)))
    assert [stored["_id"] for stored in gathered] == list(range(MEGABYTES))
    assert await open_cursors(database) == 0


async def test_a_read_leaves_no_cursor_open(database: Database) -> None:
    await database["small"].insert_many([{"_id": number} for number in range(4)])

    for most in (3, 4, 5):
        assert len(await results(database, find("small", {}, {}, most, {"_id": 1}))) == min(most, 4)

    assert await open_cursors(database) == 0


async def test_connections_that_died_are_no_error_and_an_outage_is(mongo_url: str, driver: Driver) -> None:
    async def to_mongo() -> Streams:
        parts = urlsplit(mongo_url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async with door(to_mongo) as way:
        client = open_client(f"mongodb://127.0.0.1:{way.port}/?directConnection=true", driver)
        database = open_database(client, "none")
        assert await results(database, find("none", {}, {}, 1)) == []

        await way.shut()
        await way.open()
        assert await results(database, find("none", {}, {}, 1)) == []

        await way.shut()
        with pytest.raises(StoreUnavailable), translated():
            await results(database, find("none", {}, {}, 1))
        await close(client)


async def open_cursors(database: Database) -> int:
    """Cursors on this database that nobody has read to their end."""
    stages = [{"$currentOp": {"idleCursors": True, "localOps": True}}, {"$match": {"ns": {"$regex": f"^{database.name}"}}}]
    found = await database.client.admin.cursor_command({"aggregate": 1, "pipeline": stages, "cursor": {}})
    return len([one async for one in found if one.get("type") == "idleCursor"])
