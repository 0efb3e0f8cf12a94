"""A migrated log of its own for each test."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

import write_side
from write_side.kernel.domain import discover
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Pool


@pytest.fixture
async def pool(postgres_url: str) -> "AsyncIterator[Pool]":
    """Connections to a migrated database."""
    await migrate(postgres_url)
    pool = await open_pool(postgres_url)
    yield pool
    await pool.close()


@pytest.fixture
async def log(pool: "Pool") -> PostgresLog:
    """An empty log."""
    return await PostgresLog.open(pool, discover(write_side).codec())
