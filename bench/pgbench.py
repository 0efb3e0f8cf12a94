"""The ceiling of appends: pgbench, which is C, inserting the same rows (https://www.postgresql.org/docs/current/pgbench.html).

Its rows have positions from a sequence: nothing puts them in order, nothing looks at heads, and no command id is looked up.
"""

import re
import shutil
import subprocess
import uuid
from contextlib import suppress
from pathlib import Path

import asyncpg

from bench.appends import AT, DIGEST, stored
from bench.load import BenchError
from bench.written import Written
from server.embedded.errors import EmbeddedServerError
from server.embedded.postgres import programs

SCRIPT = Path(__file__).with_name("pgbench.sql")
SCHEMA = Path(__file__).with_name("one_by_one.sql")
THREADS = 2
GRACE_SECONDS = 60
"""How much longer than asked it may take."""

_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_FAILED = re.compile(r"^number of failed transactions: ([0-9]+)", re.MULTILINE)


def find_pgbench() -> str:
    """The program of the embedded PostgreSQL, else the one on PATH. Raises `BenchError` when there is none."""
    with suppress(EmbeddedServerError):
        if (carried := programs() / "pgbench").exists():
            return str(carried)
    if (found := shutil.which("pgbench")) is None:
        raise BenchError("pgbench is not installed: it comes with PostgreSQL's server")
    return found


async def prepare(postgres_url: str) -> None:
    """Makes the tables that pgbench inserts into, like those of the log that the database has. Raises `BenchError`.

    Raises it too where a commit would not wait for the disk: nothing measured there would be worth comparing.
    """
    connection = await asyncpg.connect(postgres_url)
    try:
        for name in ("fsync", "synchronous_commit"):
            if (value := await connection.fetchval("select current_setting($1)", name)) != "on":
                raise BenchError(f"{name} is {value} on this server, and has to be on")
        await connection.execute(SCHEMA.read_text())
    finally:
        await connection.close()


def run_pgbench(postgres_url: str, *, clients: int, seconds: int) -> Written:
    """Appends per second of so many clients. Raises `BenchError`."""
    command = [find_pgbench(), "--no-vacuum", "--protocol", "prepared", "--file", str(SCRIPT)]
    command += ["--client", str(clients), "--jobs", str(min(THREADS, clients)), "--time", str(seconds)]
    for name, value in _variables().items():
        command += ["--define", f"{name}={value}"]
    run = subprocess.run(
        [*command, postgres_url], capture_output=True, text=True, timeout=seconds + GRACE_SECONDS, check=False
    )
    rate, failed = _RATE.search(run.stdout), _FAILED.search(run.stdout)
    if run.returncode or rate is None or failed is None or failed[1] != "0":
        raise BenchError(f"pgbench ended with code {run.returncode}:\n{run.stdout}{run.stderr}")
    return Written(float(rate[1]), None)


def _variables() -> dict[str, str]:
    """What the script says `:name` for. The last four digits of each stream are its client's."""
    return {
        "version": "0",
        "stream": f"order-ord_{uuid.uuid4().hex[:28]}",
        **stored()._asdict(),
        "digest": DIGEST.hex(),
        "at": AT.isoformat(),
    }
