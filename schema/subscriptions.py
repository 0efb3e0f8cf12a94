"""The subscriptions: their types, from what documents declare to be watched."""

from collections.abc import Callable, Iterator, Sequence

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from projections.kernel.changes import ChangeKind, Watched
from projections.kernel.projection import AnyProjection, Key
from schema.arguments import Given
from schema.connections import identifier
from schema.filters import FilterTypes, conditions
from schema.keys import parsed_key
from schema.names import lower_first
from schema.objects import ObjectTypes
from schema.sources import AFTER, Source, source_field
from schema.types import GraphQLType, argument, enum_type, new_type, nullable, plain
from write_side.kernel.positions import Position

_KINDS = {
    "SNAPSHOT": "The state now, sent first (null for an id that does not exist yet).",
    "UPDATED": "A later state.",
    "LEFT": "No longer matches the filter; may name a document that you never held.",
    "DELETED": "Gone.",
    "RESYNC": "Changes were missed, read the page again.",
}


class Subscriptions:
    """Makes the fields of `Subscription`."""

    def __init__(self, projections: Sequence[AnyProjection], objects: ObjectTypes, filters: FilterTypes) -> None:
        self._projections = projections
        self._objects = objects
        self._filters = filters
        self._kind = enum_type(ChangeKind, _KINDS)

    def fields(self) -> Iterator[StrawberryField]:
        """All fields."""
        for projection in self._projections:
            spec = projection.spec
            if not spec.watch:
                continue
            change = self._change(projection)
            if "one" in spec.watch:
                yield self._one(projection, change)
            if "many" in spec.watch:
                yield self._many(projection, change)

    def _one(self, projection: AnyProjection, change: GraphQLType) -> StrawberryField:
        spec = projection.spec
        singleton = None if spec.singleton is None else Key(spec.singleton)

        def watched(given: Given) -> Watched:
            return Watched(projection, singleton or parsed_key(projection.id_type, given, "id"))

        own = [identifier("id")] if singleton is None else []
        return source_field(f"{lower_first(spec.name)}Changed", change, [*own, _after()], _source(projection, watched))

    def _many(self, projection: AnyProjection, change: GraphQLType) -> StrawberryField:
        def watched(given: Given) -> Watched:
            return Watched(projection, conditions=conditions(projection, given.get("filter", {})))

        filter_type = self._filters.of(projection)
        own = [] if filter_type is None else [argument("filter", nullable(filter_type))]
        return source_field(f"{projection.spec.many}Changed", change, [*own, _after()], _source(projection, watched))

    def _change(self, projection: AnyProjection) -> GraphQLType:
        spec = projection.spec
        return new_type(
            f"{spec.name}Change",
            [
                plain("kind", self._kind),
                plain("position", Position, "Where to resume: everything up to it has been sent. It never decreases."),
                plain("id", nullable(strawberry.ID)),
                plain(lower_first(spec.name), nullable(self._objects.of(projection.document))),
            ],
            f"A change of {spec.name}.",
        )


def _source(projection: AnyProjection, watched: Callable[[Given], Watched]) -> Source:
    return Source(projection, watched, lower_first(projection.spec.name))


def _after() -> StrawberryArgument:
    return argument(AFTER, nullable(Position), "The position last seen: nothing at or before it is sent again.")
