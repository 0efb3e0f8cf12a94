"""A log whose statements wait until they are let through, or fail in one of the ways in which a connection does."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from enum import Enum, auto
from typing import TypeVar

from write_side.kernel.append import Append, AppendResult, Binding, EventLog, Past, Snapshot, Wanted
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.ids import CommandId
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition, Positions
from write_side.kernel.signals import Signal

T = TypeVar("T")


class Fate(Enum):
    """What becomes of a statement."""

    DONE = auto()
    """It is done and answered."""
    FAILED = auto()
    """It never reaches the database."""
    UNANSWERED = auto()
    """It is done, and its answer is lost."""
    OVERDUE = auto()
    """Its connection is lost, and it will be done later all the same."""


class Unstorable(Exception):
    """What the database says of data that it does not take."""


class Gates:
    """Where statements wait, in the order in which they came. `busy` counts those that are being done."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[Fate]] = []
        self.overdue: list[Callable[[], Awaitable[object]]] = []
        self.busy = 0

    def open(self, which: int, fate: Fate) -> None:
        """Decides what becomes of one that waits, if any does; `which` may be any number."""
        if self.waiting:
            self.waiting.pop(which % len(self.waiting)).set_result(fate)

    async def done_late(self, which: int) -> None:
        """Does one that is overdue, if any is. Nobody waits for what it gives."""
        if self.overdue:
            with suppress(Unstorable):
                await self.at_work(self.overdue.pop(which % len(self.overdue)))

    async def passed(self, statement: Callable[[], Awaitable[T]], *, reads: bool = False) -> T:
        """What the statement gives, once it was let through. One that only `reads` is done, or fails.

        Raises `LogUnavailable`.
        """
        gate: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        self.waiting.append(gate)
        fate = await gate
        match Fate.DONE if reads and fate is not Fate.FAILED else fate:
            case Fate.DONE:
                return await self.at_work(statement)
            case Fate.UNANSWERED:
                await self.at_work(statement)
            case Fate.OVERDUE:
                self.overdue.append(statement)
            case Fate.FAILED:
                pass
        raise LogUnavailable("the connection was lost")

    async def at_work(self, statement: Callable[[], Awaitable[T]]) -> T:
        """What a statement gives that nothing keeps waiting."""
        self.busy += 1
        try:
            return await statement()
        finally:
            self.busy -= 1


class GatedLog:
    """The port `EventLog`, before another one. The commands of the ids in `unstorable` cannot be stored."""

    def __init__(self, log: EventLog, gates: Gates, unstorable: Collection[CommandId]) -> None:
        self.behind = log
        self._gates = gates
        self._unstorable = unstorable

    @property
    def positions(self) -> Positions:
        """See `LogReader.positions`."""
        return self.behind.positions

    @property
    def appended(self) -> Signal:
        """See `LogReader.appended`."""
        return self.behind.appended

    async def head(self) -> LogPosition:
        """See `LogReader.head`."""
        return await self._gates.at_work(self.behind.head)

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        """See `LogReader.read`."""
        return await self._gates.at_work(lambda: self.behind.read(after, limit))

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        """See `LogReader.position_of`."""
        return await self._gates.at_work(lambda: self.behind.position_of(stream, version))

    async def load(self, wanted: Mapping[StreamName, Wanted]) -> Mapping[StreamName, Past]:
        """See `EventLog.load`."""
        return await self._gates.passed(lambda: self.behind.load(wanted), reads=True)

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """See `EventLog.save`."""
        await self._gates.at_work(lambda: self.behind.save(snapshots))

    async def follow(
        self, after: LogPosition, limit: int, concerns: Callable[[StreamName, int], bool]
    ) -> tuple[LogPosition, Sequence[Recorded]]:
        """See `EventLog.follow`."""
        return await self._gates.passed(lambda: self.behind.follow(after, limit, concerns), reads=True)

    async def find_commands(self, command_ids: Sequence[CommandId]) -> Mapping[CommandId, Binding]:
        """See `EventLog.find_commands`."""
        return await self._gates.passed(lambda: self.behind.find_commands(command_ids), reads=True)

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        """See `EventLog.append`."""

        async def append() -> Sequence[AppendResult]:
            if any(request.events and request.metadata.command_id in self._unstorable for request in batch):
                raise Unstorable
            return await self.behind.append(batch)

        return await self._gates.passed(append)


async def whole(log: LogReader, after: LogPosition) -> list[Recorded]:
    """All that a log holds past `after`."""
    events: list[Recorded] = []
    while more := await log.read(LogPosition(after + len(events)), 5_000):
        events += more
    return events
