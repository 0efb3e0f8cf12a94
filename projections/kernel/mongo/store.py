"""Writes for projectors: documents and their checkpoint in one transaction. The port `ProjectionStore`."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pymongo import ReplaceOne, ReturnDocument
from pymongo.errors import PyMongoError

from projections.kernel.conditions import Condition
from projections.kernel.errors import Fenced, NotReady, StoreUnavailable
from projections.kernel.mongo.client import Client, Session, awaited, is_commit_unknown, is_transient, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.queries import matches
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from projections.kernel.storing import Checkpoint
from write_side.kernel.errors import LogMismatch
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition, Positions

TRIES = 5
PAUSE = 0.02


class MongoProjectionStore:
    """The port `ProjectionStore` on MongoDB. `lease` is how long an owner that says nothing keeps it, in seconds."""

    def __init__(self, client: Client, collections: Collections, lease: float = 5.0) -> None:
        self._client = client
        self._collections = collections
        self.lease = lease
        self._sessions: dict[str, Session] = {}

    async def prepare(self, projection: AnyProjection, positions: Positions, born: Mapping[Key, Stored]) -> None:
        """See `ProjectionStore.prepare`."""
        await self._collections.prepare(projection, positions, born)

    async def claim(self, projection: AnyProjection, owner: str, positions: Positions) -> Checkpoint | None:
        """See `ProjectionStore.claim`."""
        checkpoint_id = self._collections.checkpoint_id(projection)
        with translated():
            session = await awaited(self._client.start_session())
            free = {"$or": [{"owner": {"$in": [None, owner]}}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
            taken: Mapping[str, Any] | None = await self._collections.leases.find_one_and_update(
                {"_id": checkpoint_id, **free}, self._lease(owner, session.session_id["id"])
            )
            if taken is None:
                await session.end_session()
                if await self._collections.leases.find_one({"_id": checkpoint_id}) is None:
                    raise NotReady(f"{projection.name} has no checkpoint: run `oneread migrate`")
                return None
            if (last := taken.get("session")) is not None:
                # A killed owner's transaction would hold the checkpoint for a minute: MongoDB does not see that it is gone.
                await self._client.admin.command("killSessions", [{"id": last}])
            self._sessions[checkpoint_id] = session
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
            await self._collections.leases.update_one(own, {"$set": {"owner": None, "session": None}})

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

        The checkpoint moves in the transaction's last statement, so that in the change stream documents come before the
        position that covers them. That statement is the fence: where it finds another owner or place, nothing was written.
        """
        if not documents:
            with translated():
                await self._move(projection, owner, before, after)
            return
        with translated():
            for attempt in range(1, TRIES + 1):
                try:
                    await self._transaction(projection, owner, before, after, documents)
                    return
                except PyMongoError as error:
                    if not is_transient(error) or attempt == TRIES:
                        raise
                await asyncio.sleep(PAUSE * attempt)

    async def _transaction(
        self,
        projection: AnyProjection,
        owner: str,
        before: Checkpoint,
        after: Checkpoint,
        documents: Sequence[Stored],
    ) -> None:
        checkpoint_id = self._collections.checkpoint_id(projection)
        session = self._sessions.get(checkpoint_id)
        if session is None:
            raise Fenced(f"the checkpoint of {projection.name} was not claimed")
        async with await awaited(session.start_transaction()):
            writes = [ReplaceOne({"_id": stored["_id"]}, stored, upsert=True) for stored in documents]
            await self._collections.documents(projection).bulk_write(writes, ordered=False, session=session)
            await self._move(projection, owner, before, after, session)
            for _ in range(TRIES):
                try:
                    await session.commit_transaction()
                    return
                except PyMongoError as error:
                    if not is_commit_unknown(error):
                        raise
                await asyncio.sleep(PAUSE)
            raise StoreUnavailable("MongoDB did not say whether it committed")

    async def _move(
        self, projection: AnyProjection, owner: str, before: Checkpoint, after: Checkpoint, session: Session | None = None
    ) -> None:
        """Compares and sets. Raises `Fenced`."""
        fence = {"_id": self._collections.checkpoint_id(projection), "owner": owner, **_place(before)}
        change = {"$set": _place(after)}
        moved = await self._collections.checkpoints.update_one(fence, change, session=session)
        if moved.matched_count == 0:
            raise Fenced(f"the checkpoint of {projection.name} has been taken over")

    def _lease(self, owner: str, session: object = None) -> list[dict[str, Any]]:
        held = {"owner": owner, "until": {"$add": ["$$NOW", int(self.lease * 1000)]}}
        return [{"$set": held if session is None else {**held, "session": session}}]


def _place(checkpoint: Checkpoint) -> dict[str, Any]:
    event_id = None if checkpoint.event_id is None else checkpoint.event_id.hex
    return {"position": checkpoint.position, "eventId": event_id, "partial": checkpoint.partial}


def _checkpoint(stored: Stored) -> Checkpoint:
    event_id = None if stored["eventId"] is None else EventId(UUID(stored["eventId"]))
    return Checkpoint(LogPosition(stored["position"]), event_id, stored["partial"])
