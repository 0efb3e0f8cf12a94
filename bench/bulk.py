"""The ceiling of every rebuild: the log read and decoded as plain JSON, and a plain document per order inserted in bulk.

There is no fold in it, no checkpoint and no transaction.
"""

import asyncio
from typing import Any

import asyncpg
import orjson
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from server.embedded import DatabaseUrls

BATCH = 5_000
COLLECTION = "ceiling"
FIRST = "order-placed"
READ = "select position, stream, type, data::text from oneread.events where position > $1 order by position limit $2"


async def copy_orders(urls: DatabaseUrls, database: str) -> int:
    """Inserts what placed each order. Returns how many events were read."""
    connection = await asyncpg.connect(urls.postgres)
    try:
        async with AsyncMongoClient[dict[str, Any]](urls.mongo) as client:
            return await _copy(connection, client[database][COLLECTION])
    finally:
        await connection.close()


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", documents: AsyncCollection[dict[str, Any]]) -> int:
    position = 0
    storing: asyncio.Future[Any] | None = None
    while rows := await connection.fetch(READ, position, BATCH):
        decoded = [(stream, name, orjson.loads(data)) for _, stream, name, data in rows]
        position = rows[-1][0]
        placed = [{"_id": stream, **data} for stream, name, data in decoded if name == FIRST]
        if storing is not None:
            await storing
            storing = None
        if placed:
            # While the server stores these, the next ones are read.
            storing = asyncio.ensure_future(documents.insert_many(placed, ordered=False))
    if storing is not None:
        await storing
    return position
