"""Reads as commands of MongoDB: one round trip each, and less of the driver's own work than its cursors take.

One reply holds 16 MB: what is more is read again, by a cursor.
"""

from typing import Any

from pymongo.errors import PyMongoError

from projections.kernel.mongo.client import Database, is_retryable
from projections.kernel.shapes import Stored

Command = dict[str, Any]
READ_LIMIT_MS = 5_000
"""The longest that MongoDB may work on one read, in milliseconds."""

# `Database.command` knows neither the limit nor the read concern that the client was opened with.
_ALWAYS: Command = {"maxTimeMS": READ_LIMIT_MS, "readConcern": {"level": "majority"}}


def find(collection: str, query: Command, projection: Command, most: int, sort: Command | None = None) -> Command:
    """The command for at most `most` documents. An empty projection is the whole document."""
    # A batch that could hold one more is the last: MongoDB closes the cursor.
    command = {"find": collection, "filter": query, "limit": most, "batchSize": most + 1}
    if projection:
        command["projection"] = projection
    if sort is not None:
        command["sort"] = sort
    return command | _ALWAYS


def aggregate(collection: str | None, stages: list[Command], most: int) -> Command:
    """The command for the results of a pipeline, which has at most `most`. Without a collection it brings its documents."""
    return {
        "aggregate": 1 if collection is None else collection,
        "pipeline": stages,
        "cursor": {"batchSize": most + 1},
    } | _ALWAYS


async def results(database: Database, command: Command) -> list[Stored]:
    """All that a command of this module finds. Raises PyMongo's errors."""
    try:
        answer = await database.command(command, codec_options=database.codec_options)
    except PyMongoError as error:
        if not is_retryable(error):
            raise
        # The driver tries other reads twice, so that a failover or a connection that died of age is no error; not commands.
        answer = await database.command(command, codec_options=database.codec_options)
    cursor = answer["cursor"]
    if cursor["id"] == 0:
        found: list[Stored] = cursor["firstBatch"]
        return found
    # A cursor of the driver's follows up in its own session, which is why it starts afresh.
    await database.command({"killCursors": cursor["ns"].partition(".")[2], "cursors": [cursor["id"]]})
    whole = await database.cursor_command(command, codec_options=database.codec_options)
    return [stored async for stored in whole]
