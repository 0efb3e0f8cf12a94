"""Writes for projectors: documents, dead letters and checkpoint in one transaction. The port `ProjectionStore`."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument

from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import Fenced, NotReady
from projections.kernel.generations import Generation
from projections.kernel.leases import LEASE
from projections.kernel.mongo.client import Client, awaited, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import Command, aggregate, results
from projections.kernel.mongo.commits import Commits, Move
from projections.kernel.mongo.dead_letters import decode_letter
from projections.kernel.mongo.encoding import VALIDATOR, encoded, pieces, sorted_out
from projections.kernel.mongo.leases import Leases
from projections.kernel.mongo.places import decode_checkpoint
from projections.kernel.mongo.queries import matches
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import Claimed, Work
from write_side.kernel.errors import LogMismatch
from write_side.kernel.positions import LogId, Positions

SMALL = 30
"""A commit of at most so many documents goes with others. More take longer to write than to commit: side by side then."""

TOGETHER = ""
"""The name of the queue of those; each generation has one for what is larger, under its id."""


class MongoProjectionStore:
    """The port `ProjectionStore` on MongoDB. `lease` is how long an owner that says nothing keeps it, in seconds."""

    def __init__(self, client: Client, collections: Collections, lease: float = LEASE, steps: Steps = unwatched) -> None:
        self._client = client
        self._collections = collections
        self._leases = Leases(client, collections, lease)
        self._steps = steps
        self.lease = lease
        self._queues: dict[str, Commits] = {}

    async def claim(self, generation: Generation, owner: str, positions: Positions) -> Claimed | None:
        """See `ProjectionStore.claim`."""
        with translated():
            taken = await self._leases.take(
                generation.id, owner, [queue.session_id for queue in await self._queues_of(generation)]
            )
            if taken is False:
                return None
            stored = taken and await self._collections.checkpoints.find_one_and_update(
                {"_id": generation.id}, {"$set": {"owner": owner}}, return_document=ReturnDocument.AFTER
            )
            if not stored:
                raise NotReady(f"there is no {generation.id}: run `oneread migrate`")
            if stored["log"] != positions.log_id.hex:
                raise LogMismatch(str(positions.log_id), str(LogId(UUID(stored["log"]))))
            parked = [decode_letter(each) async for each in self._letters(generation)]
        return Claimed(decode_checkpoint(stored), {letter.key: letter for letter in parked})

    async def renew(self, generation: Generation, owner: str, failure: str | None = None) -> bool:
        """See `ProjectionStore.renew`."""
        with translated():
            return await self._leases.keep(generation.id, owner, failure)

    async def release(self, generation: Generation, owner: str, failure: str | None = None) -> None:
        """See `ProjectionStore.release`."""
        with translated():
            # One that is busy stays noted: whoever takes the lease next ends its transaction, if this process does not.
            queues = await self._queues_of(generation)
            ended = [queue.session_id for queue in queues if not queue.is_at(generation)]
            await self._leases.give_up(generation.id, owner, ended, failure)

    async def load(self, generation: Generation, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        """See `ProjectionStore.load`."""
        with translated():
            found = self._collections.documents(generation).find({"_id": {"$in": list(keys)}})
            return {Key(stored["_id"]): stored async for stored in found}

    async def matching(
        self, generation: Generation, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        """See `ProjectionStore.matching`. Makes an index for it where there is none: a generation is built without."""
        query: dict[str, Any] = matches((condition,))
        if after is not None:
            query = {"$and": [query, {"_id": {"$gt": after}}]}
        with translated():
            await self._collections.index_for(generation, condition.path)
            return await self._collections.documents(generation).find(query).sort("_id").limit(limit).to_list(None)

    async def commit(self, generation: Generation, owner: str, work: Work) -> None:
        """See `ProjectionStore.commit`.

        What is small goes with what other projectors of the process have ready. What is large would hold them up.
        """
        if generation.id not in self._queues:
            raise Fenced(f"{generation.id} was not claimed")
        move = Move(generation, owner, work, await encoded(generation, work.documents))
        await self._queues[TOGETHER if move.size <= SMALL else generation.id].commit(move)

    async def refused(self, generation: Generation, documents: Sequence[Stored]) -> Mapping[int, str]:
        """See `ProjectionStore.refused`. MongoDB's validator is asked, without anything being written."""
        fit, unfit = sorted_out(documents)
        schema = {"$jsonSchema": {"properties": {"document": generation.projection.shape.schema()}}}
        refused = dict(unfit)
        for piece in pieces(fit):
            # Literally: what a customer wrote may look like an expression.
            given = {"$literal": [{"place": place, "document": raw} for place, raw in piece.items()]}
            stages: list[Command] = [{"$documents": given}, {"$match": {"$nor": [schema]}}, {"$project": {"place": 1}}]
            with translated():
                found = await results(self._collections.database, aggregate(None, stages, len(piece)))
            refused |= {each["place"]: VALIDATOR for each in found}
        return refused

    async def asked(self, generation: Generation) -> Sequence[DeadLetter]:
        """See `ProjectionStore.asked`."""
        with translated():
            return [decode_letter(each) async for each in self._letters(generation, asked={"$ne": None})]

    def _letters(self, generation: Generation, **more: Any) -> Any:
        return self._collections.dead_letters.find({"generation": generation.id, **more}).sort("key")

    async def _queues_of(self, generation: Generation) -> list[Commits]:
        """Those that this process writes the generation in."""
        return [await self._queue(name) for name in (TOGETHER, generation.id)]

    async def _queue(self, name: str) -> Commits:
        if name not in self._queues:
            session = await awaited(self._client.start_session())
            if name in self._queues:  # somebody was faster
                await session.end_session()
            else:
                self._queues[name] = Commits(self._collections, session, self._steps)
        return self._queues[name]
