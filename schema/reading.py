"""Reads: the freshness that is demanded first, then the document store, or past the wait the log."""

from dataclasses import dataclass

from projections.kernel.errors import BadPlace, TooFarBehind
from projections.kernel.fields import Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from schema.consistency import Consistency, Fresh, Stale
from schema.demands import Demand
from schema.errors import BadUserInput, PositionUnknown
from schema.ports import RequestContext, Services
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition

_DOCUMENTS, _LOG = Fresh("documents"), Fresh("log")


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """The read of one document, with `fields` of it, for the root field that the answer calls `name`."""

    name: str
    projection: AnyProjection
    fields: Fields

    async def find(self, context: RequestContext, key: Key, demand: Demand | None) -> Stored | None:
        """The document, or None. Raises `RequestError`, and what the ports raise."""
        if demand is None:
            return await context.services.documents.find(self.projection, key, self.fields)
        consistency: Consistency = _DOCUMENTS
        if await _reached(context.services, self.projection, demand):
            stored = await self._stored(context.services, key)
        else:
            stored, consistency = await self._replayed(context.services, key, demand.position)
        _note(context, self.name, demand, consistency)
        return stored

    async def _stored(self, services: Services, key: Key) -> Stored | None:
        return await services.documents.find(self.projection, key, self.fields)

    async def _replayed(self, services: Services, key: Key, position: LogPosition) -> tuple[Stored | None, Consistency]:
        try:
            return await services.replays.find(self.projection, key, position), _LOG
        except TooFarBehind:
            checkpoint = services.freshness.checkpoint(self.projection)
            return await self._stored(services, key), _as_stored(services, checkpoint, position)


@dataclass(frozen=True, slots=True)
class PageRead:
    """The read of pages, for the root field that the answer calls `name`."""

    name: str
    projection: AnyProjection

    async def page(self, context: RequestContext, request: PageRequest, demand: Demand | None) -> Page:
        """One page. Raises `RequestError`, and what the ports raise."""
        if demand is not None:
            await self._wait(context.services, demand)
        try:
            page = await context.services.documents.page(self.projection, request)
        except BadPlace as error:
            raise BadUserInput("before" if request.after is None else "after", str(error)) from error
        if demand is not None:
            _note(context, self.name, demand, _as_stored(context.services, page.position, demand.position))
        return page

    async def _wait(self, services: Services, demand: Demand) -> None:
        try:
            await _reached(services, self.projection, demand)
        except LogUnavailable:
            # Nobody can tell whether the log has got there. What there is can be answered, and said to be short of it.
            await services.freshness.reached(self.projection, demand.position, demand.wait)


def _as_stored(services: Services, position: LogPosition, demanded: LogPosition) -> Consistency:
    """How fresh what is stored is, of which `position` was known before it was read."""
    if position >= demanded:
        return _DOCUMENTS
    return Stale(services.log.positions.token(position), demanded - position)


def _note(context: RequestContext, name: str, demand: Demand, consistency: Consistency) -> None:
    if demand.is_told or consistency != _DOCUMENTS:
        context.consistency[name] = consistency


async def _reached(services: Services, projection: AnyProjection, demand: Demand) -> bool:
    """Whether the projection is there, or gets there within the wait. The log is asked only when it has to be."""
    if services.freshness.checkpoint(projection) >= demand.position:
        return True
    if demand.position > demand.reached and demand.position > await services.log.head():
        raise PositionUnknown("the position demanded is past the end of the log")
    return await services.freshness.reached(projection, demand.position, demand.wait)
