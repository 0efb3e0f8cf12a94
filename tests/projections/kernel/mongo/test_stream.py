"""A change stream on a real MongoDB: where it begins."""

import asyncio
from collections.abc import Sequence

from pymongo.write_concern import WriteConcern

from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import find, results
from projections.kernel.mongo.stream import Event, Stream

MANY = 200


async def test_what_came_before_it_began_is_in_what_is_read_then(collections: Collections) -> None:
    database = collections.database
    await database.create_collection("numbers")
    # Acknowledged before anyone reads it: readers see what a majority has written down, which takes a moment more.
    at_once = database["numbers"].with_options(write_concern=WriteConcern(w=1))

    for number in range(0, 20, 2):
        await at_once.insert_one({"_id": number})
        seen: set[int] = set()
        begun, heard = asyncio.Event(), asyncio.Event()

        def hear(events: Sequence[Event], seen: set[int] = seen, heard: asyncio.Event = heard) -> None:
            seen.update(event["documentKey"]["_id"] for event in events)
            if events:
                heard.set()

        following = asyncio.create_task(Stream(database, {"ns.coll": "numbers"}, hear, begun.set).run())
        async with asyncio.timeout(30):
            await begun.wait()
            seen.update(each["_id"] for each in await results(database, find("numbers", {}, {}, MANY)))
            await database["numbers"].insert_one({"_id": number + 1})
            await heard.wait()
        following.cancel()
        await asyncio.wait([following])

        assert number in seen
