"""The benchmark itself, as it is run, on a small shop: that it measures what it says, and nothing that is wrong."""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymongo
import pytest

from bench.checking import check_answers
from bench.load import BenchError, run_load
from bench.operations import OPERATIONS, R1, R3
from bench.processes import PYTHON, Running, serving
from bench.results import SERVERS
from bench.shop import Shop

ROOT = Path(__file__).parents[2]
SHOP = Shop(200)

wants_wrk = pytest.mark.skipif(shutil.which("wrk") is None, reason="no wrk here (Debian has it)")


@contextlib.contextmanager
def answering(answer: bytes, folder: Path) -> Iterator[Running]:
    """A server that answers R1 and R3 with the same bytes each time."""
    for name in ("R1", "R3"):
        (folder / f"{name}.json").write_bytes(answer)
    command: list[str | Path] = [PYTHON, "-m", "bench.launch", "constant", folder]
    with serving("constant", command, folder / "log", {}) as running:
        yield running


def of_database(name: str) -> list[psutil.Process]:
    """Every process that serves the documents in a database."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("ONEREAD_MONGO_DATABASE") == name:
                found.append(process)
    return found


@wants_wrk
async def test_it_measures_every_operation_on_every_server(postgres_url: str, mongo_url: str, tmp_path: Path) -> None:
    page, stem = tmp_path / "page.md", f"t_{tmp_path.name}"
    options = ["--orders", "200", "--connections", "1", "--duration", "1", "--warm-up", "0", "--markdown", str(page)]
    options += ["--postgres-url", postgres_url, "--mongo-url", mongo_url, "--database", stem, "--refill"]
    try:
        run = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.reads", *options),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await run.communicate()
    finally:
        with pymongo.MongoClient[dict[str, object]](mongo_url) as client:
            client.drop_database(f"{stem}_200")

    assert run.returncode == 0, printed.decode()
    cells = [line.split("|")[1:4] for line in page.read_text().splitlines() if line.startswith("| R") and "| 1 |" in line]
    assert [tuple(map(str.strip, cell)) for cell in cells] == [
        (operation, "1", server) for operation in OPERATIONS for server in SERVERS
    ]
    assert of_database(f"{stem}_200") == []


def test_a_server_that_answers_something_else_is_refused(tmp_path: Path) -> None:
    other = json.dumps({"data": R1.answer(SHOP, 1)}).encode()

    with answering(other, tmp_path) as server, pytest.raises(BenchError, match="R1 of 0"):
        check_answers("constant", f"{server.url}/R1", R1, SHOP)


def test_a_server_that_answers_rightly_is_not(tmp_path: Path) -> None:
    with answering(json.dumps({"data": R3.answer(SHOP, 0)}).encode(), tmp_path) as server:
        check_answers("constant", f"{server.url}/R3", R3, SHOP)


@wants_wrk
@pytest.mark.parametrize(
    ("answer", "path"),
    [
        (b'{"data":{"order":null},"errors":[{"message":"it broke"}]}', "R1"),
        (b'{"data":null}', "R1"),
        (b'{"data":{"order":{}}}', "elsewhere"),
    ],
    ids=["errors", "no data", "not found"],
)
def test_errors_under_load_are_never_counted_as_answers(answer: bytes, path: str, tmp_path: Path) -> None:
    bodies = tmp_path / "bodies"
    bodies.write_bytes(R1.body(SHOP, 0))

    with answering(answer, tmp_path) as server, pytest.raises(BenchError, match="had a wrong answer"):
        run_load(f"{server.url}/{path}", bodies, connections=2, seconds=1)


@wants_wrk
def test_answers_that_hold_a_text_are_counted(tmp_path: Path) -> None:
    bodies = tmp_path / "bodies"
    bodies.write_bytes(R1.body(SHOP, 0))

    with answering(b'{"data":{"order":null}}', tmp_path) as server:
        with_it = run_load(f"{server.url}/R1", bodies, connections=2, seconds=1, counted='"order":null')
        without = run_load(f"{server.url}/R1", bodies, connections=2, seconds=1, counted='"order":{')

    assert with_it.answers == with_it.counted > 0
    assert (without.counted, without.other) == (0, '{"data":{"order":null}}')


def test_a_server_that_ends_at_its_start_is_told_with_its_words(tmp_path: Path) -> None:
    command: list[str | Path] = [PYTHON, "-c", "raise SystemExit('no room')"]

    with pytest.raises(BenchError, match="no room"), serving("failing", command, tmp_path / "log", {}):
        pass
