"""A claim: one generation that this process projects, until somebody else takes it over.

Exactly once needs no lock: a commit is a compare-and-set on the checkpoint's owner and place, and who was overtaken fails
it.

While a batch is being committed the next is folded upon it already, and committed once that is.

What cannot be folded, or what the store does not take, is tried again a few times with everything read afresh. Then the
document is parked: its dead letter is stored with the very move of the checkpoint that passes the event by.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from projections.kernel.attempts import BREATH, Attempt, attempted
from projections.kernel.batches import Poison, Touch, first_touches
from projections.kernel.breaths import breaths
from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import DocumentRefused
from projections.kernel.generations import Checkpoint, Generation
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import Claimed, ProjectionStore, Work
from projections.kernel.working_set import KEPT, WorkingSet
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition, Positions

_log = logging.getLogger(__name__)

CHUNK = 1_000
"""The most documents that one transaction writes when an event fans out."""

TRIES = 3
"""So often what poisons a document is tried before the document is parked."""

PAUSE = 0.05
"""How long to wait before the next try, in seconds; each wait is twice the last."""


@dataclass(frozen=True, slots=True)
class _Flight:
    """What is being committed: what came of an attempt, right up to `after`."""

    attempt: Attempt
    after: Checkpoint
    committing: "asyncio.Task[None]"


class Claim:
    """A generation, where it stands, and which of its documents are parked. `now` is the time, in UTC.

    `moved` is given the claim whenever something was committed.
    """

    def __init__(
        self,
        generation: Generation,
        store: ProjectionStore,
        positions: Positions,
        owner: str,
        claimed: Claimed,
        now: Callable[[], datetime],
        *,
        chunk: int = CHUNK,
        kept: int = KEPT,
        pause: float = PAUSE,
        moved: "Moved | None" = None,
        steps: Steps = unwatched,
    ) -> None:
        self.generation = generation
        self.checkpoint = claimed.checkpoint
        self.parked: dict[Key, DeadLetter] = dict(claimed.parked)
        self.owner = owner
        self._projection = generation.projection
        self._store = store
        self._positions = positions
        self._now = now
        self._chunk = chunk
        self._pause = pause
        self._moved = moved or _unnoticed
        self._steps = steps
        self._at_hand = WorkingSet(generation, store, kept)
        self._flight: _Flight | None = None

    @property
    def position(self) -> LogPosition:
        """How far it has folded: what is past the checkpoint is being committed."""
        return self.checkpoint.position if self._flight is None else self._flight.after.position

    async def advance(self, events: Sequence[Recorded]) -> Sequence[Recorded]:
        """Projects the first of `events`, which follow `position`, and returns those that are left.

        They are committed when `settle` says so, or the next call. Raises what that raises, and what `touches` raises:
        nobody knows what to hold back then. Whoever is told of an error has no claim any more.
        """
        first = first_touches(self._projection, events)
        if isinstance(first, Condition):
            await self.settle()
            await self._fan_out(events[0], first)
            return events[1:]
        touches, passed = first
        last = events[passed - 1]
        await self._project_ahead(touches, Checkpoint(last.position, last.event_id))
        return events[passed:]

    async def settle(self) -> bool:
        """Waits until everything is committed; whether that was as it was folded, so that it may be folded upon.

        Raises `Fenced` and what the store raises.
        """
        flight, self._flight = self._flight, None
        if flight is None:
            return True
        try:
            await _finished(flight.committing)
        except DocumentRefused:
            self._steps("parking: refused")
            touches = flight.attempt.touches
            await self._project(touches, partial(self._touched, touches), flight.after, tried=1)
            return False
        self.checkpoint = flight.after
        self._at_hand.keep(flight.attempt.changed)
        self._moved(self)
        return True

    async def end(self) -> None:
        """Waits until nothing is under way any more, whatever becomes of it."""
        flight, self._flight = self._flight, None
        if flight is not None:
            await asyncio.wait([flight.committing])
            flight.committing.exception()

    async def save(self, documents: Mapping[Key, Any], parked: Sequence[DeadLetter], repaired: Sequence[Key]) -> None:
        """Commits what a repair has come to, without moving the checkpoint. Nothing else is being committed.

        Raises `DocumentRefused`, `Fenced` and what the store raises.
        """
        encoded = [self._projection.shape.encode(document) for document in documents.values()]
        await self._commit(Work(self.checkpoint, self.checkpoint, encoded, parked, repaired))
        self._at_hand.forget([*documents, *repaired])
        for key in repaired:
            self.parked.pop(key, None)
        self.parked.update((letter.key, letter) for letter in parked)
        self._moved(self)

    async def _touched(self, touches: Sequence[Touch]) -> dict[Key, Any]:
        by_first: dict[Key, Recorded] = {}
        for touch in touches:
            for key in touch.keys:
                by_first.setdefault(key, touch.event)
        for key in self.parked.keys() & by_first.keys():
            del by_first[key]
        started = {key for key, event in by_first.items() if self._projection.is_started_by(event)}
        return await self._at_hand.load(by_first, started)

    async def _fan_out(self, event: Recorded, condition: Condition) -> None:
        """Projects one event into every document that meets a condition, a chunk at a time."""
        while self.checkpoint.position < event.position:
            past = self.checkpoint.partial
            found = await self._store.matching(self.generation, condition, past, self._chunk)
            keys = tuple(Key(each["_id"]) for each in found)
            after = Checkpoint(event.position, event.event_id)
            if len(keys) == self._chunk:
                after = Checkpoint(self.checkpoint.position, self.checkpoint.event_id, keys[-1])
            self._at_hand.forget(keys)
            # One touch per document, so that others get their turn between them.
            touches = [Touch(event, (key,)) for key in keys]
            await self._project(touches, partial(self._at_hand.load, keys, frozenset()), after, found)
            if after.partial is not None:
                self._steps("fan-out: chunk committed")

    async def _project_ahead(self, touches: Sequence[Touch], after: Checkpoint) -> None:
        """Folds `touches` upon what is being committed, and begins to commit it once that is."""
        attempt = await self._attempted(touches, await self._touched(touches))
        if not await self.settle():
            await self._project(touches, partial(self._touched, touches), after)
        elif not attempt.is_whole:
            await self._project(touches, partial(self._touched, touches), after, tried=1)
        else:
            work = Work(self.checkpoint, after, attempt.encoded)
            committing = asyncio.create_task(self._store.commit(self.generation, self.owner, work))
            self._flight = _Flight(attempt, after, committing)
            self._at_hand.expect(attempt.changed)

    async def _project(
        self,
        touches: Sequence[Touch],
        load: Callable[[], Awaitable[dict[Key, Any]]],
        after: Checkpoint,
        found: Sequence[Stored] = (),
        tried: int = 0,
    ) -> None:
        """Folds `touches` and commits: `tried` so often before, and now again until it works or who is at fault is parked.

        `found` are documents that were read already, for the first try.
        """
        known: dict[Key, Poison] = {}
        for tries in count(tried + 1):
            if tries > 1:
                await asyncio.sleep(self._pause * 2 ** min(tries - 1, TRIES))
                self._at_hand.clear()
            documents = await self._decoded(found) if found and tries == 1 else await load()
            attempt = await self._attempted(touches, documents, known)
            if not attempt.is_whole and tries < TRIES:
                continue
            if attempt.unfit:
                known |= attempt.poisoned()
                continue
            letters = [poison.letter(tries, self._now()) for poison in attempt.poison.values()]
            try:
                await self._commit(Work(self.checkpoint, after, attempt.encoded, letters))
            except DocumentRefused:
                self._steps("parking: refused")
                if tries >= TRIES:
                    more = await self._refused(attempt)
                    if more.keys() <= known.keys():
                        raise
                    known |= more
            else:
                self.checkpoint = after
                self._at_hand.keep(attempt.changed)
                self._at_hand.forget(attempt.poison)
                self._park(letters)
                self._moved(self)
                return

    async def _attempted(
        self, touches: Sequence[Touch], documents: Mapping[Key, Any], known: Mapping[Key, Poison] | None = None
    ) -> Attempt:
        self._steps("batch: loaded")
        attempt = await attempted(self._projection, self._positions, documents, touches, self.parked, known)
        self._steps("batch: folded")
        return attempt

    async def _refused(self, attempt: Attempt) -> dict[Key, Poison]:
        """All that is at fault: of those that the store refuses, the event that made them so."""
        refused = await self._store.refused(self.generation, attempt.encoded)
        poison: dict[Key, Poison] = {}
        for key in [Key(attempt.encoded[place]["_id"]) for place in refused]:
            states = attempt.states(key)
            reasons = await self._store.refused(self.generation, [stored for _, stored in states])
            if reasons:
                first = min(reasons)
                poison[key] = Poison(key, states[first][0], reasons[first])
        return poison | attempt.poisoned()

    def _park(self, letters: Sequence[DeadLetter]) -> None:
        self.parked.update((letter.key, letter) for letter in letters)
        if letters:
            first = min(letters, key=lambda letter: letter.position)
            what = {"position": first.position, "error": first.error, "place": first.place, "documents": len(letters)}
            _log.warning("documents are parked", extra={"generation": self.generation.id, **what})

    async def _decoded(self, found: Sequence[Stored]) -> dict[Key, Any]:
        decode = self._projection.shape.decode
        documents: dict[Key, Any] = {}
        async for some in breaths(found, BREATH):
            documents.update((Key(each["_id"]), decode(each)) for each in some)
        return documents

    async def _commit(self, work: Work) -> None:
        await _finished(asyncio.create_task(self._store.commit(self.generation, self.owner, work)))


Moved = Callable[[Claim], None]
"""Told of a claim under which something was committed."""


def _unnoticed(claim: Claim) -> None:
    """Nobody has to be told."""


async def _finished(committing: "asyncio.Task[None]") -> None:
    """Waits to the end: a driver's call that is cancelled in a transaction goes on, and leaves it open."""
    try:
        await asyncio.shield(committing)
    except asyncio.CancelledError:
        await asyncio.wait([committing])
        if not committing.cancelled():
            committing.exception()  # seen: nobody is left whom it concerns
        raise
