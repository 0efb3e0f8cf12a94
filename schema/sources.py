"""Sources: what a field of `Subscription` watches, and each change as the value of that field."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

import strawberry
from graphql import GraphQLField
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from projections.kernel.changes import Change, Watched, Watching
from projections.kernel.projection import AnyProjection
from projections.kernel.reading import Served
from schema.arguments import Given, given
from schema.demands import parsed
from schema.errors import PositionUnknown
from schema.extensions import Degraded, Noted
from schema.ports import RequestContext
from schema.roots import Outcomes, root_field
from schema.types import GraphQLType
from write_side.kernel.positions import LogPosition, Positions

AFTER = "after"
"""The argument with the position to resume after."""

LAST_EVENT_ID = "Last-Event-ID"
"""The request header of an EventSource that connects again. What it says is later than the argument, and counts instead."""

_SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Source:
    """What a field watches. `watched` is by the field's arguments, `member` is the document's name in a change."""

    projection: AnyProjection
    watched: Callable[[Given], Watched]
    member: str

    async def open(self, context: RequestContext, given: Given, name: str) -> "Events":
        """The changes that the arguments ask for, for the field that the answer calls `name`.

        Raises `RequestError`, and what the ports raise.
        """
        watched, services = self.watched(given), context.services
        after = await self._after(context, given)
        watching = await services.changes.watch(watched, after)
        return Events(self, name, watching, services.log.positions, services.served)

    async def _after(self, context: RequestContext, given: Given) -> LogPosition | None:
        token, name = given.get(AFTER), AFTER
        if context.last_event_id:
            token, name = context.last_event_id, LAST_EVENT_ID
        if token is None:
            return None
        services = context.services
        position = parsed(services.log.positions, token, name)
        if position > services.freshness.checkpoint(self.projection) and position > await services.log.head():
            raise PositionUnknown(f"{name}: the position is past the end of the log")
        return position


class Events:
    """The changes of a source, each as the value of its field: what graphql-core calls a source event stream."""

    def __init__(self, source: Source, name: str, watching: Watching, positions: Positions, served: Served) -> None:
        self._source = source
        self._name = name
        self._served = served
        self.watching = watching
        self.positions = positions

    def value(self, change: Change) -> dict[str, Any]:
        """The value of the field: a dictionary, keyed as GraphQL names fields."""
        return {
            "kind": change.kind.name,
            "position": self.positions.token(change.position),
            "id": change.key,
            self._source.member: change.document,
        }

    def noted(self, change: Change) -> dict[str, Noted]:
        """What is to be said of a change: that its document is degraded, or nothing."""
        parked = self._served.parked(self._source.projection)
        if change.key is None or change.key not in parked:
            return {}
        degraded = Degraded.of(self.positions, self._source.projection, change.key, parked[change.key])
        return {self._name: Noted(None, [degraded])}

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        return self.value(await self.watching.__anext__())


def source_field(name: str, type_: GraphQLType, arguments: Iterable[StrawberryArgument], source: Source) -> StrawberryField:
    """A field of Subscription."""

    async def resolver(info: strawberry.Info, **values: Any) -> Events:
        raw = info._raw_info
        if isinstance(raw.root_value, Outcomes):
            found: Events = raw.root_value.of(raw.path.key)
            return found
        return await source.open(raw.context, given(values), str(raw.path.key))

    return root_field(name, type_, arguments, resolver, {_SOURCE: source}, subscription=True)


def source_of(field: GraphQLField) -> Source:
    """The source of a field that `source_field` has made."""
    made = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    assert isinstance(made, StrawberryField)
    source = made.metadata[_SOURCE]
    assert isinstance(source, Source)
    return source
