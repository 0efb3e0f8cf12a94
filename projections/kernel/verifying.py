"""Verifying: the log folded afresh, beside what is served, and every document compared."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from projections.kernel.building import Building
from projections.kernel.comparing import Comparing, Comparison
from projections.kernel.differences import Difference
from projections.kernel.errors import NotReady
from projections.kernel.explaining import Explaining, Makers
from projections.kernel.generations import Generation, Purpose, State, serving
from projections.kernel.projection import AnyProjection
from projections.kernel.rebuilding import Builds, Observer
from projections.kernel.storing import Generations
from write_side.kernel.errors import OnereadError
from write_side.kernel.positions import LogId

_log = logging.getLogger(__name__)

MOST_EXPLAINED = 20
"""So many differing documents of a projection are explained."""


@dataclass(frozen=True, slots=True)
class Verified:
    """How what is served compares with the log, and for the first of the differences what should have made them."""

    comparison: Comparison
    explained: Sequence[tuple[Difference, Makers]]


class Verifying:
    """Verifies what is served from the log `log`."""

    def __init__(
        self, generations: Generations, builds: Builds, comparing: Comparing, explaining: Explaining, log: LogId
    ) -> None:
        self._generations = generations
        self._builds = builds
        self._comparing = comparing
        self._explaining = explaining
        self._log = log

    async def verify(
        self, projections: Sequence[AnyProjection], observer: Observer
    ) -> Mapping[AnyProjection, Verified | Exception]:
        """Folds the log once for all of them, and compares. What this takes is dropped afterwards.

        What keeps one of them from being verified does not keep the others. Raises `StoreUnavailable`, `LogUnavailable`.
        """
        await self._drop_what_was_left(projections)
        found: dict[AnyProjection, Verified | Exception] = {}
        served: dict[AnyProjection, Generation] = {}
        for projection in projections:
            try:
                served[projection] = serving(projection, await self._generations.alias(projection), self._log)
            except NotReady as error:
                found[projection] = error
        begun: list[Generation] = []
        try:
            for projection in served:
                try:
                    fresh = await self._generations.begin(projection, Purpose.VERIFYING)
                    await self._builds.hold(fresh)
                except NotReady as error:  # somebody has dropped it: it was nobody's for a moment
                    found[projection] = error
                else:
                    begun.append(fresh)
            async with self._builds.claimed(begun) as building:
                await building.catch_up(observer.reached)
                for fresh in begun:
                    found[fresh.projection] = await self._verified(served[fresh.projection], fresh, building, observer)
        finally:
            await asyncio.shield(self._drop(begun))
        return found

    async def _verified(
        self, served: Generation, fresh: Generation, building: Building, observer: Observer
    ) -> Verified | Exception:
        projection = fresh.projection

        async def catch_up() -> None:
            await building.catch_up(observer.reached, fresh)
            building.claim(fresh)

        try:
            building.claim(fresh)
            comparison = await self._comparing.compare(
                served, fresh, catch_up, lambda documents: observer.compared(fresh, documents)
            )
            first = comparison.differences[:MOST_EXPLAINED]
            makers = await self._explaining.explain([(projection, one) for one in first], comparison.position)
        except Exception as error:  # any: the others are verified all the same
            return error
        return Verified(comparison, list(zip(first, makers, strict=True)))

    async def _drop_what_was_left(self, projections: Sequence[AnyProjection]) -> None:
        """Drops what runs that were killed have left."""
        standings = await self._generations.standings(projections)
        left = [one for one in standings if one.purpose is Purpose.VERIFYING and one.state is State.LEFT]
        await self._drop([one.generation for one in left])

    async def _drop(self, generations: Sequence[Generation]) -> None:
        for generation in generations:
            try:
                await self._generations.drop(generation)
            except OnereadError as error:
                # It stands in nobody's way: the next run drops it, or `oneread prune`.
                _log.warning("what was made to verify is not dropped", extra={"reason": str(error)})
