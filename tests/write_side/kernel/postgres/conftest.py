"""A migrated log of its own for each test."""

from collections.abc import AsyncIterator

import pytest

import write_side
from write_side.kernel.domain import discover
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog


@pytest.fixture
async def log(postgres_url: str) -> AsyncIterator[PostgresLog]:
    """An empty log."""
    await migrate(postgres_url)
    pool = await open_pool(postgres_url)
    yield await PostgresLog.open(pool, discover(write_side).codec())
    await pool.close()
