"""What appends mean, in plain Python: a log in memory. The log on PostgreSQL is held against it, and decides as it does."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, Binding, Conflict, Head, Past, Snapshot, Wanted
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.ids import CommandId
from write_side.kernel.positions import LogId, LogPosition, Positions
from write_side.kernel.signals import Signal


class MemoryLog:
    """The port `EventLog`, without a database."""

    def __init__(self) -> None:
        self._events: list[Recorded] = []
        self._streams: defaultdict[StreamName, list[Recorded]] = defaultdict(list)
        self._commands: dict[CommandId, Binding] = {}
        self.positions = Positions(LogId(uuid4()))
        self.appended = Signal()

    async def head(self) -> LogPosition:
        """See `LogReader.head`."""
        return LogPosition(len(self._events))

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        """See `LogReader.read`."""
        return self._events[after : after + limit]

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        """See `LogReader.position_of`."""
        return next((each.position for each in self._streams[stream] if each.version == version), None)

    async def load(self, wanted: Mapping[StreamName, Wanted]) -> Mapping[StreamName, Past]:
        """See `EventLog.load`."""
        found = {name: self._streams[name][each.after :] for name, each in wanted.items()}
        return {name: Past(None, tuple(events)) for name, events in found.items() if events}

    async def follow(
        self, after: LogPosition, limit: int, concerns: Callable[[StreamName, int], bool]
    ) -> tuple[LogPosition, Sequence[Recorded]]:
        """See `EventLog.follow`."""
        found = await self.read(after, limit)
        end = found[-1].position if found else after
        return end, [recorded for recorded in found if concerns(recorded.stream, recorded.version)]

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """See `EventLog.save`. It reads all events, so it has no use for them."""

    async def find_commands(self, command_ids: Sequence[CommandId]) -> Mapping[CommandId, Binding]:
        """See `EventLog.find_commands`."""
        return {command_id: self._commands[command_id] for command_id in command_ids if command_id in self._commands}

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        """See `EventLog.append`."""
        return [self._appended(request) for request in batch]

    def _appended(self, request: Append) -> AppendResult:
        if (bound := self._commands.get(request.metadata.command_id)) is not None:
            return bound
        if elsewhere := frozenset(stream for stream, head in request.heads.items() if self._head(stream) != head):
            return Conflict(elsewhere)
        for new in request.events:
            place = LogPosition(len(self._events) + 1)
            at = datetime.now(UTC)
            row = Recorded(
                place, new.event_id, new.stream, new.version, new.event, request.metadata, request.occurred_at, at
            )
            self._events.append(row)
            self._streams[new.stream].append(row)
        target = self._streams[request.target]
        position = LogPosition(len(self._events)) if request.events or not target else target[-1].position
        version = target[-1].version if target else 0
        if request.binds:
            self._commands[request.metadata.command_id] = Binding(request.digest, request.target, version, position)
        return Appended(version, position)

    def _head(self, stream: StreamName) -> Head:
        events = self._streams[stream]
        return Head(events[-1].version, events[-1].event_id) if events else EMPTY
