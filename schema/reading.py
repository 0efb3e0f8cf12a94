"""Reads: the freshness that is demanded first, then one call of the document store."""

from collections.abc import Mapping
from dataclasses import dataclass

from projections.kernel.errors import BadPlace
from projections.kernel.fields import Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from schema.errors import BadUserInput, NotFreshYet, PositionUnknown
from schema.ports import RequestContext, Services
from write_side.kernel.domain import Domain
from write_side.kernel.events import StreamName
from write_side.kernel.ids import Id
from write_side.kernel.positions import START, ForeignPosition, LogPosition, MalformedPosition

HEADER = "Oneread-At-Least"
"""The request header that stands in for `atLeast`."""

WAIT = "Oneread-Wait"
"""The request header that lowers how long a read waits to be as fresh as it must: `250ms` or `1.5s`."""


class OwnStreams:
    """The stream whose version a document shows, by the document's id."""

    def __init__(self, domain: Domain) -> None:
        self._kinds = {kind.name: kind for kind in domain.kinds}

    def check(self, projection: AnyProjection) -> None:
        """Raises `ValueError` when a document is declared to be of a stream that no kind is named for."""
        stream = projection.spec.stream
        if stream is not None and stream not in self._kinds:
            raise ValueError(f"{projection.spec.name} is of the stream {stream}, which the domain does not have")

    def name(self, projection: AnyProjection, key: Key) -> StreamName | None:
        """The name of a document's own stream; None for a document of no single stream."""
        if projection.spec.stream is None:
            return None
        kind = self._kinds[projection.spec.stream]
        return kind.of(kind.key.of(Id(key))).name


@dataclass(frozen=True, slots=True)
class Demand:
    """How fresh a read must be: at a position token, and at a version of the document's own stream."""

    at_least: str | None = None
    argument: str = "atLeast"
    min_version: int | None = None

    @classmethod
    def of(cls, context: RequestContext, given: Mapping[str, object]) -> "Demand":
        """What the arguments demand, or else the request's header."""
        at_least, version = given.get("atLeast"), given.get("minVersion")
        if at_least is None and version is None and context.at_least is None:
            return ANY
        minimum = version if isinstance(version, int) else None
        if isinstance(at_least, str):
            return cls(at_least, "atLeast", minimum)
        return cls(context.at_least, HEADER, minimum)


ANY = Demand()
"""As fresh as it happens to be."""


async def read_one(
    services: Services,
    projection: AnyProjection,
    key: Key,
    demand: Demand,
    own_stream: StreamName | None,
    fields: Fields,
) -> Stored | None:
    """One document, with `fields` of it, or None. Raises `RequestError`, and what the ports raise."""
    if demand is not ANY:
        position = _demanded(services, demand)
        if demand.min_version is not None:
            position = max(position, await _position_of(services, own_stream, demand.min_version))
        await _reach(services, projection, position)
    return await services.documents.find(projection, key, fields)


async def read_page(services: Services, projection: AnyProjection, request: PageRequest, demand: Demand) -> Page:
    """One page. Raises `RequestError`, and what the ports raise."""
    if demand is not ANY:
        await _reach(services, projection, _demanded(services, demand))
    try:
        return await services.documents.page(projection, request)
    except BadPlace as error:
        raise BadUserInput("before" if request.after is None else "after", str(error)) from error


async def read_written(
    services: Services, projection: AnyProjection, key: Key, position: LogPosition, fields: Fields
) -> Stored | None:
    """A document at least as fresh as a command that took effect at `position`. Raises as `read_one` does."""
    await _reach(services, projection, position, known=True)
    return await services.documents.find(projection, key, fields)


def _demanded(services: Services, demand: Demand) -> LogPosition:
    if demand.at_least is None:
        return START
    try:
        return services.log.positions.parse(demand.at_least)
    except MalformedPosition:
        raise BadUserInput(demand.argument, "is not a position that was given out here") from None
    except ForeignPosition:
        raise PositionUnknown(f"{demand.argument}: the position belongs to another log") from None


async def _position_of(services: Services, stream: StreamName | None, version: int) -> LogPosition:
    if version < 0:
        raise BadUserInput("minVersion", "must not be negative")
    if stream is None:
        raise BadUserInput("minVersion", "this document has no version: use atLeast")
    if version == 0:
        return START
    position = await services.log.position_of(stream, version)
    if position is None:
        raise PositionUnknown(f"minVersion: there is no version {version} yet")
    return position


async def _reach(services: Services, projection: AnyProjection, position: LogPosition, *, known: bool = False) -> None:
    """Waits until the projection is there. The log is asked only when it is not: `known` positions it has for sure."""
    if services.freshness.checkpoint(projection) >= position:
        return
    if not known and position > await services.log.head():
        raise PositionUnknown("the position demanded is past the end of the log")
    if not await services.freshness.reached(projection, position, services.patience):
        raise NotFreshYet(f"{projection.name} has not reached the position demanded within {services.patience:g} s")
