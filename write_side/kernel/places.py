"""Places: how far each reaction has come in the log, kept beside it. The port behind reactors."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from write_side.kernel.events import Event, Recorded
from write_side.kernel.positions import LogPosition


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a reaction knows of a part of the log: all of its events up to `end`, which may be past the last of them."""

    events: Sequence[Recorded]
    end: LogPosition


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a reaction stands: everything up to `position` is done with, `moved_at` (UTC) since when.

    `awaited` is when the next event that it knows was recorded, None where there is none; `failure` what keeps it.
    """

    position: LogPosition
    moved_at: datetime
    awaited: datetime | None
    failure: str | None


class Places(Protocol):
    """The places of reactions, by their names. All raise `LogUnavailable`, and `NotMigrated` of an older database."""

    async def begin(self, name: str) -> LogPosition:
        """Where a reaction stands. One that is new stands at the log's end: it is not there for what was before."""
        ...

    async def read(self, after: LogPosition, until: LogPosition, known: Collection[type[Event]], limit: int) -> Stretch:
        """Up to `limit` events of the `known` classes past `after`, none of them past `until`, which the log has.

        In the place of one that no code here reads stands `Unreadable`.
        """
        ...

    async def move(self, name: str, start: LogPosition, end: LogPosition) -> bool:
        """Moves a reaction from `start` on to `end`. False, and nothing is done, when it does not stand at `start`."""
        ...

    async def skip(self, name: str, end: LogPosition) -> None:
        """Has a reaction let everything pass up to `end`, unless it is there already."""
        ...

    async def report(self, name: str, failure: str | None) -> None:
        """Notes what keeps a reaction, for those who look at it; None: nothing does."""
        ...

    async def standing(self, name: str, known: Collection[type[Event]]) -> Standing | None:
        """How a reaction stands that knows these classes of events; None for one that never began."""
        ...
