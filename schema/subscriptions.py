"""The subscription fields of each read model, and the types of the changes that they push."""

from typing import Any, Optional

import strawberry
from graphql import GraphQLResolveInfo

from projections.kernel.projection import AnyProjection
from schema.errors import NotServed
from schema.fields import RootField, declare, optional
from schema.filters import Filters
from schema.objects import Objects, enum_of, public
from write_side.kernel.positions import Position

AFTER = "The position last seen: nothing at or before it is sent again, and nothing past it is left out."
KINDS = (
    "SNAPSHOT: the state now, sent first (null for an id that does not exist yet). UPDATED: a later state. LEFT: no "
    "longer matches the filter; may name a document that you never held. DELETED: gone. RESYNC: changes were missed, "
    "read the page again."
)


class Subscriptions:
    """Makes the subscription fields."""

    def __init__(self, objects: Objects, filters: Filters) -> None:
        self._objects = objects
        self._filters = filters
        names = ("SNAPSHOT", "UPDATED", "LEFT", "DELETED", "RESYNC")
        self._kind = enum_of("ChangeKind", names, KINDS)

    def fields(self, projections: tuple[AnyProjection, ...]) -> dict[str, RootField]:
        """Every subscription field by its name."""
        found: dict[str, RootField] = {}
        for projection in projections:
            spec = projection.spec
            if not spec.watch:
                continue
            single = spec.name[:1].lower() + spec.name[1:]
            change = self._change(projection, single)
            after = {"after": optional(Position, AFTER)}
            if "one" in spec.watch:
                by_id: dict[str, Any] = {} if spec.singleton else {"id": strawberry.ID}
                found[f"{single}Changed"] = _field({**by_id, **after}, change, f"Pushes the changes of one {spec.name}.")
            if "many" in spec.watch:
                filter_type = self._filters.of(projection)
                narrowed = {} if filter_type is None else {"filter": optional(filter_type, "All must hold.")}
                about = f"Pushes the changes of {spec.many}, without a snapshot: read the page first."
                found[f"{spec.many}Changed"] = _field({**narrowed, **after}, change, about)
        return found

    def _change(self, projection: AnyProjection, single: str) -> Any:
        members = {
            "kind": self._kind,
            "position": Position,
            "id": Optional[strawberry.ID],  # noqa: UP045
            single: Optional[self._objects.document(projection)],  # noqa: UP045
        }
        return public(f"{projection.spec.name}Change", members)


def _field(arguments: dict[str, Any], change: Any, about: str) -> RootField:
    return RootField(declare(arguments, change, about), _not_served)


async def _not_served(_: object, _info: GraphQLResolveInfo[Any], **_given: Any) -> Any:
    raise NotServed("changes are not pushed by this server yet: read again instead")
