"""Connections that are kept for a moment: to take one from the pool for each statement takes as long as the statement."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg

from write_side.kernel.postgres.connections import PATIENCE, connection, reaching

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Connection, Pool

MOMENT = 0.05
"""How long a connection is kept after its last statement, in seconds. Who closes the pool waits for it."""


class Kept:
    """Fetches by one connection, as long as one statement follows the other; what comes at the same time by another one."""

    def __init__(self, pool: "Pool") -> None:
        self._pool = pool
        self._held: Connection | None = None
        self._is_busy = False
        self._used_at = 0.0
        self._letting_go: asyncio.Task[None] | None = None

    async def fetch(self, query: str, *arguments: object) -> Sequence[asyncpg.Record]:
        """The rows of a statement. Raises `LogUnavailable`."""
        if self._is_busy:
            async with connection(self._pool) as other:
                return await other.fetch(query, *arguments)
        self._is_busy = True
        try:
            with reaching():
                if self._held is None:
                    self._held = await self._pool.acquire(timeout=PATIENCE)
                    self._letting_go = asyncio.create_task(self._let_go(self._held))
                return await self._held.fetch(query, *arguments)
        except BaseException:
            self._held = None  # it may be lost, or in the middle of something
            raise
        finally:
            self._is_busy = False
            self._used_at = asyncio.get_running_loop().time()

    async def _let_go(self, held: "Connection") -> None:
        """Gives a connection back once it has not been used for a moment, or is not to be."""
        loop = asyncio.get_running_loop()
        try:
            while self._held is held and (self._is_busy or loop.time() < self._used_at + MOMENT):  # noqa: ASYNC110
                await asyncio.sleep(MOMENT)
        finally:
            if self._held is held:
                self._held = None
            with reaching():
                await self._pool.release(held)
