"""Rebuilding: generations made anew from the log beside those that are served, compared with them, and then served.

It may be stopped, or killed, at any moment: run again it goes on where it was.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from projections.kernel.building import BATCH, Building, claimed_by
from projections.kernel.comparing import Comparing, Comparison
from projections.kernel.errors import HasDeadLetters, InUse, NoFormer, NotCaughtUp, TooFarBehind
from projections.kernel.generations import Generation, Purpose, Standing, State
from projections.kernel.leases import LEASE
from projections.kernel.projection import AnyProjection
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import Generations, ProjectionStore
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

PATIENCE = 60.0
"""So long a generation is caught up and tried to be switched to, in seconds: what is served gets on meanwhile."""


class Observer(Protocol):
    """Told of what takes long."""

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        """A generation has folded the log up to `position`; its last one is `head`."""
        ...

    def compared(self, generation: Generation, documents: int) -> None:
        """So many documents of a generation were compared."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What is served now, and how the one before it compared; None where that could not be compared, or was none."""

    generation: Generation
    comparison: Comparison | None


Outcomes = Mapping[AnyProjection, Rebuilt | Exception]
"""What has become of each projection: what goes wrong with one does not keep the others."""


def goes_on(standing: Standing, *, force: bool = False) -> bool:
    """Whether a rebuild goes on with a generation that was left half built."""
    began = standing.state is State.BUILDING and standing.purpose is Purpose.SERVING and standing.checkpoint.position > 0
    # One that somebody works on keeps the rebuild out.
    return began and standing.owner is None and (force or not standing.dead_letters)


class Builds:
    """Claims generations for one run, which is an owner of its own.

    `now` is the time (UTC), `lease` is in seconds, `batch` the most events that are folded before documents are written.
    """

    def __init__(
        self,
        log: LogReader,
        store: ProjectionStore,
        now: Callable[[], datetime],
        lease: float = LEASE,
        batch: int = BATCH,
        steps: Steps = unwatched,
    ) -> None:
        self.owner = f"run-{secrets.token_hex(8)}"
        self.steps = steps
        self._log = log
        self._store = store
        self._now = now
        self._lease = lease
        self._batch = batch

    async def hold(self, generation: Generation) -> None:
        """Takes the lease of one that is to be claimed with others: nobody drops it before that.

        Raises `NotReady` where somebody has, and `StoreUnavailable`.
        """
        await self._store.claim(generation, self.owner, self._log.positions)

    def claimed(self, generations: Sequence[Generation]) -> AbstractAsyncContextManager[Building]:
        """See `claimed_by`."""
        return claimed_by(
            self.owner,
            generations,
            self._log,
            self._store,
            self._now,
            lease=self._lease,
            batch=self._batch,
            steps=self.steps,
        )


class Rebuilding:
    """Rebuilds projections, and goes back to what was served before. `patience`: see `PATIENCE`."""

    def __init__(self, generations: Generations, builds: Builds, comparing: Comparing, patience: float = PATIENCE) -> None:
        self._generations = generations
        self._builds = builds
        self._comparing = comparing
        self._patience = patience

    async def rebuild(self, projections: Sequence[AnyProjection], observer: Observer, *, force: bool = False) -> Outcomes:
        """Builds a new generation of each, from the first event, and serves it. `force`: with dead letters, too.

        What was being built is gone on with; but it is begun anew where documents of it are parked, since what was wrong
        with them may have been mended. The log is read once for all. Of one that another process builds the outcome is
        `InUse`. Raises `StoreUnavailable`, `LogUnavailable`.
        """
        if not force:
            await self._drop_those_with_dead_letters(projections)
        outcomes: dict[AnyProjection, Rebuilt | Exception] = {}
        generations: list[Generation] = []
        for projection in projections:
            try:
                generations.append(await self._generations.begin(projection, Purpose.SERVING))
            except InUse as error:
                outcomes[projection] = error
        async with self._builds.claimed(generations) as building:
            await building.catch_up(observer.reached)
            for each in generations:
                outcomes[each.projection] = await self._served(each, building, observer, force)
        return outcomes

    async def go_back(self, projections: Sequence[AnyProjection], observer: Observer, *, force: bool = False) -> Outcomes:
        """Serves the generation of each that was served before, once it is caught up. Raises as `rebuild` does."""
        outcomes: dict[AnyProjection, Rebuilt | Exception] = {}
        for projection in projections:
            alias = await self._generations.alias(projection)
            if alias is None or alias.former is None:
                outcomes[projection] = NoFormer(projection.name)
            else:
                former = Generation(projection, alias.former)
                async with self._builds.claimed([former]) as building:
                    outcomes[projection] = await self._served(former, building, observer, force)
        return outcomes

    async def _drop_those_with_dead_letters(self, projections: Sequence[AnyProjection]) -> None:
        for standing in await self._generations.standings(projections):
            # One that somebody works on keeps this run out anyway.
            if standing.state is State.BUILDING and standing.dead_letters and standing.owner is None:
                await self._generations.drop(standing.generation)

    async def _served(
        self, generation: Generation, building: Building, observer: Observer, force: bool
    ) -> Rebuilt | Exception:
        try:
            return await self._replace(generation, building, observer, force)
        except Exception as error:  # any: the others go on
            return error
        finally:
            # The projector that is fenced off what was served is to go on with it at once.
            await building.leave(generation)

    async def _replace(self, generation: Generation, building: Building, observer: Observer, force: bool) -> Rebuilt:
        async def catch_up() -> None:
            await building.catch_up(observer.reached, generation)
            parked = building.claim(generation).parked
            if parked and not force:
                raise HasDeadLetters(generation.id, len(parked))

        await catch_up()
        await self._generations.complete(generation)
        self._builds.steps("build: completed")
        await catch_up()
        alias = await self._generations.alias(generation.projection)
        served = None if alias is None or alias.serving is None else Generation(generation.projection, alias.serving)
        comparison = None
        if served is not None:
            try:
                comparison = await self._comparing.compare(
                    served, generation, catch_up, lambda documents: observer.compared(generation, documents)
                )
            except TooFarBehind:
                comparison = None  # what cannot be told from the log is taken for different
        self._builds.steps("build: compared")
        same = comparison is not None and comparison.is_clean
        deadline = asyncio.get_running_loop().time() + self._patience
        while True:
            await catch_up()
            try:
                await self._generations.switch(
                    generation, self._builds.owner, force=force, same_as=served if same else None
                )
                break
            except NotCaughtUp:
                if asyncio.get_running_loop().time() > deadline:
                    raise
        return Rebuilt(generation, comparison)
