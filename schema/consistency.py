"""How fresh reads came out that asked for freshness: `extensions.consistency` of their response."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from write_side.kernel.positions import Position


@dataclass(frozen=True, slots=True)
class Fresh:
    """At least as fresh as was demanded.

    `documents`: what is stored had got there. `log`: it had not, and the pending events were folded over it.
    """

    source: Literal["documents", "log"]

    @property
    def weakness(self) -> tuple[int, int]:
        """Greater for what says less."""
        return (0 if self.source == "documents" else 1), 0

    def as_json(self) -> dict[str, Any]:
        """For the response."""
        return {"source": self.source}


@dataclass(frozen=True, slots=True)
class Stale:
    """Less fresh than was demanded: as of `position`, which lacks `behind` events of what was demanded."""

    position: Position
    behind: int

    @property
    def weakness(self) -> tuple[int, int]:
        """Greater for what says less."""
        return 2, self.behind

    def as_json(self) -> dict[str, Any]:
        """For the response."""
        return {"stale": True, "position": self.position, "behind": self.behind}


Consistency = Fresh | Stale
"""How fresh one root field was answered."""


def extensions(found: Mapping[str, Consistency], names: Iterable[str]) -> dict[str, Any]:
    """The extensions of a response whose root fields are `names`, in its order. `found` is what was noted, at least one.

    One root field that asked is described as it is. Of several the weakest is, and each of them in `fields`.
    """
    weakest = max(found.values(), key=lambda one: one.weakness).as_json()
    if len(found) > 1:
        weakest["fields"] = {name: found[name].as_json() for name in names if name in found}
    return {"consistency": weakest}
