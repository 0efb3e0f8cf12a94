"""Reads: the freshness that is demanded first, then the document store, or past the wait the log.

A document that is parked is answered at once, as it is: no wait brings it what it lacks, and no replay.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from projections.kernel.blame import kind_of, place_of
from projections.kernel.errors import BadPlace, NotReady, ReadTimeout, StoreUnavailable, TooFarBehind
from projections.kernel.fields import Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from schema.consistency import Consistency, Fresh, Stale
from schema.demands import Demand
from schema.errors import BadUserInput, PositionUnknown
from schema.extensions import Degraded, Noted
from schema.ports import RequestContext, Services
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import START, LogPosition

_log = logging.getLogger(__name__)
_DOCUMENTS, _LOG = Fresh("documents"), Fresh("log")
_OUTAGES = (StoreUnavailable, LogUnavailable, ReadTimeout, NotReady)


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """The read of one document, with `fields` of it, for the root field that the answer calls `name`."""

    name: str
    projection: AnyProjection
    fields: Fields

    async def find(self, context: RequestContext, key: Key, demand: Demand | None) -> Stored | None:
        """The document, or None. Raises `RequestError`, and what the ports raise."""
        services = context.services
        if demand is None:
            if not services.served.parked(self.projection):
                return await services.documents.find(self.projection, key, self.fields)
            return await self._stored(context, key, None)
        if key in services.served.parked(self.projection):
            with suppress(LogUnavailable):
                await _demand_known(services, self.projection, demand)
            return await self._stored(context, key, demand)
        if await _reached(services, self.projection, demand):
            return await self._stored(context, key, demand, demand.position)
        return await self._replayed(context, key, demand)

    async def _stored(
        self, context: RequestContext, key: Key, demand: Demand | None, reached: LogPosition = START
    ) -> Stored | None:
        """What is stored. The projection is known to have `reached` a position."""
        services = context.services
        consistency: Consistency = _DOCUMENTS
        # Looked at now: while it was waited for, it may have been parked.
        missing = services.served.parked(self.projection).get(key)
        if demand is not None:
            reflected = max(reached, services.freshness.checkpoint(self.projection))
            if missing is not None:
                reflected = LogPosition(missing - 1)
            consistency = _as_of(services, reflected, demand.position)
        stored = await services.documents.find(self.projection, key, self.fields)
        behind = () if missing is None else [Degraded.of(services.log.positions, self.projection, key, missing)]
        _note(context, self.name, demand, consistency, behind)
        return stored

    async def _replayed(self, context: RequestContext, key: Key, demand: Demand) -> Stored | None:
        """What the log says, or what is stored where the log's events cannot be folded."""
        try:
            stored = await context.services.replays.find(self.projection, key, demand.position)
        except _OUTAGES:
            raise
        except TooFarBehind:
            return await self._stored(context, key, demand)
        except Exception as error:  # any: the projector will meet it too, and park the document
            said = {"projection": self.projection.name, "key": key, "error": kind_of(error), "place": place_of(error)}
            _log.warning("a document cannot be replayed", extra=said)
            return await self._stored(context, key, demand)
        _note(context, self.name, demand, _LOG, ())
        return stored


@dataclass(frozen=True, slots=True)
class PageRead:
    """The read of pages, for the root field that the answer calls `name`."""

    name: str
    projection: AnyProjection

    async def page(self, context: RequestContext, request: PageRequest, demand: Demand | None) -> Page:
        """One page. Raises `RequestError`, and what the ports raise."""
        services = context.services
        if demand is not None:
            await self._wait(services, demand)
        parked = services.served.parked(self.projection)
        before = dict(parked) if parked else parked  # the other may change meanwhile
        try:
            page = await services.documents.page(self.projection, request)
        except BadPlace as error:
            raise BadUserInput("before" if request.after is None else "after", str(error)) from error
        consistency: Consistency = _DOCUMENTS
        if demand is not None:
            consistency = _as_of(services, page.position, demand.position)
        _note(context, self.name, demand, consistency, self._degraded(services, page, before))
        return page

    def _degraded(self, services: Services, page: Page, before: Mapping[Key, LogPosition]) -> Sequence[Degraded]:
        """Those that were parked `before` the read, which a repair may have come too late for, or are by now."""
        now = services.served.parked(self.projection)
        if not before and not now:
            return ()
        keys: list[Key] = [stored["_id"] for stored in page.documents]
        missing = [(key, now.get(key) or before.get(key)) for key in keys]
        positions = services.log.positions
        return [Degraded.of(positions, self.projection, key, first) for key, first in missing if first is not None]

    async def _wait(self, services: Services, demand: Demand) -> None:
        try:
            await _reached(services, self.projection, demand)
        except LogUnavailable:
            # Nobody can tell whether the log has got there. What there is can be answered, and said to be short of it.
            await services.freshness.reached(self.projection, demand.position, demand.wait)


def _as_of(services: Services, position: LogPosition, demanded: LogPosition) -> Consistency:
    """How fresh what is stored is, of which `position` was known before it was read."""
    if position >= demanded:
        return _DOCUMENTS
    return Stale(services.log.positions.token(position), demanded - position)


def _note(
    context: RequestContext, name: str, demand: Demand | None, consistency: Consistency, behind: Sequence[Degraded]
) -> None:
    is_told = demand is not None and (demand.is_told or consistency != _DOCUMENTS)
    if is_told or behind:
        context.noted[name] = Noted(consistency if is_told else None, behind)


async def _reached(services: Services, projection: AnyProjection, demand: Demand) -> bool:
    """Whether the projection is there, or gets there within the wait. Raises as `_demand_known` does."""
    if services.freshness.checkpoint(projection) >= demand.position:
        return True
    await _demand_known(services, projection, demand)
    return await services.freshness.reached(projection, demand.position, demand.wait)


async def _demand_known(services: Services, projection: AnyProjection, demand: Demand) -> None:
    """Raises `PositionUnknown` for what is past the log's end. The log is asked only when it has to be."""
    known = max(demand.reached, services.freshness.checkpoint(projection))
    if demand.position > known and demand.position > await services.log.head():
        raise PositionUnknown("the position demanded is past the end of the log")
