"""Building: generations folded from the log in bulk, several side by side, while nobody reads them.

What is read and decoded once is folded into all of them. While the documents of one batch are written the next is read and
folded.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any

from projections.kernel.claim import CHUNK, Claim
from projections.kernel.claiming import claim
from projections.kernel.errors import InUse, NotReady, StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.leases import LEASE, Keeping
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import ProjectionStore
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

BATCH = 5_000
"""The most events that are folded in memory before their documents are written."""

KEPT = 4_000
"""So many documents of a generation stay in memory for the events to come."""

Progress = Callable[[Generation, LogPosition, LogPosition], None]
"""Told of a generation the position it has reached, and the log's last one, as far as it is known."""


class Building:
    """Generations that this process has claimed to build. Made by `claimed_by`.

    `failed` has what ended the building of one, or kept it from being claimed: the others go on.
    """

    def __init__(
        self,
        claims: list[Claim],
        failed: Mapping[Generation, Exception],
        log: LogReader,
        store: ProjectionStore,
        batch: int,
        steps: Steps,
    ) -> None:
        self._claims = claims
        self._log = log
        self._store = store
        self._batch = batch
        self._steps = steps
        self.failed = dict(failed)

    async def catch_up(self, progress: Progress | None = None, only: Generation | None = None) -> LogPosition:
        """Folds the log into all of them, or into one, up to where it ends now, or further. Returns its last position.

        What comes in meanwhile is for the next time: there might be no end of it. Raises `LogUnavailable`. What goes wrong
        with one generation alone is in `failed`.
        """
        end = head = await self._log.head()
        wanted = [one for one in self._claims if only in (None, one.generation)]
        position = min((one.checkpoint.position for one in self._going(wanted)), default=head)
        reading = asyncio.create_task(self._read(position, end))
        try:
            while events := await reading:
                position = events[-1].position
                head = LogPosition(max(head, position))
                reading = asyncio.create_task(self._read(position, end))
                await _all(self._advance(one, events, head, progress) for one in self._going(wanted))
            await _all(self._settle(one, head, progress) for one in self._going(wanted))
        finally:
            reading.cancel()
            await asyncio.wait([reading])
        return head

    def claim(self, generation: Generation) -> Claim:
        """The claim on one of them. Raises what ended its building, if anything did."""
        if (error := self.failed.get(generation)) is not None:
            raise error
        return next(one for one in self._claims if one.generation == generation)

    async def leave(self, generation: Generation) -> None:
        """Gives one of them up: another may work on it at once."""
        left = [one for one in self._claims if one.generation == generation]
        for one in left:
            self._claims.remove(one)
        await _release(self._store, left)

    def _going(self, claims: Sequence[Claim]) -> list[Claim]:
        return [one for one in claims if one.generation not in self.failed]

    async def _read(self, after: LogPosition, end: LogPosition) -> Sequence[Recorded]:
        return await self._log.read(after, self._batch) if after < end else ()

    async def _advance(
        self, claimed: Claim, events: Sequence[Recorded], head: LogPosition, progress: Progress | None
    ) -> None:
        left = events[max(0, claimed.position + 1 - events[0].position) :]
        with self._noting(claimed):
            while left:
                left = await claimed.advance(left)
                self._tell(claimed, head, progress)

    async def _settle(self, claimed: Claim, head: LogPosition, progress: Progress | None) -> None:
        with self._noting(claimed):
            await claimed.settle()
            self._tell(claimed, head, progress)

    def _tell(self, claimed: Claim, head: LogPosition, progress: Progress | None) -> None:
        if claimed.checkpoint.position:
            self._steps("build: batch committed")
        if progress is not None:
            progress(claimed.generation, claimed.checkpoint.position, head)

    @contextmanager
    def _noting(self, claimed: Claim) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # any: the others go on, and whoever wants this one is told
            self.failed[claimed.generation] = error


@asynccontextmanager
async def claimed_by(
    owner: str,
    generations: Sequence[Generation],
    log: LogReader,
    store: ProjectionStore,
    now: Callable[[], datetime],
    *,
    lease: float = LEASE,
    batch: int = BATCH,
    chunk: int = CHUNK,
    kept: int = KEPT,
    steps: Steps = unwatched,
) -> AsyncIterator[Building]:
    """The building of `generations` by this owner, whose leases are kept meanwhile and given up in the end.

    `lease` is how long an owner that says nothing keeps one, in seconds. One that somebody else is at has failed: `InUse`;
    and so has one that was dropped meanwhile: `NotReady`. Raises `LogMismatch`, `StoreUnavailable`, `LogUnavailable`.
    """
    claims: list[Claim] = []
    failed: dict[Generation, Exception] = {}
    keeping: asyncio.Task[None] | None = None
    try:
        for generation in generations:
            try:
                claimed = await claim(generation, store, log, owner, now, chunk=chunk, kept=kept, steps=steps)
            except NotReady as error:
                failed[generation] = error
                continue
            if claimed is None:
                failed[generation] = InUse(
                    f"another process works on {generation.id}: `oneread status` tells how far it is"
                )
            else:
                claims.append(claimed)
        keeping = asyncio.create_task(Keeping(store, claims, lease / 3).run())
        steps("build: begun")
        yield Building(claims, failed, log, store, batch, steps)
    finally:
        if keeping is not None:
            keeping.cancel()
        await asyncio.shield(_release(store, claims))


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Does all of them, to the end even if that is cancelled: none is left behind in the middle of a commit."""
    await asyncio.gather(*works, return_exceptions=True)


async def _release(store: ProjectionStore, claims: Sequence[Claim]) -> None:
    for claimed in claims:
        await claimed.end()
    for claimed in claims:
        try:
            await store.release(claimed.generation, claimed.owner)
        except StoreUnavailable:
            return  # it runs out by itself
