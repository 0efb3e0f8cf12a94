"""The demo as a user runs it: a process of its own, on a data directory with embedded servers."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from server.embedded.servers import STOP_PATIENCE

ROOT = Path(__file__).parents[2]
PROGRAM = "from server.cli import main; main()"
START_PATIENCE = 90.0
END_PATIENCE = 2 * STOP_PATIENCE
"""In seconds: it kills servers that are slow to stop, and ends itself then."""


def environment() -> dict[str, str]:
    """This environment without any setting of Oneread's: the databases are embedded."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ONEREAD_")}
    return {**bare, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def oneread(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself, and what it printed."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60, check=False)


class Demo:
    """A running demo, with some settings of its own. It ends with the test that began it."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        command = [sys.executable, "-c", PROGRAM, "demo", "--port", "0", "--data-dir", str(data_dir)]
        env = environment() | {f"ONEREAD_{name.upper()}": value for name, value in settings.items()}
        self._process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
        self._lines: list[str] = []
        # Read all along, or it would stop at a full pipe.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> "Demo":
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self.end(signal.SIGKILL)

    def _read(self) -> None:
        assert self._process.stderr is not None
        self._lines.extend(self._process.stderr)

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return "".join(self._lines)

    def wait_until(self, happened: Callable[[], bool]) -> None:
        """Waits, as long as a start may take, for what happens while the demo runs."""
        deadline = time.monotonic() + START_PATIENCE
        while not happened():
            assert self._process.poll() is None, self.printed
            assert time.monotonic() < deadline, self.printed
            time.sleep(0.05)

    def url(self) -> str:
        """Where it serves, once it has said so."""
        told = re.compile(r"GraphiQL:\s+(http://\S+)/graphql")
        self.wait_until(lambda: told.search(self.printed) is not None)
        return str(told.findall(self.printed)[0])

    def ask(self, query: str) -> Any:
        """The data that a query or mutation answers."""
        answer = httpx.post(f"{self.url()}/graphql", json={"query": query}, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def caught_up(self) -> dict[str, Any]:
        """What /health answers, once no projection is behind."""
        health: dict[str, Any] = {}

        def caught_up() -> bool:
            health.update(httpx.get(f"{self.url()}/health", timeout=30).json())
            projections = health["projections"].values()
            return bool(projections) and not any(projection["behind"] for projection in projections)

        self.wait_until(caught_up)
        return health

    def processes(self) -> set[psutil.Process]:
        """Every process below it, and every other that names its data directory."""
        below = set(psutil.Process(self._process.pid).children(recursive=True)) if self._process.poll() is None else set()
        return below | naming(self.data_dir)

    def end(self, how: signal.Signals) -> int:
        """Sends a signal to the process alone, as `kill` does, and returns its exit code."""
        self._process.send_signal(how)
        code = self._process.wait(END_PATIENCE)
        # The servers of one that was killed hold no end of the pipe, so that this ends as well.
        self._reader.join(END_PATIENCE)
        return code


def naming(data_dir: Path) -> set[psutil.Process]:
    """Every process with the data directory in its command line."""
    return {process for process in psutil.process_iter() if str(data_dir) in _command_line(process)}


def left_of(processes: set[psutil.Process], patience: float = 0) -> list[psutil.Process]:
    """Which of them still run after `patience` seconds at most."""
    deadline = time.monotonic() + patience
    while (left := [process for process in processes if _runs(process)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _command_line(process: psutil.Process) -> str:
    with contextlib.suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def _runs(process: psutil.Process) -> bool:
    try:
        # An orphan that has ended waits for the system's first process to take note.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
