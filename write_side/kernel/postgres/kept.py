"""Connections that are kept for a moment: to take one from the pool for each statement takes as long as the statement."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from write_side.kernel.postgres.connections import PATIENCE, reaching

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Connection, Pool

MOMENT = 0.05
"""How long a connection is kept after its last statement, in seconds. Who closes the pool waits for it."""
MOST = 4
"""Connections that are kept at most."""


class _Free(NamedTuple):
    """A connection that has nothing to do, and since when."""

    connection: "Connection"
    since: float


class Kept:
    """Fetches by connections of a pool, which are given back once they have had nothing to do for a moment."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._free: deque[_Free] = deque()
        self._giving_back: asyncio.Task[None] | None = None

    async def fetch(self, query: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """The rows of a statement. Raises `LogUnavailable`."""
        with reaching():
            connection = self._free.pop().connection if self._free else await self._pool.acquire(timeout=PATIENCE)
            try:
                rows = await connection.fetch(query, *arguments)
            except BaseException:
                await self._pool.release(connection)  # it may be lost, or in the middle of something
                raise
            await self._keep(connection)
            return rows

    async def _keep(self, connection: "Connection") -> None:
        if len(self._free) == MOST:
            await self._pool.release(connection)
            return
        self._free.append(_Free(connection, asyncio.get_running_loop().time()))
        if self._giving_back is None or self._giving_back.done():
            self._giving_back = asyncio.create_task(self._give_back())

    async def _give_back(self) -> None:
        """Gives back what has not been used for a moment: what was used last is taken first, so that stands in front."""
        loop = asyncio.get_running_loop()
        while self._free:
            await asyncio.sleep(MOMENT)
            while self._free and self._free[0].since <= loop.time() - MOMENT:
                with reaching():
                    await self._pool.release(self._free.popleft().connection)
