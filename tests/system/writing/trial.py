"""A shop of its own for writers: PostgreSQL that can be killed, two APIs, and what is found when all is over."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import CODEC
from server.wiring import migrate
from tests.system.faults.servers import Server, postgres_server
from tests.system.writing.apis import Api, apis
from tests.system.writing.goods import PAST, Goods
from tests.system.writing.writers import Writers
from tests.write_side.effects.findings import Finding, command_id_of, findings
from tests.write_side.effects.gates import whole
from tests.write_side.effects.told import Told
from tests.write_side.effects.trial import begin
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog


@dataclass(frozen=True, slots=True)
class Trial:
    """Processes that write to one log."""

    postgres: Server
    apis: Sequence[Api]
    folder: Path

    def keep_up(self) -> None:
        """Begins whatever does not run."""
        self.postgres.start()
        for api in self.apis:
            api.keep_up()

    def writers(self, random: Random, clients: int) -> Writers:
        """Clients of the APIs, not begun."""
        return Writers([api.place for api in self.apis], Goods(), random, clients)

    def findings(self, told: Sequence[Told]) -> list[Finding]:
        """What is wrong with the log, or with what clients were told."""
        return asyncio.run(findings_of(self.postgres.urls.postgres, told))


@contextmanager
def trial(settings: Settings, mongo_url: str, prepare: Callable[[str], None] = lambda _: None) -> Iterator[Trial]:
    """Processes at work, and goods to write about. `prepare` is told where the log is before they begin."""
    # Not pytest's own folder: that is kept for three runs, and databases are large.
    with tempfile.TemporaryDirectory(prefix="oneread-tests-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        postgres = postgres_server(folder / "data")
        try:
            postgres.start()
            urls = DatabaseUrls(postgres=postgres.urls.postgres, mongo=mongo_url)
            asyncio.run(begun(settings, urls))
            prepare(urls.postgres)
            with apis(settings, urls, folder) as made:
                yield Trial(postgres, made, folder)
        finally:
            postgres.kill()


async def begun(settings: Settings, urls: DatabaseUrls) -> None:
    """Migrates, and has the goods come in."""
    await migrate(settings, urls)
    pool = await open_pool(urls.postgres)
    await begin(await PostgresLog.open(pool, CODEC), PAST)
    await pool.close()


async def findings_of(url: str, told: Sequence[Told]) -> list[Finding]:
    """What is wrong with the log at `url`, or with what clients were told of it."""
    pool = await open_pool(url)
    log = await PostgresLog.open(pool, CODEC)
    bindings = await log.find_commands([command_id_of(each.command) for each in told])
    found = findings(await whole(log, LogPosition(0)), bindings, told)
    await pool.close()
    return found
