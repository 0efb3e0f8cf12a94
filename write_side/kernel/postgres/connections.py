"""Connections to PostgreSQL: the pool of the application's role, and what its errors mean."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import asyncpg

from write_side.kernel.errors import LogUnavailable, OnereadError

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]

APP_ROLE = "oneread_app"
PATIENCE = 10.0
"""How long a connection of the pool is waited for, in seconds."""

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
    asyncpg.ReadOnlySQLTransactionError,
)
"""What asyncpg raises when the server is away, going away, or not there yet, or is not the one that takes writes."""


class NotMigrated(OnereadError):
    """The database has no log, or one of an older version: `oneread migrate` makes it, or brings it up to date."""

    def __init__(self) -> None:
        super().__init__(
            "the database has no log, or one of an older version: run `oneread migrate`, unless it is the wrong one"
        )


_SETTINGS = {
    # Every query is for few rows that an index leads to. A plan made while the log was short would read it whole later on.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # The append has to see what was committed while it waited for its lock, whatever the database's own default is.
    "default_transaction_isolation": "read committed",
}


async def open_pool(url: str, size: int = 8, role: str = APP_ROLE) -> "Pool":
    """A pool whose connections act as the application's role: they can read, and append, and nothing else.

    Raises `NotMigrated`, `LogUnavailable`.
    """
    try:
        return await asyncpg.create_pool(
            url, min_size=1, max_size=size, command_timeout=30, server_settings={"role": role, **_SETTINGS}, reset=_as_it_is
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
    with reaching():
        async with pool.acquire(timeout=PATIENCE) as connected:
            yield connected


@contextmanager
def reaching() -> Iterator[None]:
    """Raises `LogUnavailable` for whatever means that the server is not there."""
    try:
        yield
    except UNREACHABLE as error:
        if isinstance(error, ValueError):
            raise  # asyncpg's word for an argument that it cannot encode: a bug in one request, not an outage
        raise LogUnavailable(f"PostgreSQL does not answer: {error}") from error
