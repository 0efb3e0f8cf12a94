"""The places of reactions on PostgreSQL, beside the log that they are in."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from write_side.kernel.codec import Codec
from write_side.kernel.events import Event
from write_side.kernel.places import Standing, Stretch
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres import rows, sql
from write_side.kernel.postgres.connections import NotMigrated, connection

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Connection, Pool

_SQL = sql.statements("reactions.sql")


class PostgresPlaces:
    """The port `Places` on a PostgreSQL database that is migrated. `codec` reads the events of its log."""

    def __init__(self, pool: "Pool", codec: Codec) -> None:
        self._pool = pool
        self._codec = codec

    async def begin(self, name: str) -> LogPosition:
        """See `Places.begin`."""
        async with _connection(self._pool) as connected:
            return LogPosition(await connected.fetchval(_SQL["begin"], name))

    async def read(self, after: LogPosition, until: LogPosition, known: Collection[type[Event]], limit: int) -> Stretch:
        """See `Places.read`."""
        if not known:
            return Stretch((), until)
        async with _connection(self._pool) as connected:
            found = await connected.fetch(_SQL["read"], after, until, _names(known), limit)
        events = rows.read(found, self._codec)
        return Stretch(events, events[-1].position if len(events) == limit else until)

    async def move(self, name: str, start: LogPosition, end: LogPosition) -> bool:
        """See `Places.move`."""
        async with _connection(self._pool) as connected:
            return bool(await connected.fetchval(_SQL["move"], name, start, end))

    async def skip(self, name: str, end: LogPosition) -> None:
        """See `Places.skip`."""
        async with _connection(self._pool) as connected:
            await connected.execute(_SQL["skip"], name, end)

    async def report(self, name: str, failure: str | None) -> None:
        """See `Places.report`."""
        async with _connection(self._pool) as connected:
            await connected.execute(_SQL["report"], name, failure)

    async def standing(self, name: str, known: Collection[type[Event]]) -> Standing | None:
        """See `Places.standing`."""
        async with _connection(self._pool) as connected:
            row = await connected.fetchrow(_SQL["standing"], name, _names(known))
        if row is None:
            return None
        return Standing(LogPosition(row["position"]), row["moved_at"], row["awaited"], row["failure"])


@asynccontextmanager
async def _connection(pool: "Pool") -> AsyncIterator["Connection"]:
    try:
        async with connection(pool) as connected:
            yield connected
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError) as error:
        raise NotMigrated from error  # it was by code that had no reactions


def _names(known: Collection[type[Event]]) -> list[str]:
    return [event.event_name for event in known]
