"""Status: how every generation of the projections stands, and what is wrong with it. The one source of all who tell of it.

The command line, GraphQL, `/health` and whatever gathers numbers look at the same `Status`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from projections.kernel.generations import State
from write_side.kernel.positions import LogPosition

LATE = 0.5
"""So old the oldest event that is not projected may be, in seconds."""

STUCK = 30.0
"""So long a projection that is behind may make no progress, in seconds."""


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """One generation. `position` is its checkpoint, `behind` how many events are past it.

    `oldest_pending` is the age of the first of those, in seconds, None where there are none; `rate` how many events a
    second it has projected lately, None where nobody has watched for long enough to tell; `moved_at` when its checkpoint
    last moved (UTC); `dead_letters` how many documents are parked; `worked_on` whether a projector has its lease; `failure`
    what keeps that projector, or kept the last one. `problems` says what else an operator should look at: of a served one
    only.
    """

    projection: str
    version: str
    generation: int
    state: State
    position: LogPosition
    behind: int
    oldest_pending: float | None
    rate: float | None
    moved_at: datetime | None
    dead_letters: int
    worked_on: bool
    failure: str | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """All generations at one moment (`at`, UTC); `head` is the last position of the log.

    `unserved` names the projections that have no generation to serve.
    """

    at: datetime
    head: LogPosition
    generations: Sequence[GenerationStatus]
    unserved: Sequence[str]


class Statuses(Protocol):
    """Looks at how things stand: one command of each database."""

    async def look(self) -> Status:
        """The status now. Raises `StoreUnavailable`, `LogUnavailable`."""
        ...
