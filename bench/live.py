"""A shop that lives: databases of its own for one run, dropped afterwards, and the processes that serve it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pymongo

from bench.load import BenchError
from bench.processes import ONEREAD, PYTHON, Running, run_oneread, serving, started
from server.embedded import DatabaseUrls

APART, TOGETHER = "apart", "together"
LAYOUTS = (APART, TOGETHER)
"""`oneread serve` with `oneread project` beside it, and both in one process, as `oneread demo` has them."""


@dataclass(frozen=True, slots=True)
class LiveShop:
    """Where its databases are. `folder` is for what its processes print."""

    urls: DatabaseUrls
    database: str
    driver: str
    folder: Path

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of its processes."""
        return {
            "ONEREAD_POSTGRES_URL": self.urls.postgres,
            "ONEREAD_MONGO_URL": self.urls.mongo,
            "ONEREAD_MONGO_DATABASE": self.database,
            "ONEREAD_MONGO_DRIVER": self.driver,
        }

    @contextmanager
    def running(self, layout: str) -> Iterator[list[Running]]:
        """Its processes, the one that serves first. Raises `BenchError` when one does not start."""
        if layout == TOGETHER:
            command: list[str | Path] = [PYTHON, "-m", "bench.launch", "together"]
            with serving("API, projectors", command, self._log("together"), self.variables) as both:
                yield [both]
            return
        with self._projecting() as projectors, self._serving([ONEREAD, "serve", "--port", "0"]) as api:
            yield [api, projectors]

    @contextmanager
    def api(self, name: str = "API") -> Iterator[Running]:
        """An API without projectors; a further one needs another name. Raises `BenchError` when it does not start."""
        command: list[str | Path] = [ONEREAD, "serve", "--port", "0"]
        with serving(name, command, self._log(name), self.variables) as running:
            yield running

    @contextmanager
    def profiled(self, output: Path) -> Iterator[list[Running]]:
        """The same apart, the one that serves under a profiler; see `bench.profiling`."""
        command: list[str | Path] = [PYTHON, "-m", "bench.launch", "profiled", output]
        with self._projecting() as projectors, self._serving(command) as api:
            yield [api, projectors]

    @contextmanager
    def _projecting(self) -> Iterator[Running]:
        with started("projectors", [ONEREAD, "project"], self._log("project"), self.variables, "projecting") as running:
            yield running

    @contextmanager
    def _serving(self, command: list[str | Path]) -> Iterator[Running]:
        with serving("API", command, self._log("serve"), self.variables) as running:
            yield running

    def _log(self, name: str) -> Path:
        return self.folder / f"{self.database}-{name}.log"


@contextmanager
def live_shop(urls: DatabaseUrls, name: str, driver: str, folder: Path) -> Iterator[LiveShop]:
    """An empty shop, in databases of that name on both servers. They are dropped before and after."""
    asyncio.run(_made(urls, name))
    try:
        own = urlunsplit(urlsplit(urls.postgres)._replace(path=f"/{name}"))
        shop = LiveShop(DatabaseUrls(own, urls.mongo), name, driver, folder)
        run_oneread("migrate", variables=shop.variables)
        yield shop
    finally:
        asyncio.run(_dropped(urls, name))


async def _made(urls: DatabaseUrls, name: str) -> None:
    await _dropped(urls, name)
    await _on_postgres(urls, f'CREATE DATABASE "{name}"')


async def _dropped(urls: DatabaseUrls, name: str) -> None:
    await _on_postgres(urls, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    async with pymongo.AsyncMongoClient[dict[str, object]](urls.mongo) as client:
        await client.drop_database(name)


async def _on_postgres(urls: DatabaseUrls, statement: str) -> None:
    try:
        connection = await asyncpg.connect(urls.postgres)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
    except (OSError, asyncpg.PostgresError) as error:
        raise BenchError(f"a database of its own is not to be had: {error}") from error
