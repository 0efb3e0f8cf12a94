"""What clients note: every read and every push, in the order in which each of them saw it.

Positions are numbers. `moment` is when it was seen, in seconds of the system's clock, which the log's events go by as well.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.system.checker.subjects import Content, Listing, Model, Subject


@dataclass(frozen=True, slots=True)
class Sighting:
    """A document as it was shown, with its own position."""

    key: str
    position: int
    content: Content


@dataclass(frozen=True, slots=True)
class Stale:
    """An answer's word that it lacks `behind` events of what was demanded, being as of `position`."""

    position: int
    behind: int


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document that was read. `demand` is the position that had to be in it; 0: none."""

    client: str
    model: Model
    key: str
    demand: int
    seen: Sighting | None
    stale: Stale | None = None


@dataclass(frozen=True, slots=True)
class PageRead:
    """A list that was read to its end. `position` is its first page's: all up to there is in it."""

    client: str
    listing: Listing
    demand: int
    position: int
    seen: tuple[Sighting, ...]
    moment: float
    stale: Stale | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A subscription began, after a position that its client was told, or without one."""

    after: int | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """A change that was pushed."""

    kind: str
    position: int
    moment: float
    key: str | None
    seen: Sighting | None = None


@dataclass(slots=True)
class Watch:
    """What one client was told of a subject, over all of its subscriptions to it. It may have `left` before the end."""

    client: str
    subject: Subject
    told: list[Opened | Pushed | PageRead] = field(default_factory=list)
    left: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that was accepted, with its last event at `position`, in so many `tries`."""

    client: str
    command_id: str
    position: int
    tries: int


@dataclass(slots=True)
class Records:
    """What all clients have noted. `surprises` are answers that no client of this shop should get."""

    reads: list[DocumentRead] = field(default_factory=list)
    pages: list[PageRead] = field(default_factory=list)
    watches: list[Watch] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
