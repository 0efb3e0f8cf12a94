"""A log that has a past: events that nobody decided on, written by the database itself, since it is quick."""

from pathlib import Path

import asyncpg

from bench.appends import AT, DIGEST, stored

STATEMENT = Path(__file__).with_suffix(".sql")


async def fill_log(postgres_url: str, events: int) -> None:
    """Fills the empty log of a migrated database with so many events, an even number, as its owner."""
    row = stored()
    owner = await asyncpg.connect(postgres_url)
    try:
        await owner.execute(STATEMENT.read_text(), events, row.type, row.first, row.second, row.metadata, AT, DIGEST)
        # The server would do so soon anyway, and not while something is timed.
        await owner.execute("VACUUM ANALYZE oneread.events, oneread.commands")
    finally:
        await owner.close()
