"""Connections to PostgreSQL: the pool of the application's role, and what its errors mean."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from write_side.kernel.errors import LogUnavailable, OnereadError

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

APP_ROLE = "oneread_app"
REFUSED = (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError)
"""What it raises when there is no such database, or no such user with this password."""

UNREACHABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InternalClientError,
)
"""What asyncpg raises when the server is away, going away, or not there yet."""


class NotMigrated(OnereadError):
    """The database has no log yet: `oneread migrate` makes it."""

    def __init__(self) -> None:
        super().__init__("the database has no log yet: run `oneread migrate`, unless it is the wrong one")


_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
"""Every query is for few rows that an index leads to. A plan made while the log was short would read it whole later on."""


async def open_pool(url: str, size: int = 8, role: str = APP_ROLE) -> "Pool":
    """A pool whose connections act as the application's role: they can read, and append, and nothing else.

    Raises `NotMigrated`, `LogUnavailable`.
    """
    try:
        return await asyncpg.create_pool(
            url, min_size=1, max_size=size, command_timeout=30, server_settings={"role": role, **_BY_INDEX}, reset=_as_it_is
        )
    except asyncpg.InvalidParameterValueError as error:
        if role in str(error):
            raise NotMigrated from error
        raise
    except (*UNREACHABLE, *REFUSED) as error:
        raise LogUnavailable(f"PostgreSQL does not answer: {error}") from error


async def _as_it_is(_: object) -> None:
    """Single statements leave nothing behind in a session: to clean up after each would take as long as the statement."""


@asynccontextmanager
async def connection(pool: "Pool") -> AsyncIterator["Connection"]:
    """A connection of the pool. Raises `LogUnavailable` for whatever means that the server is not there."""
    try:
        async with pool.acquire(timeout=10) as connected:
            yield connected
    except UNREACHABLE as error:
        if isinstance(error, ValueError):
            raise  # asyncpg's word for an argument that it cannot encode: a bug in one request, not an outage
        raise LogUnavailable(f"PostgreSQL does not answer: {error}") from error
