"""The benchmark of writes itself, as it is run, for as short as it can be."""

import asyncio
import shutil
import sys
from pathlib import Path

import orjson
import pytest

from bench.writes_tables import GROUPED, MANY, ORDER_LINES, ORDERED, PGBENCH, UNORDERED

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk here (Debian has it)")
async def test_it_measures_appends_and_orders(postgres_url: str, mongo_url: str, tmp_path: Path) -> None:
    options = ["--part", "appends", "--part", "orders", "--clients", "2", "--products", "3", "--rounds", "1", "--json"]
    options += ["--duration", "1", "--warm-up", "0"]
    options += ["--postgres-url", postgres_url, "--mongo-url", mongo_url, "--database", f"t_{tmp_path.name}"]

    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.writes", *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, complaints = await run.communicate()

    assert run.returncode == 0, complaints.decode()
    cells = orjson.loads(printed)["cells"]
    assert {(cell["line"], cell["clients"]) for cell in cells} == {
        *((line, 2) for line in (PGBENCH, UNORDERED, ORDERED, GROUPED)),
        *((line, MANY) for line in ORDER_LINES),
    }
    assert all(one["rate"] > 0 for cell in cells for one in cell["rounds"])
