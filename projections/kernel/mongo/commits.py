"""Group commit of projections: what several projectors of a process have ready goes in one transaction.

There is no timer: a lone commit goes at once, and while one transaction is under way the next gathers. Most of what a small
transaction costs, its commit above all, is then paid once for all read models that an event touches.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import PyMongoError

from projections.kernel.errors import Fenced, StoreUnavailable
from projections.kernel.mongo.client import Session, awaited, is_commit_unknown, is_transient, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.projection import AnyProjection
from projections.kernel.shapes import Stored
from projections.kernel.storing import Checkpoint

TRIES = 5
PAUSE = 0.02
ROUNDS = 3
"""So many rounds of the loop nobody must have come for the next transaction to begin."""

MOST_TOGETHER = 500
"""So many documents one transaction writes, one commit alone excepted."""


@dataclass(frozen=True, slots=True)
class Move:
    """What `ProjectionStore.commit` is told."""

    projection: AnyProjection
    owner: str
    before: Checkpoint
    after: Checkpoint
    documents: Sequence[Stored]


class Commits:
    """A queue of moves, and the session whose transactions they go in, one after the other."""

    def __init__(self, collections: Collections, session: Session) -> None:
        self._collections = collections
        self._session = session
        self._waiting: deque[tuple[Move, asyncio.Future[None]]] = deque()
        self._sending: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> Any:
        """What MongoDB knows the session by, for whoever has to end it."""
        return self._session.session_id["id"]

    async def commit(self, move: Move) -> None:
        """See `ProjectionStore.commit`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((move, future))
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        await future

    async def _send(self) -> None:
        try:
            while self._waiting:
                await self._gathered()
                await self._commit(self._take())
        finally:
            self._sending = None
            for _, future in self._waiting:
                future.cancel()
            self._waiting.clear()

    async def _gathered(self) -> None:
        """Lets everyone come who is about to: an event wakes all projectors, one in each of the loop's next rounds."""
        came = 0
        while came < len(self._waiting):
            came = len(self._waiting)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)

    def _take(self) -> "list[tuple[Move, asyncio.Future[None]]]":
        taken = [self._waiting.popleft()]
        documents = len(taken[0][0].documents)
        while self._waiting and documents + len(self._waiting[0][0].documents) <= MOST_TOGETHER:
            documents += len(self._waiting[0][0].documents)
            taken.append(self._waiting.popleft())
        return taken

    async def _commit(self, taken: "Sequence[tuple[Move, asyncio.Future[None]]]") -> None:
        try:
            await self._written([move for move, _ in taken])
        except StoreUnavailable as error:
            for _, future in taken:
                _end(future, error)
        except Exception as error:
            if len(taken) == 1:
                _end(taken[0][1], error)
                return
            # Which of them it was is not told, and its neighbours must not pay for it.
            for one in taken:
                await self._commit([one])
        else:
            for _, future in taken:
                _end(future)
        finally:
            for _, future in taken:
                future.cancel()

    async def _written(self, moves: Sequence[Move]) -> None:
        with translated():
            if len(moves) == 1 and not moves[0].documents:
                await self._move(moves, None)
                return
            for attempt in range(1, TRIES + 1):
                try:
                    await self._transaction(moves)
                    return
                except PyMongoError as error:
                    if not is_transient(error) or attempt == TRIES:
                        raise
                await asyncio.sleep(PAUSE * attempt)

    async def _transaction(self, moves: Sequence[Move]) -> None:
        """Documents, then checkpoints: in the change stream documents come before the position that covers them."""
        async with await awaited(self._session.start_transaction()):
            for move in moves:
                if move.documents:
                    writes = [ReplaceOne({"_id": stored["_id"]}, stored, upsert=True) for stored in move.documents]
                    collection = self._collections.documents(move.projection)
                    await collection.bulk_write(writes, ordered=False, session=self._session)
            await self._move(moves, self._session)
            for _ in range(TRIES):
                try:
                    await self._session.commit_transaction()
                    return
                except PyMongoError as error:
                    if not is_commit_unknown(error):
                        raise
                await asyncio.sleep(PAUSE)
            raise StoreUnavailable("MongoDB did not say whether it committed")

    async def _move(self, moves: Sequence[Move], session: Session | None) -> None:
        """The fence: compares and sets. Where it finds another owner or place, nothing is written at all."""
        updates = [
            UpdateOne(
                {"_id": self._collections.checkpoint_id(move.projection), "owner": move.owner, **place(move.before)},
                {"$set": place(move.after)},
            )
            for move in moves
        ]
        moved = await self._collections.checkpoints.bulk_write(updates, session=session)
        if moved.matched_count < len(moves):
            names = ", ".join(move.projection.name for move in moves)
            raise Fenced(f"the checkpoint of {names} has been taken over")


def place(checkpoint: Checkpoint) -> dict[str, Any]:
    """Where a checkpoint stands, as it is stored."""
    event_id = None if checkpoint.event_id is None else checkpoint.event_id.hex
    return {"position": checkpoint.position, "eventId": event_id, "partial": checkpoint.partial}


def _end(future: "asyncio.Future[None]", error: Exception | None = None) -> None:
    if not future.done():
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
