"""What tests ask of the two servers: something written, and found again."""

from typing import Any

import asyncpg
from pymongo import MongoClient

from server.embedded import DatabaseUrls


async def write(urls: DatabaseUrls) -> None:
    """Leave one row, and one document that only a transaction can write, watched by a change stream."""
    connection = await asyncpg.connect(urls.postgres)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS note (text text); INSERT INTO note VALUES ('kept')")
    finally:
        await connection.close()
    with MongoClient[dict[str, Any]](urls.mongo) as client:
        notes = client["oneread"]["notes"]
        with notes.watch() as stream:
            with client.start_session() as session, session.start_transaction():
                notes.insert_one({"text": "kept"}, session=session)
            assert next(stream)["fullDocument"]["text"] == "kept"


async def count(urls: DatabaseUrls) -> tuple[int, int]:
    """Return how many rows and how many documents there are."""
    connection = await asyncpg.connect(urls.postgres)
    try:
        rows = await connection.fetchval("SELECT count(*) FROM note")
    finally:
        await connection.close()
    with MongoClient[dict[str, Any]](urls.mongo) as client:
        return rows, client["oneread"]["notes"].count_documents({})
