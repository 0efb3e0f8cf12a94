"""Writes for projectors: documents and their checkpoint in one transaction. The port `ProjectionStore`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument

from projections.kernel.conditions import Condition
from projections.kernel.errors import Fenced, NotReady
from projections.kernel.mongo.client import Client, awaited, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commits import Commits, Move
from projections.kernel.mongo.queries import matches
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from projections.kernel.storing import Checkpoint
from write_side.kernel.errors import LogMismatch
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

SMALL = 30
"""A commit of at most so many documents goes with others. More take longer to write than to commit: side by side then."""

TOGETHER = ""
"""The name of the queue of those; each projection has one for what is larger, under its checkpoint's id."""


class MongoProjectionStore:
    """The port `ProjectionStore` on MongoDB. `lease` is how long an owner that says nothing keeps it, in seconds."""

    def __init__(self, client: Client, collections: Collections, lease: float = 5.0) -> None:
        self._client = client
        self._collections = collections
        self.lease = lease
        self._queues: dict[str, Commits] = {}

    async def prepare(self, projection: AnyProjection, positions: Positions, born: Mapping[Key, Stored]) -> None:
        """See `ProjectionStore.prepare`."""
        await self._collections.prepare(projection, positions, born)

    async def claim(self, projection: AnyProjection, owner: str, positions: Positions) -> Checkpoint | None:
        """See `ProjectionStore.claim`."""
        checkpoint_id = self._collections.checkpoint_id(projection)
        with translated():
            sessions = [(await self._queue(name)).session_id for name in (TOGETHER, checkpoint_id)]
            free = {"$or": [{"owner": {"$in": [None, owner]}}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
            taken: Mapping[str, Any] | None = await self._collections.leases.find_one_and_update(
                {"_id": checkpoint_id, **free}, self._lease(owner, sessions)
            )
            if taken is None:
                if await self._collections.leases.find_one({"_id": checkpoint_id}) is None:
                    raise NotReady(f"{projection.name} has no checkpoint: run `oneread migrate`")
                return None
            if last := [each for each in taken.get("sessions", ()) if each not in sessions]:
                # A killed owner's transaction would hold the checkpoint for a minute: MongoDB does not see that it is gone.
                await self._client.admin.command("killSessions", [{"id": each} for each in last])
                ended = {"$pull": {"sessions": {"$in": last}}}
                await self._collections.leases.update_one({"_id": checkpoint_id, "owner": owner}, ended)
            stored = await self._collections.checkpoints.find_one_and_update(
                {"_id": checkpoint_id}, {"$set": {"owner": owner}}, return_document=ReturnDocument.AFTER
            )
        if stored is None:
            raise NotReady(f"{projection.name} has no checkpoint: run `oneread migrate`")
        if stored["log"] != positions.log_id.hex:
            raise LogMismatch(str(positions.log_id), str(LogId(UUID(stored["log"]))))
        return _checkpoint(stored)

    async def renew(self, projection: AnyProjection, owner: str) -> None:
        """See `ProjectionStore.renew`."""
        own = {"_id": self._collections.checkpoint_id(projection), "owner": owner}
        with translated():
            await self._collections.leases.update_one(own, self._lease(owner))

    async def release(self, projection: AnyProjection, owner: str) -> None:
        """See `ProjectionStore.release`."""
        own = {"_id": self._collections.checkpoint_id(projection), "owner": owner}
        with translated():
            await self._collections.leases.update_one(own, {"$set": {"owner": None, "sessions": []}})

    async def load(self, projection: AnyProjection, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        """See `ProjectionStore.load`."""
        with translated():
            found = self._collections.documents(projection).find({"_id": {"$in": list(keys)}})
            return {Key(stored["_id"]): stored async for stored in found}

    async def matching(
        self, projection: AnyProjection, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        """See `ProjectionStore.matching`."""
        query: dict[str, Any] = matches((condition,))
        if after is not None:
            query = {"$and": [query, {"_id": {"$gt": after}}]}
        with translated():
            return await self._collections.documents(projection).find(query).sort("_id").limit(limit).to_list(None)

    async def commit(
        self,
        projection: AnyProjection,
        owner: str,
        before: Checkpoint,
        after: Checkpoint,
        documents: Sequence[Stored],
    ) -> None:
        """See `ProjectionStore.commit`.

        What is small goes with what other projectors of the process have ready. What is large would hold them up.
        """
        checkpoint_id = self._collections.checkpoint_id(projection)
        if checkpoint_id not in self._queues:
            raise Fenced(f"the checkpoint of {projection.name} was not claimed")
        commits = self._queues[TOGETHER if len(documents) <= SMALL else checkpoint_id]
        await commits.commit(Move(projection, owner, before, after, documents))

    async def _queue(self, name: str) -> Commits:
        if name not in self._queues:
            session = await awaited(self._client.start_session())
            if name in self._queues:  # somebody was faster
                await session.end_session()
            else:
                self._queues[name] = Commits(self._collections, session)
        return self._queues[name]

    def _lease(self, owner: str, sessions: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The change that takes or keeps a lease. Sessions of owners before stay noted until they are known to be ended."""
        noted = {"$setUnion": [{"$ifNull": ["$sessions", []]}, sessions]}
        return [{"$set": {"owner": owner, "until": {"$add": ["$$NOW", int(self.lease * 1000)]}, "sessions": noted}}]


def _checkpoint(stored: Stored) -> Checkpoint:
    event_id = None if stored["eventId"] is None else EventId(UUID(stored["eventId"]))
    return Checkpoint(LogPosition(stored["position"]), event_id, stored["partial"])
