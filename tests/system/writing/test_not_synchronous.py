"""With `synchronous_commit` off a crash loses what was acknowledged: the service says so, and it is found."""

import asyncio
import time
from random import Random

import asyncpg

from server.settings import Settings
from tests.system.children import PATIENCE
from tests.system.writing.trial import trial

FEW = 60
"""So many answers are few enough for their log to stay in memory: PostgreSQL writes a megabyte of it out at once."""


async def not_synchronous(url: str) -> None:
    """Has PostgreSQL acknowledge commits that it writes to the disk much later."""
    owner = await asyncpg.connect(url)
    name = await owner.fetchval("select current_database()")
    await owner.execute(f"alter database {name} set synchronous_commit = off")
    await owner.execute("alter system set wal_writer_delay = '10s'")
    await owner.execute("select pg_reload_conf()")
    await owner.close()


def test_what_was_acknowledged_is_lost_in_a_crash(mongo_url: str, mongo_database: str) -> None:
    with trial(Settings(mongo_database=mongo_database), mongo_url, lambda url: asyncio.run(not_synchronous(url))) as made:
        writers = made.writers(Random(6), clients=4)
        writers.start()
        deadline = time.monotonic() + PATIENCE
        while writers.answered < FEW:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        writers.stop(made.keep_up)

        made.postgres.kill()
        made.postgres.start()

        assert "lost" in {finding.rule for finding in made.findings(writers.told)}
        assert all("synchronous_commit is off" in api.said for api in made.apis)
