"""The log as its readers see it: one total order of events, gapless, in the order of commits."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.positions import LogPosition, Positions
from write_side.kernel.signals import Signal


class LogReader(Protocol):
    """Reads of the log. All but `positions` and `appended` raise `LogUnavailable`."""

    @property
    def positions(self) -> Positions:
        """The log's identity, and its position tokens."""
        ...

    @property
    def appended(self) -> Signal:
        """Set whenever something may have been appended, here or elsewhere: a hint, never a promise."""
        ...

    async def head(self) -> LogPosition:
        """The last position; 0 for an empty log."""
        ...

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        """Up to `limit` events past `after`, in order. In the place of one that no code here reads stands `Unreadable`."""
        ...

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        """Where the log has version `version` of a stream; None when it has not."""
        ...


@dataclass(frozen=True, slots=True)
class LogTimes:
    """The log's last position, the moment that it was looked at, and when some of its events were committed (UTC).

    All moments are of the log's own clock. Positions that the log has not are not in `recorded`.
    """

    head: LogPosition
    at: datetime
    recorded: Mapping[LogPosition, datetime]


class LogClock(Protocol):
    """When things were appended: what the age of an event is reckoned from."""

    async def times(self, positions: Collection[LogPosition]) -> LogTimes:
        """How far the log has come, and when the events at `positions` were committed: one query.

        Raises `LogUnavailable`.
        """
        ...
