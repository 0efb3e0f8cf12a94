"""The projector of one projection: keeps the generation that is served up with the log, and builds it where there is none.

A lease only keeps two from working in vain: what makes every event take effect exactly once is the claim's commit.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from projections.kernel.blame import kind_of, place_of
from projections.kernel.building import Building, claimed_by
from projections.kernel.claim import CHUNK, Claim, Moved
from projections.kernel.claiming import claim
from projections.kernel.errors import Fenced, InUse, NotCaughtUp, StoreUnavailable
from projections.kernel.generations import Generation, Purpose
from projections.kernel.leases import LEASE, Keeping
from projections.kernel.projection import AnyProjection
from projections.kernel.repairs import Repairs
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import Generations, ProjectionStore
from projections.kernel.tail import Tail
from write_side.kernel.errors import LogMismatch, LogUnavailable, OnereadError
from write_side.kernel.log import LogReader
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)

BATCH = 2_000
"""The most events that one transaction covers."""
LONGEST_PAUSE = 8.0
"""The longest wait before what failed is tried again, in seconds; each wait is twice the last."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a projector works. Times are in seconds.

    `lease` is how long a projector that says nothing keeps its projection, `poll` how often the log is looked at without
    being woken, `pause` the wait after what failed twice. `batch` is the most events of a transaction, `chunk` the most
    documents of one when an event fans out.
    """

    lease: float = LEASE
    poll: float = 0.5
    pause: float = 0.5
    batch: int = BATCH
    chunk: int = CHUNK

    @property
    def look(self) -> float:
        """How often it is looked whether another is still at work. After lease and look somebody else is, at the latest."""
        return min(self.lease / 4, 1.0)


class Projector:
    """Keeps one projection up with the log. `run` is its task; `owner` names the process, anew each time it starts.

    `moved` is given the claim whenever something was committed: readers in the same process need not wait to hear of it.
    `now` is the time, in UTC.
    """

    def __init__(
        self,
        projection: AnyProjection,
        log: LogReader,
        tail: Tail,
        store: ProjectionStore,
        generations: Generations,
        owner: str,
        now: Callable[[], datetime],
        *,
        pace: Pace | None = None,
        moved: Moved | None = None,
        steps: Steps = unwatched,
    ) -> None:
        self._projection = projection
        self._log = log
        self._tail = tail
        self._store = store
        self._generations = generations
        self._owner = owner
        self._now = now
        self._pace = pace or Pace()
        self._moved = moved
        self._steps = steps
        self._failures = 0
        self._generation: Generation | None = None
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
                if self._failures:  # what was taken over may be ours again at once: after a switch it is
                    await asyncio.sleep(min(self._pace.pause * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE))
                self._failures += 1
        finally:
            self._steps("drain: stopping")
            await asyncio.shield(self._release())
            self._steps("drain: released")

    async def _work(self) -> None:
        """Claims the generation that is served, and follows the log until something fails."""
        generation = await self._served()
        claimed = await self._claimed(generation)
        repairs = Repairs(claimed, self._store, self._log, self._now, steps=self._steps)

        async def ask(_: Claim) -> None:
            if claimed.parked:
                repairs.ask(await self._store.asked(generation))

        keeping = Keeping(self._store, [claimed], self._pace.lease / 3, ask)
        task = asyncio.create_task(keeping.run())
        try:
            while not keeping.lost:
                ticket = self._log.appended.ticket()
                events = await self._tail.read(claimed.position, self._pace.batch)
                self._steps("batch: read")
                left = events
                while left:
                    left = await claimed.advance(left)
                if len(events) < self._pace.batch:  # else there is more, to be folded meanwhile
                    await claimed.settle()
                if repairs.under_way:
                    await repairs.go_on()
                self.failure, self._failures = None, 0
                if not events and not repairs.under_way:
                    await Signal.wait(ticket, self._pace.poll)
            raise Fenced(f"the lease of {generation.id} has been taken over")
        finally:
            task.cancel()
            await claimed.end()

    async def _served(self) -> Generation:
        """The generation to keep up: the one that is served, built first where none is."""
        positions = self._log.positions
        while True:
            alias = await self._generations.alias(self._projection)
            if alias is None:
                await self._generations.prepare(self._projection, await self._log.head())
            elif alias.log != positions.log_id:
                raise LogMismatch(str(positions.log_id), str(alias.log))
            elif alias.serving is not None:
                return Generation(self._projection, alias.serving)
            elif not await self._built():
                self.failure = None  # somebody else builds it
                await asyncio.sleep(self._pace.look)

    async def _built(self) -> bool:
        """Builds the generation that is to be served first, and has it served. False if somebody else is at it."""
        generation = await self._generations.begin(self._projection, Purpose.SERVING)
        self._generation = generation
        with suppress(InUse):
            async with claimed_by(
                self._owner, [generation], self._log, self._store, self._now, lease=self._pace.lease, steps=self._steps
            ) as building:
                await self._build(building, generation)
            return True
        return False

    async def _build(self, building: Building, generation: Generation) -> None:
        await building.catch_up()
        building.claim(generation)
        await self._generations.complete(generation)
        while True:
            await building.catch_up()
            building.claim(generation)
            with suppress(NotCaughtUp):
                # Nobody has seen a better one: what is parked in it will be seen to while it is served.
                await self._generations.switch(generation, self._owner, force=True)
                return

    async def _claimed(self, generation: Generation) -> Claim:
        """The claim, once the lease is ours. Raises `Fenced` when something else is served by then."""
        self._generation = generation
        pace = self._pace
        while True:
            claimed = await claim(
                generation,
                self._store,
                self._log,
                self._owner,
                self._now,
                chunk=pace.chunk,
                moved=self._moved,
                steps=self._steps,
            )
            # A switch fences off whoever has a claim by then. Who has claimed it since would not be told by anyone.
            alias = await self._generations.alias(self._projection)
            if alias is None or alias.serving != generation.number:
                raise Fenced(f"{generation.id} is served no more")
            if claimed is not None:
                return claimed
            self.failure = None  # somebody else gets on with it
            await asyncio.sleep(pace.look)

    async def _release(self) -> None:
        if self._generation is None:
            return
        try:
            await self._store.release(self._generation, self._owner, self.failure)
        except Exception as error:  # any: it runs out by itself, and projecting does not end with it
            _log.warning("the lease was not given up", extra={"reason": type(error).__name__})

    def _failed(self, what: str, error: Exception) -> None:
        ours = isinstance(error, OnereadError)
        reason = str(error) if ours else f"{kind_of(error)}, {place_of(error)}"
        # What a driver has to say of its servers is for the log.
        waits = isinstance(error, StoreUnavailable | LogUnavailable)
        self.failure = f"{what} ({type(error).__name__ if waits else reason})"
        extra = {"projection": self._projection.name, "reason": reason}
        _log.warning("projection %s", what, extra=extra, exc_info=None if ours else error)
