"""Excerpts of generations at one moment of MongoDB's: reads of a snapshot session. The port `Excerpts`."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from bson.decimal128 import Decimal128
from pymongo.errors import OperationFailure

from projections.kernel.errors import NotReady
from projections.kernel.excerpts import Excerpt
from projections.kernel.generations import Generation
from projections.kernel.mongo.client import Client, Session, awaited, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.places import decode_checkpoint
from projections.kernel.projection import Key
from projections.kernel.shapes import KEYS, Stored

SNAPSHOT_UNAVAILABLE: Final = 246
"""The code of MongoDB's error for a snapshot of before a collection or an index was made: a later one will do."""

TRIES = 50
PAUSE = 0.05


class MongoExcerpts:
    """The port `Excerpts` on MongoDB."""

    def __init__(self, client: Client, collections: Collections) -> None:
        self._client = client
        self._collections = collections

    async def read(self, generations: Sequence[Generation], after: Key | None, limit: int) -> Sequence[Excerpt]:
        """See `Excerpts.read`."""
        with translated():
            for _ in range(TRIES):
                try:
                    return await self._read(generations, after, limit)
                except OperationFailure as error:
                    if error.code != SNAPSHOT_UNAVAILABLE:
                        raise
                await asyncio.sleep(PAUSE)
            return await self._read(generations, after, limit)

    async def _read(self, generations: Sequence[Generation], after: Key | None, limit: int) -> Sequence[Excerpt]:
        session = await awaited(self._client.start_session(snapshot=True))
        try:
            return [await self._excerpt(generation, after, limit, session) for generation in generations]
        finally:
            await session.end_session()

    async def _excerpt(self, generation: Generation, after: Key | None, limit: int, session: Session) -> Excerpt:
        stored = await self._collections.checkpoints.find_one({"_id": generation.id}, session=session)
        if stored is None:
            raise NotReady(f"{generation.id} is not there any more")
        stretch: dict[str, Any] = {} if after is None else {"$gt": after}
        collection = self._collections.documents(generation)
        found = (
            await collection.find({"_id": stretch} if stretch else {}, session=session)
            .sort("_id")
            .limit(limit)
            .to_list(None)
        )
        if len(found) == limit:
            stretch["$lte"] = found[-1]["_id"]
        parked = {"generation": generation.id} | ({"key": stretch} if stretch else {})
        letters = self._collections.dead_letters.find(parked, {"key": True}, session=session)
        documents = {Key(each["_id"]): _with_decimals(each) for each in found}
        return Excerpt(decode_checkpoint(stored), documents, frozenset([Key(each["key"]) async for each in letters]))


def _with_decimals(stored: Stored) -> Stored:
    """Numbers as shapes encode them."""
    keys = stored.get(KEYS)
    if isinstance(keys, dict):
        stored[KEYS] = {name: one.to_decimal() if isinstance(one, Decimal128) else one for name, one in keys.items()}
    return stored
