"""The event log on PostgreSQL. One call is one statement; an append is one call of one SQL function."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

import asyncpg

from write_side.kernel.append import Append, Appended, AppendResult, Binding, Conflict, Past, Snapshot, Wanted
from write_side.kernel.codec import Codec
from write_side.kernel.errors import OnereadError
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.ids import CommandId
from write_side.kernel.log import LogTimes
from write_side.kernel.positions import LogId, LogPosition, Positions
from write_side.kernel.postgres import rows, sql
from write_side.kernel.postgres.columns import calls
from write_side.kernel.postgres.connections import NotMigrated, connection
from write_side.kernel.postgres.kept import Kept
from write_side.kernel.signals import Signal

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Pool

_log = logging.getLogger(__name__)
_SQL = sql.statements("queries.sql")
AGAIN = 0.005
"""After how many seconds, at the earliest, other processes are woken again. They have their hands full until then."""


class PostgresLog:
    """The ports `EventLog` and `LogClock` on a PostgreSQL database. Made by `open`."""

    def __init__(self, pool: "Pool", codec: Codec, log_id: LogId, created_at: datetime) -> None:
        self._codec = codec
        self._kept = Kept(pool)
        self._notifying: asyncio.Task[None] | None = None
        self._unnotified = False
        self.positions = Positions(log_id)
        self.created_at = created_at
        self.appended = Signal()

    @classmethod
    async def open(cls, pool: "Pool", codec: Codec) -> Self:
        """The log that the pool's database holds. Raises `NotMigrated` and `LogUnavailable`."""
        try:
            async with connection(pool) as connected:
                row = await connected.fetchrow(_SQL["identity"])
        except (
            asyncpg.UndefinedTableError,
            asyncpg.InvalidSchemaNameError,
            asyncpg.InvalidParameterValueError,
            asyncpg.InsufficientPrivilegeError,  # its migrations are not to be seen: of the first version
        ) as error:
            raise NotMigrated from error
        assert row is not None
        if row["migrated"] < sql.migrations()[-1][0]:
            raise NotMigrated
        if row["synchronous_commit"] == "off":
            _log.warning(
                "synchronous_commit is off: a crash of PostgreSQL can lose commands that were answered as accepted"
            )
        return cls(pool, codec, LogId(row["id"]), row["created_at"])

    async def head(self) -> LogPosition:
        """See `LogReader.head`."""
        found = await self._kept.fetch(_SQL["head"])
        return LogPosition(found[0][0])

    async def times(self, positions: Collection[LogPosition]) -> LogTimes:
        """See `LogClock.times`."""
        found = await self._kept.fetch(_SQL["times"], list(positions))
        recorded = {LogPosition(row["position"]): row["recorded_at"] for row in found if row["position"] is not None}
        return LogTimes(LogPosition(found[0]["head"]), found[0]["at"], recorded)

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        """See `LogReader.read`."""
        return rows.read(await self._kept.fetch(_SQL["read"], after, limit), self._codec)

    async def load(self, wanted: Mapping[StreamName, Wanted]) -> Mapping[StreamName, Past]:
        """See `EventLog.load`."""
        digests, after = [each.digest for each in wanted.values()], [each.after for each in wanted.values()]
        found = await self._kept.fetch(_SQL["load"], list(wanted), digests, after)
        return await rows.pasts(found, self._codec)

    async def follow(
        self, after: LogPosition, limit: int, concerns: Callable[[StreamName, int], bool]
    ) -> tuple[LogPosition, Sequence[Recorded]]:
        """See `EventLog.follow`."""
        found = await self._kept.fetch(_SQL["read"], after, limit)
        end = LogPosition(found[-1]["position"]) if found else after
        return end, rows.read([row for row in found if concerns(row["stream"], row["version"])], self._codec)

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        """See `EventLog.save`."""
        await self._kept.fetch(
            _SQL["save"],
            [snapshot.stream for snapshot in snapshots],
            [snapshot.digest for snapshot in snapshots],
            [snapshot.head.version for snapshot in snapshots],
            [snapshot.head.event_id for snapshot in snapshots],
            [snapshot.state for snapshot in snapshots],
        )

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        """See `LogReader.position_of`."""
        found = await self._kept.fetch(_SQL["position_of"], stream, version)
        return LogPosition(found[0][0]) if found else None

    async def find_commands(self, command_ids: Sequence[CommandId]) -> Mapping[CommandId, Binding]:
        """See `EventLog.find_commands`."""
        found = await self._kept.fetch(_SQL["find_commands"], list(command_ids))
        return {
            CommandId(row["command_id"]): Binding(row["digest"], row["stream"], row["version"], row["position"])
            for row in found
        }

    async def find_command(self, command_id: CommandId) -> Binding | None:
        """What one command id is bound to, if it is. Raises `LogUnavailable`."""
        return (await self.find_commands([command_id])).get(command_id)

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        """See `EventLog.append`."""
        results: list[AppendResult] = []
        for call in list(calls(batch)):
            results += [_result(row) for row in await self._kept.fetch(_SQL["append"], *call.arguments())]
            if any(request.events for request in call.batch):
                self.appended.set()
                self._notify()
        return results

    def _notify(self) -> None:
        """Wakes other processes, outside of the append and one at a time: NOTIFY in it would put commits in a row."""
        self._unnotified = True
        if self._notifying is None or self._notifying.done():
            self._notifying = asyncio.create_task(self._send_notifications())

    async def _send_notifications(self) -> None:
        while self._unnotified:
            self._unnotified = False
            try:
                await self._kept.fetch(_SQL["notify"])
            except OnereadError:
                return  # a hint only: who waits also polls
            await asyncio.sleep(AGAIN)


def _result(row: asyncpg.Record) -> AppendResult:
    result, target, version, position, digest, conflicts = row
    if result == "appended":
        return Appended(version, LogPosition(position))
    if result == "bound":
        return Binding(digest, StreamName(target), version, LogPosition(position))
    return Conflict(frozenset(conflicts))
