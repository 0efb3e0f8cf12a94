"""Group commit of projections: what several projectors of a process have ready goes in one transaction.

There is no timer: a lone commit goes at once, and while one transaction is under way the next gathers. Most of what a small
transaction costs, its commit above all, is then paid once for all read models that an event touches.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson.raw_bson import RawBSONDocument
from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.errors import WriteError

from projections.kernel.dead_letters import DeadLetter, kept
from projections.kernel.errors import DocumentRefused, Fenced, StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.mongo.client import Session, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dead_letters import decode_letter, encode_letter, letter_id
from projections.kernel.mongo.encoding import pieces
from projections.kernel.mongo.places import place
from projections.kernel.mongo.transactions import transacted
from projections.kernel.shapes import Stored
from projections.kernel.steps import Step, Steps
from projections.kernel.storing import Work

ROUNDS = 3
"""So many rounds of the loop nobody must have come for the next transaction to begin."""

MOST_TOGETHER = 500
"""So many documents one transaction writes, one commit alone excepted."""

REFUSED = 121
"""The code of MongoDB's error for a document that the validator does not take."""


@dataclass(frozen=True, slots=True)
class Move:
    """What `ProjectionStore.commit` is told, and the work's documents as they are sent."""

    generation: Generation
    owner: str
    work: Work
    documents: Sequence[RawBSONDocument]

    @property
    def is_repair(self) -> bool:
        """Whether it leaves the checkpoint where it is."""
        return self.work.before == self.work.after

    @property
    def size(self) -> int:
        """How many documents it writes, dead letters included."""
        return len(self.documents) + len(self.work.parked) + len(self.work.repaired)


class Commits:
    """A queue of moves, and the session whose transactions they go in, one after the other."""

    def __init__(self, collections: Collections, session: Session, steps: Steps) -> None:
        self._collections = collections
        self._session = session
        self._steps = steps
        self._waiting: deque[tuple[Move, asyncio.Future[None]]] = deque()
        self._under_way: Sequence[Move] = ()
        self._sending: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> Any:
        """What MongoDB knows the session by, for whoever has to end it."""
        return self._session.session_id["id"]

    def is_at(self, generation: Generation) -> bool:
        """Whether something is being written to a generation: its transaction may be left open by whoever ends now."""
        return any(move.generation == generation for move in self._under_way)

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
        documents = taken[0][0].size
        while self._waiting and documents + self._waiting[0][0].size <= MOST_TOGETHER:
            documents += self._waiting[0][0].size
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
        self._under_way = moves
        try:
            with translated():
                if len(moves) == 1 and not moves[0].size:
                    await self._move(moves, None)
                else:
                    await transacted(self._session, lambda: self._all(moves))
        finally:
            self._under_way = ()
        for move in moves:
            self._steps(_committed(move))

    async def _all(self, moves: Sequence[Move]) -> None:
        """Documents, then checkpoints: in the change stream documents come before the position that covers them."""
        for move in moves:
            await self._write(move)
        await self._move(moves, self._session)

    async def _write(self, move: Move) -> None:
        """Documents and dead letters. Raises `DocumentRefused`."""
        generation, work = move.generation, move.work
        for piece in pieces(dict(enumerate(move.documents))):
            keys = [work.documents[place]["_id"] for place in piece]
            await self._replace(generation, keys, list(piece.values()))
        if move.documents and not move.is_repair:
            self._steps("batch: documents written")
        letters: list[ReplaceOne[Stored] | DeleteOne] = [
            ReplaceOne({"_id": letter_id(generation, letter.key)}, encode_letter(generation, letter), upsert=True)
            for letter in await self._kept(move)
        ]
        letters += [DeleteOne({"_id": letter_id(generation, key)}) for key in work.repaired]
        if letters:
            await self._collections.dead_letters.bulk_write(letters, ordered=False, session=self._session)
            if not move.is_repair:
                self._steps("parking: letter written")
        if move.is_repair:
            self._steps("repair: written")

    async def _kept(self, move: Move) -> Sequence[DeadLetter]:
        """The dead letters as they are to be stored: about those of before somebody may have asked something meanwhile."""
        letters = move.work.parked
        if not move.is_repair or not letters:
            return letters
        wanted = {"_id": {"$in": [letter_id(move.generation, letter.key) for letter in letters]}}
        found = self._collections.dead_letters.find(wanted, session=self._session)
        stored = {each["key"]: decode_letter(each) async for each in found}
        return [kept(letter, stored.get(letter.key)) for letter in letters]

    async def _replace(self, generation: Generation, keys: Sequence[str], documents: Sequence[RawBSONDocument]) -> None:
        """Raises `DocumentRefused`."""
        # The driver's own bulk writes would take the documents apart again, and half as long as writing them takes.
        updates = [{"q": {"_id": key}, "u": raw, "upsert": True} for key, raw in zip(keys, documents, strict=True)]
        collection = self._collections.documents(generation)
        command = {"update": collection.name, "updates": updates, "ordered": False}
        answer = await collection.database.command(command, session=self._session)
        for failed in answer.get("writeErrors", ()):
            if failed["code"] == REFUSED:
                raise DocumentRefused(generation.id, keys[failed["index"]])
            raise WriteError(failed["errmsg"], failed["code"], failed)

    async def _move(self, moves: Sequence[Move], session: Session | None) -> None:
        """The fence: compares and sets. Where it finds another owner or place, nothing is written at all."""
        updates = [
            UpdateOne(
                {"_id": move.generation.id, "owner": move.owner, **place(move.work.before)},
                _repair(move) if move.is_repair else _moved(move),
            )
            for move in moves
        ]
        moved = await self._collections.checkpoints.bulk_write(updates, session=session)
        if moved.matched_count < len(moves):
            names = ", ".join(move.generation.id for move in moves)
            raise Fenced(f"the checkpoint of {names} has been taken over")
        for move in moves:
            if not move.is_repair:
                self._steps("batch: checkpoint moved")


def _moved(move: Move) -> dict[str, Any]:
    return {"$set": place(move.work.after), "$currentDate": {"movedAt": True}}


def _repair(move: Move) -> dict[str, Any]:
    # Setting what is there already would be no write, and no transaction of another owner would conflict with it.
    return {"$set": {"mended": move.work.after.position}, "$inc": {"repairs": 1}}


def _committed(move: Move) -> Step:
    if move.is_repair:
        return "repair: committed"
    return "parking: committed" if move.work.parked else "batch: committed"


def _end(future: "asyncio.Future[None]", error: Exception | None = None) -> None:
    if not future.done():
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
