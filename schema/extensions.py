"""Extensions: what a response says beside its data, gathered by the names of its root fields while these are read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from projections.kernel.projection import AnyProjection, Key
from schema.consistency import Consistency, weakest
from write_side.kernel.positions import LogPosition, Position, Positions


@dataclass(frozen=True, slots=True)
class Degraded:
    """A document that an event could not be folded into: it lacks that event, at `position`, and what came after it."""

    type: str
    id: Key
    position: Position

    @classmethod
    def of(cls, positions: Positions, projection: AnyProjection, key: Key, missing: LogPosition) -> Self:
        """The document `key`, of which `missing` is the first event that is not in it."""
        return cls(projection.spec.name, key, positions.token(missing))

    def as_json(self) -> dict[str, str]:
        """For the response."""
        return {"type": self.type, "id": self.id, "position": self.position}


class Noted(NamedTuple):
    """What is to be said of one root field: how fresh it is, if that is to be told, and its degraded documents."""

    consistency: Consistency | None
    degraded: Sequence[Degraded]


def extensions(noted: Mapping[str, Noted], names: Iterable[str]) -> dict[str, Any]:
    """The extensions of a response whose root fields are `names`, in its order. `noted` is what there is to be said.

    Of degraded documents each is named once, where the answer has it first.
    """
    said = {name: noted[name] for name in names if name in noted}
    found: dict[str, Any] = {}
    if fresh := {name: one.consistency for name, one in said.items() if one.consistency is not None}:
        found["consistency"] = weakest(fresh)
    if behind := {document.id: document for one in said.values() for document in one.degraded}:
        found["degraded"] = [document.as_json() for document in behind.values()]
    return found
