"""The benchmarks of what lives, as they are run, for a moment: that they measure, tell, and leave nothing."""

import asyncio
import secrets
import sys
from pathlib import Path

import asyncpg
import pymongo
import pytest

from server.embedded import DatabaseUrls
from tests.bench.test_reads import ROOT, of_database


class Benchmark:
    """Runs one of them on databases of its own."""

    def __init__(self, urls: DatabaseUrls, page: Path) -> None:
        self.name = f"t_{secrets.token_hex(8)}"
        self.page = page
        self._urls = urls

    async def run(self, module: str, *options: str) -> tuple[int | None, str]:
        """Its exit code and what it prints."""
        where = ("--postgres-url", self._urls.postgres, "--mongo-url", self._urls.mongo, "--database", self.name)
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *where, "--markdown", str(self.page), *options),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await run.communicate()
        return run.returncode, printed.decode()

    def rows(self, *begin: str) -> list[list[str]]:
        """The rows of its tables that begin so."""
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in self.page.read_text().splitlines()]
        return [row for row in rows if row[: len(begin)] == list(begin)]

    async def left(self) -> list[object]:
        """Databases and processes of its that are still there."""
        connection = await asyncpg.connect(self._urls.postgres)
        try:
            found = await connection.fetch("SELECT 1 FROM pg_database WHERE datname = $1", self.name)
        finally:
            await connection.close()
        with pymongo.MongoClient[dict[str, object]](self._urls.mongo) as client:
            kept = [name for name in client.list_database_names() if name == self.name]
        return [*found, *kept, *of_database(self.name)]


@pytest.fixture
def benchmark(database_urls: DatabaseUrls, tmp_path: Path) -> Benchmark:
    return Benchmark(database_urls, tmp_path / "page.md")


async def test_freshness_is_measured_apart_and_together(benchmark: Benchmark) -> None:
    code, printed = await benchmark.run("bench.freshness", "--rate", "40", "--duration", "1", "--warm-up", "0")

    assert code == 0, printed
    for layout in ("apart", "together"):
        lags = benchmark.rows(layout, "40", "the subscriber's frame")
        assert len(lags) == 1
        assert 0 < float(lags[0][3]) <= float(lags[0][4])
        assert len(benchmark.rows("40/s", layout)) == 2
    assert benchmark.rows("both together: the floor")
    assert await benchmark.left() == []


async def test_fan_out_is_measured_beside_strawberrys_own(benchmark: Benchmark) -> None:
    code, printed = await benchmark.run("bench.fanout", "--subscribers", "5", "--changes", "3", "--warm-up", "1")

    assert code == 0, printed
    for audience in ("all of one order", "each of its own"):
        assert [row[1] for row in benchmark.rows(audience) if len(row) > 5] == ["oneread", "strawberry"]
    assert benchmark.rows("all of one order", "oneread", "at least 5 times strawberry's deliveries/s")
    assert await benchmark.left() == []


async def test_a_profile_of_deliveries_is_told(benchmark: Benchmark) -> None:
    code, printed = await benchmark.run("bench.fanout", "--profile", "--subscribers", "3", "--changes", "2")

    assert code == 0, printed
    assert "calls per delivery" in printed
    assert await benchmark.left() == []


async def test_projections_are_measured_beside_a_ceiling(benchmark: Benchmark) -> None:
    options = ("--events", "40", "--rounds", "1", "--seconds", "1", "--warm-up", "0", "--rate", "20")
    code, printed = await benchmark.run("bench.projection", *options)

    assert code == 0, printed
    for line in ("ceiling", "rebuild of orders", "rebuild of all", "live projectors"):
        assert len(benchmark.rows("41", line)) == 1
    assert benchmark.rows("41 events", "rebuild of orders", "at least 0.2 of the ceiling")
    assert benchmark.rows("20/s", "live projectors", "lag: p99 at most 500 ms")
    assert await benchmark.left() == []
