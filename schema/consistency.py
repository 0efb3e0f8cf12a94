"""How fresh a read came out that asked for freshness: `extensions.consistency` of its response."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Consistency:
    """What one root field was answered from.

    `documents`: what is stored had got there. `log`: what is stored had not, and the pending events were folded over it.
    """

    source: Literal["documents", "log"]

    def as_json(self) -> dict[str, Any]:
        """For the response."""
        return {"source": self.source}
