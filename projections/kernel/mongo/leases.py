"""Leases: who works on a generation. They keep two from working in vain; what keeps them from harm is the fence."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from pymongo.errors import PyMongoError

from projections.kernel.mongo.client import Client, Session
from projections.kernel.mongo.collections import Collections

FREE = {"$or": [{"owner": None}, {"$expr": {"$lt": ["$until", "$$NOW"]}}]}
"""What a lease is that nobody holds, or whose owner has said nothing for too long."""

OPEN = {"dropping": None}
"""What a lease is whose generation is not being dropped."""


class Leases:
    """The leases of generations, by id. `seconds` is how long an owner that says nothing keeps one.

    All raise PyMongo's errors.
    """

    def __init__(self, client: Client, collections: Collections, seconds: float) -> None:
        self._client = client
        self._leases = collections.leases
        self._seconds = seconds

    async def take(self, generation_id: str, owner: str, sessions: Sequence[Any]) -> bool | None:
        """Takes or keeps a lease; whether it is the owner's now. None where there is no such lease.

        `sessions` are those whose transactions the owner will write in.
        """
        free = {"$or": [{"owner": owner}, FREE]}
        taken: Mapping[str, Any] | None = await self._leases.find_one_and_update(
            {"_id": generation_id, **OPEN, **free}, self.taking(owner, sessions)
        )
        if taken is None:
            return None if await self._leases.find_one({"_id": generation_id, **OPEN}) is None else False
        if last := [each for each in taken.get("sessions", ()) if each not in sessions]:
            await _end(self._client, last)
            ended = {"$pull": {"sessions": {"$in": last}}}
            await self._leases.update_one({"_id": generation_id, "owner": owner}, ended)
        return True

    async def keep(self, generation_id: str, owner: str, failure: str | None) -> bool:
        """Keeps a lease, and notes what keeps its owner. Whether it is still the owner's."""
        kept = await self._leases.update_one({"_id": generation_id, "owner": owner}, self._holding(owner, failure=failure))
        return kept.matched_count == 1

    async def give_up(self, generation_id: str, owner: str, sessions: Sequence[Any], failure: str | None) -> None:
        """Gives a lease up, and notes why. Nothing is left open in `sessions`: others that are noted stay so."""
        left = {"$setDifference": [{"$ifNull": ["$sessions", []]}, sessions]}
        free: dict[str, Any] = {"owner": None, "sessions": left, "failure": {"$literal": failure}}
        await self._leases.update_one({"_id": generation_id, "owner": owner}, [{"$set": free}])

    def taking(self, owner: str, sessions: Sequence[Any]) -> list[dict[str, Any]]:
        """The change that takes a lease. Sessions of owners before stay noted until they are known to be ended."""
        return self._holding(owner, sessions={"$setUnion": [{"$ifNull": ["$sessions", []]}, sessions]})

    def _holding(self, owner: str, **more: Any) -> list[dict[str, Any]]:
        # A text that begins with $ would be taken for a field's name.
        more = {name: {"$literal": value} if name == "failure" else value for name, value in more.items()}
        return [{"$set": {"owner": owner, "until": {"$add": ["$$NOW", int(self._seconds * 1000)]}, **more}}]


@asynccontextmanager
async def noted(collections: Collections, generation_ids: Sequence[str], session: Session) -> AsyncIterator[None]:
    """Notes a session in leases that others hold, while it writes to what is theirs.

    If it is killed in the middle, whoever claims one of them next ends its transaction.
    """
    leases, session_id = {"_id": {"$in": list(generation_ids)}}, session.session_id["id"]
    await collections.leases.update_many(leases, {"$addToSet": {"sessions": session_id}})
    try:
        yield
    finally:
        with suppress(PyMongoError):  # it is ended in vain one day
            await collections.leases.update_many(leases, {"$pull": {"sessions": session_id}})


async def end_left_open(client: Client, collections: Collections, generation_id: str) -> None:
    """Ends the transactions that the last owner of a lease left open, if nobody holds it now."""
    left = await collections.leases.find_one({"_id": generation_id, **FREE})
    if left is not None and (sessions := left.get("sessions")):
        await _end(client, sessions)


async def _end(client: Client, sessions: Sequence[Any]) -> None:
    """Ends the sessions of an owner that is gone, and with them the transactions that it left open.

    MongoDB does not see that it is gone: its transaction would hold what it has written to for a minute.
    """
    await client.admin.command("killSessions", [{"id": each} for each in sessions])
