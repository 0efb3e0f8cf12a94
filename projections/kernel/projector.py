"""The projector of one projection: reads a batch of events, folds, and writes documents and checkpoint together.

Exactly once needs no lock: the commit is a compare-and-set on the checkpoint's owner and place, and a projector that was
overtaken fails it and steps back. A lease only keeps two from working in vain.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence

from projections.kernel.conditions import Condition
from projections.kernel.errors import Fenced, StoreUnavailable
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from projections.kernel.storing import Checkpoint, ProjectionStore
from projections.kernel.tail import Tail
from projections.kernel.working_set import WorkingSet
from write_side.kernel.errors import LogMismatch, LogUnavailable, OnereadError
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition, Position
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)

BATCH = 1_000
"""The most events that one transaction covers."""
CHUNK = 1_000
"""The most documents that one transaction writes when an event fans out."""
LONGEST_PAUSE = 8.0
"""The longest wait before what failed is tried again, in seconds; each wait is twice the last."""


class Projector:
    """Keeps one projection up with the log. `run` is its task; `owner` names the process, anew each time it starts.

    `poll` is how often the log is looked at without being woken, `pause` the wait after a first failure, in seconds.
    `moved` is told each position that the checkpoint has reached: readers in the same process need not wait to hear of it.
    """

    def __init__(
        self,
        projection: AnyProjection,
        log: LogReader,
        tail: Tail,
        store: ProjectionStore,
        owner: str,
        *,
        lease: float = 5.0,
        poll: float = 0.5,
        pause: float = 0.5,
        batch: int = BATCH,
        chunk: int = CHUNK,
        moved: Callable[[LogPosition], None] | None = None,
    ) -> None:
        self._projection = projection
        self._log = log
        self._tail = tail
        self._store = store
        self._owner = owner
        self._lease = lease
        self._poll = poll
        self._pause = pause
        self._batch = batch
        self._chunk = chunk
        self._moved = moved
        self._failures = 0
        self.failure: str | None = None
        """Why it does not get on just now, if it does not."""

    @property
    def name(self) -> str:
        """The projection's name."""
        return self._projection.name

    async def run(self) -> None:
        """Projects for ever. What stops it for a moment is logged, kept in `failure`, and tried again."""
        try:
            while True:
                try:
                    await self._work()
                except Fenced as error:
                    self._failed("stepped back", error)
                except (StoreUnavailable, LogUnavailable) as error:
                    self._failed("waits for a database", error)
                except LogMismatch as error:
                    self._failed("stopped: another log", error)
                except Exception as error:
                    self._failed("stopped at what it cannot do", error)
                await self._release()  # another may get on, and takes nothing from this process's other projections
                await asyncio.sleep(min(self._pause * 2 ** min(self._failures, 10), LONGEST_PAUSE))
                self._failures += 1
        finally:
            await asyncio.shield(self._release())

    async def _work(self) -> None:
        """Claims the checkpoint and follows the log until something fails."""
        checkpoint = await self._claimed()
        await self._check(checkpoint)
        at_hand = WorkingSet(self._projection, self._store)
        keeping = asyncio.create_task(self._keep_lease())
        try:
            while True:
                ticket = self._log.appended.ticket()
                events = await self._tail.read(checkpoint.position, self._batch)
                left = events
                while left:
                    checkpoint = await self._step(checkpoint, left, at_hand)
                    left = left[checkpoint.position + 1 - left[0].position :]
                self.failure, self._failures = None, 0
                if not events:
                    await Signal.wait(ticket, self._poll)
        finally:
            keeping.cancel()

    async def _claimed(self) -> Checkpoint:
        """The checkpoint, once the lease is ours."""
        while True:
            checkpoint = await self._store.claim(self._projection, self._owner, self._log.positions)
            if checkpoint is not None:
                return checkpoint
            self.failure = None  # somebody else gets on with it
            await asyncio.sleep(min(self._lease / 4, 1.0))

    async def _step(self, checkpoint: Checkpoint, events: Sequence[Recorded], at_hand: WorkingSet) -> Checkpoint:
        """Projects the first events of `events`: up to one that touches by condition, or that one alone."""
        touched = self._projection.touches(events[0])
        if isinstance(touched, Condition):
            return await self._fan_out(checkpoint, events[0], touched, at_hand)
        batch: list[tuple[Recorded, tuple[Key, ...]]] = []
        by_first: dict[Key, Recorded] = {}
        for event in events:
            touched = self._projection.touches(event)
            if isinstance(touched, Condition):
                break
            batch.append((event, touched))
            for key in touched:
                by_first.setdefault(key, event)
        started = {key for key, event in by_first.items() if self._projection.is_started_by(event)}
        documents = await at_hand.load(by_first, started)
        for event, touched in batch:
            for key in touched:
                folded = self._projection.fold(key, documents.get(key), event, self._token(event.position))
                if folded is not None:
                    documents[key] = folded
        last = batch[-1][0]
        after = Checkpoint(last.position, last.event_id)
        changed = [self._projection.shape.encode(document) for document in documents.values()]
        await self._commit(checkpoint, after, changed)
        at_hand.keep(documents)
        return after

    async def _fan_out(
        self, checkpoint: Checkpoint, event: Recorded, condition: Condition, at_hand: WorkingSet
    ) -> Checkpoint:
        """Projects one event into every document that meets a condition, a chunk at a time."""
        while True:
            found = await self._store.matching(self._projection, condition, checkpoint.partial, self._chunk)
            changed = [stored for each in found if (stored := self._folded(each, event)) is not None]
            if len(found) < self._chunk:
                after = Checkpoint(event.position, event.event_id)
            else:
                after = Checkpoint(checkpoint.position, checkpoint.event_id, Key(found[-1]["_id"]))
            await self._commit(checkpoint, after, changed)
            at_hand.forget(Key(each["_id"]) for each in found)
            checkpoint = after
            if checkpoint.partial is None:
                return checkpoint

    async def _commit(self, before: Checkpoint, after: Checkpoint, changed: Sequence[Stored]) -> None:
        """Commits, to the end: a driver's call that is cancelled in a transaction goes on, and leaves it open."""
        committing = asyncio.create_task(self._store.commit(self._projection, self._owner, before, after, changed))
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            await asyncio.wait([committing])
            raise
        if self._moved is not None:
            self._moved(after.position)

    def _folded(self, stored: Stored, event: Recorded) -> Stored | None:
        document = self._projection.shape.decode(stored)
        folded = self._projection.fold(Key(stored["_id"]), document, event, self._token(event.position))
        return None if folded is None else self._projection.shape.encode(folded)

    async def _check(self, checkpoint: Checkpoint) -> None:
        """The log must hold the event that the checkpoint stands on. Raises `LogMismatch`."""
        if checkpoint.position == 0:
            return
        found = await self._log.read(LogPosition(checkpoint.position - 1), 1)
        if not found or found[0].event_id != checkpoint.event_id:
            raise LogMismatch(str(self._log.positions.log_id), f"that had event {checkpoint.event_id}")

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            try:
                # To the end: PyMongo's locks may not survive a call that is cancelled while it looks for a server.
                await asyncio.shield(self._store.renew(self._projection, self._owner))
            except Exception as error:  # any: it is tried again, and losing it is found out at the next commit
                _log.warning("the lease was not renewed", extra={"reason": type(error).__name__})

    async def _release(self) -> None:
        try:
            await self._store.release(self._projection, self._owner)
        except StoreUnavailable:
            return  # it runs out by itself

    def _token(self, position: LogPosition) -> Position:
        return self._log.positions.token(position)

    def _failed(self, what: str, error: Exception) -> None:
        # The text of an error that is not ours may quote a document: the type has to do.
        self.failure = f"{what} ({type(error).__name__})"
        ours = isinstance(error, OnereadError)
        _log.warning(
            "projection %s",
            what,
            extra={"projection": self._projection.name, "reason": str(error) if ours else type(error).__name__},
            exc_info=None if ours else error,
        )
