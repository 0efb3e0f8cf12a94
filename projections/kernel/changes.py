"""The port of what is pushed: how a document, or all that meet conditions, change from now on or from a position on."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol, Self

from projections.kernel.conditions import Condition
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition


class ChangeKind(Enum):
    """What a change says of its document."""

    SNAPSHOT = "SNAPSHOT"
    UPDATED = "UPDATED"
    LEFT = "LEFT"
    DELETED = "DELETED"
    RESYNC = "RESYNC"


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `position` is where to resume: everything up to it has been told, by this change and those before it.

    `key` is None for RESYNC, which is about no document. `document` is the whole stored document after the change; None for
    LEFT, DELETED, RESYNC, and for the SNAPSHOT of a document that is not there. Those who watch the same get the same
    change: it is not to be changed, but for `rendered`, which is what they have made of it, by who made it.
    """

    kind: ChangeKind
    position: LogPosition
    key: Key | None = None
    document: Stored | None = None
    rendered: dict[object, bytes] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: the document `key`, or where it is None, all documents that meet `conditions`."""

    projection: AnyProjection
    key: Key | None = None
    conditions: tuple[Condition, ...] = ()


class Watching(Protocol):
    """Changes of what is watched, as they come; a reader that is slow gets the latest state of each document.

    Ends when the process stops pushing. `close` may be called at any time, and again.
    """

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> Change: ...

    def close(self) -> None:
        """Watches no more: what waits for the next change is told the end."""
        ...


class Changes(Protocol):
    """Changes of the served generations. Per document, positions only grow."""

    async def watch(self, watched: Watched, after: LogPosition | None) -> Watching:
        """The changes past `after`: nothing past it is left out, nothing at or before it comes.

        Without `after`, one document begins with its SNAPSHOT, and many with what comes from now on. With it, a SNAPSHOT
        comes only if there is something newer, and RESYNC where more has changed than is told one by one; either comes
        where documents were mended since, whose positions do not tell. `after` is a position that the log has reached.
        Raises `StoreUnavailable`, `ReadTimeout`, `NotReady`.
        """
        ...
