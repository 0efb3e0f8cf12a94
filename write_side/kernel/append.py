"""Appends: what the bus asks of the log, and what the log answers. The port behind group commit.

Every outcome of a decision is such a request, also a refusal and a command that changes nothing: it names the heads that
the decision read, so that nothing rests on a state that another process has outdated or that never came to be.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from write_side.kernel.codec import encode
from write_side.kernel.events import Event, Metadata, Recorded, StreamName
from write_side.kernel.ids import CommandId, EventId
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a stream: its version and the id of its last event, or 0 and None before the first."""

    version: int
    event_id: EventId | None


EMPTY = Head(0, None)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is to be appended as version `version` of a stream."""

    event_id: EventId
    stream: StreamName
    version: int
    event: Event
    data: str = field(init=False, repr=False)
    """The event as it is stored. Made at once: what cannot be encoded fails here, and not a whole batch."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", encode(self.event))


@dataclass(frozen=True, slots=True)
class Append:
    """One request: append all `events` if every stream in `heads` still ends there.

    The events of a stream follow its head without a gap. `target` is the stream that the answer is about. With `binds`, the
    command id and the digest are kept for ever.
    """

    target: StreamName
    heads: Mapping[StreamName, Head]
    events: tuple[NewEvent, ...]
    digest: bytes
    binds: bool
    metadata: Metadata
    occurred_at: datetime

    @property
    def size(self) -> int:
        """Roughly how many bytes it brings to the log."""
        return sum(len(event.data) for event in self.events)


@dataclass(frozen=True, slots=True)
class Appended:
    """The heads were right and all is stored: the target's version, and where the log has the last of it."""

    version: int
    position: LogPosition


@dataclass(frozen=True, slots=True)
class Conflict:
    """The `streams` have other heads by now. Nothing was stored."""

    streams: frozenset[StreamName]


@dataclass(frozen=True, slots=True)
class Binding:
    """The command id was bound before: to this digest, with this outcome. Nothing was stored."""

    digest: bytes
    stream: StreamName
    version: int
    position: LogPosition


AppendResult = Appended | Conflict | Binding


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state of a stream, saved so that the events before it need not be read. Disposable: they tell the same.

    `digest` is that of what made it (see `snapshots`): to code with another one it means nothing.
    """

    stream: StreamName
    digest: str
    head: Head
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a stream: what comes after version `after`, or all if that is 0, from a snapshot of `digest` on."""

    digest: str
    after: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """What a stream holds: all its events, or a snapshot and those after it, or those after a version."""

    snapshot: Snapshot | None
    events: Sequence[Recorded]

    @property
    def head(self) -> Head:
        """Where the stream ends."""
        if self.events:
            return Head(self.events[-1].version, self.events[-1].event_id)
        return EMPTY if self.snapshot is None else self.snapshot.head


class EventLog(LogReader, Protocol):
    """The log as the bus sees it. All raise `LogUnavailable`."""

    async def load(self, wanted: Mapping[StreamName, Wanted]) -> Mapping[StreamName, Past]:
        """What each stream holds; one that holds nothing of what is wanted is left out.

        One statement. Raises `UnknownEvent` for an event that no code here reads, and whatever else decoding raises:
        nothing can be decided on a part of a stream.
        """
        ...

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """Keeps snapshots for the next `load`, unless there are later ones."""
        ...

    async def follow(
        self, after: LogPosition, limit: int, concerns: Callable[[StreamName, int], bool]
    ) -> tuple[LogPosition, Sequence[Recorded]]:
        """Of up to `limit` events past `after` those whose stream and version are of concern, and how far that was.

        In the place of one that no code here reads stands `Unreadable`.
        """
        ...

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        """Decides for each request on its own, in order, and stores what fits: in one transaction, if they can be."""
        ...

    async def find_commands(self, command_ids: Sequence[CommandId]) -> Mapping[CommandId, Binding]:
        """What command ids are bound to; those that are free are left out."""
        ...
