"""Generations: the collections that a projection's documents have been folded into, and which of them is served.

All belong to one version of a projection: its declared version and the digest of its documents' shape. Code of another
version has generations of its own, which it alone projects and serves.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from projections.kernel.errors import NotReady
from projections.kernel.projection import AnyProjection, Key
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogId, LogPosition


@dataclass(frozen=True, slots=True)
class Generation:
    """One filling of a projection's collection. `number` counts those of a version, from 1."""

    projection: AnyProjection
    number: int

    @property
    def id(self) -> str:
        """The name of its collection, and the id of its checkpoint and lease."""
        return f"{self.projection.version_id}.g{self.number}"


class Purpose(Enum):
    """What a generation that is not served was begun for."""

    SERVING = "SERVING"
    """To be served, now or once it is built."""
    VERIFYING = "VERIFYING"
    """To be compared with the one that is, and dropped."""


class State(Enum):
    """What a generation is just now."""

    SERVED = "SERVED"
    BUILDING = "BUILDING"
    """It is being built, or somebody has stopped building it: who rebuilds goes on with it."""
    FORMER = "FORMER"
    """It was served before the one that is: `--back` switches to it."""
    OTHER_LOG = "OTHER_LOG"
    """It was made for another log than the one that is open: for this one it is made anew."""
    LEFT = "LEFT"
    """Nobody needs it: `oneread prune` drops it."""


@dataclass(frozen=True, slots=True)
class Alias:
    """Which generations of a version count: what one write switches. None: there is no such generation.

    `log` is the log that all three were folded from.
    """

    log: LogId
    serving: int | None
    building: int | None = None
    former: int | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a generation has come: every event up to `position`, whose event has the id `event_id`.

    While the next event fans out over more documents than one transaction takes, `partial` is the last key it has reached.
    """

    position: LogPosition
    event_id: EventId | None
    partial: Key | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One generation as it is: where it stands, what for, and who works on it.

    `log` is the one it is folded from; `owner` who holds its lease, None if nobody does; `moved_at` when its checkpoint
    last moved (UTC); `failure` what keeps it, as its projector said last, None while nothing does; `dead_letters` how many
    documents are parked; `purpose` what it was begun for.
    """

    generation: Generation
    state: State
    log: LogId
    checkpoint: Checkpoint
    owner: str | None
    moved_at: datetime | None
    failure: str | None
    dead_letters: int
    purpose: Purpose = Purpose.SERVING


def serving(projection: AnyProjection, alias: Alias | None, log: LogId) -> Generation:
    """The generation that an alias serves. Raises `NotReady`."""
    if alias is None or alias.serving is None:
        raise NotReady(f"{projection.name} is not built yet: a projector builds it, `oneread status` tells how far it is")
    if alias.log != log:
        raise NotReady(f"{projection.name} was made for another log: `oneread rebuild {projection.name}` makes it anew")
    return Generation(projection, alias.serving)
