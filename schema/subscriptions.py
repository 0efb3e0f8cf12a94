"""The subscriptions: their types, from what documents declare to be watched."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from projections.kernel.projection import AnyProjection
from schema.arguments import Given
from schema.connections import identifier
from schema.errors import NotServed
from schema.filters import FilterTypes
from schema.names import lower_first
from schema.objects import ObjectTypes
from schema.ports import RequestContext
from schema.roots import Asked, Read, root
from schema.types import GraphQLType, argument, enum_type, new_type, nullable, plain
from write_side.kernel.positions import Position


class ChangeKind(Enum):
    """What a change says of its document."""

    SNAPSHOT = "SNAPSHOT"
    UPDATED = "UPDATED"
    LEFT = "LEFT"
    DELETED = "DELETED"
    RESYNC = "RESYNC"


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
                own = [] if spec.singleton is not None else [identifier("id")]
                yield _field(f"{lower_first(spec.name)}Changed", change, own)
            if "many" in spec.watch:
                filter_type = self._filters.of(projection)
                own = [] if filter_type is None else [argument("filter", nullable(filter_type))]
                yield _field(f"{spec.many}Changed", change, own)

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


def _field(name: str, change: GraphQLType, arguments: list[StrawberryArgument]) -> StrawberryField:
    after = argument("after", nullable(Position), "The position last seen: nothing at or before it is sent again.")
    return root(name, change, [*arguments, after], _not_pushed, subscription=True)


def _not_pushed(_: Asked) -> Read:
    async def read(context: RequestContext, given: Given) -> Any:
        raise NotServed("this server does not push changes: read again with atLeast")

    return read
