"""How fresh reads came out that asked for freshness: what `extensions.consistency` of their response says."""

from collections.abc import Mapping
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


def weakest(found: Mapping[str, Consistency]) -> dict[str, Any]:
    """What a response says. `found` is of its root fields that asked, at least one, in its order.

    One is described as it is. Of several the weakest is, and each of them in `fields`.
    """
    said = max(found.values(), key=lambda one: one.weakness).as_json()
    if len(found) > 1:
        said["fields"] = {name: one.as_json() for name, one in found.items()}
    return said
