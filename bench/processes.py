"""Servers as processes of their own, which end with the benchmark however that ends."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.load import BenchError
from server.embedded.process import start

PYTHON = Path(sys.executable)
ONEREAD = PYTHON.with_name("oneread")
"""The command line, as a user has it."""

START_PATIENCE = 60.0
STOP_PATIENCE = 10.0
DRAIN_PATIENCE = 60.0
IDLE_CHECK = 0.1
IDLE_SHARE = 0.2
"""A server that uses less of a processor than this, for `IDLE_CHECK` seconds, has nothing left to do."""

_URL = r"http://[\w.]+:\d+"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs: its name in the table, and what it said when it was ready: where it listens, if it does."""

    name: str
    url: str
    process: subprocess.Popen[bytes]

    def memory(self) -> float:
        """What the process and those below it hold in memory now (RSS), in MiB."""
        return sum(process.memory_info().rss for process in self._processes()) / MEBIBYTE

    def wait_until_idle(self) -> None:
        """Waits until requests whose client has gone away are done with. Raises `BenchError` when that takes too long.

        A slow server has seconds of them left, which would be taken from whoever is measured next.
        """
        deadline = time.monotonic() + DRAIN_PATIENCE
        used = self.processor_seconds()
        while True:
            time.sleep(IDLE_CHECK)
            before, used = used, self.processor_seconds()
            if used - before < IDLE_SHARE * IDLE_CHECK:
                return
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name} is still busy {DRAIN_PATIENCE:.0f} seconds after its load ended")

    def processor_seconds(self) -> float:
        """What the process and those below it have used of processors so far."""
        times = [process.cpu_times() for process in self._processes()]
        return float(sum(one.user + one.system for one in times))

    def _processes(self) -> list[psutil.Process]:
        itself = psutil.Process(self.process.pid)
        return [itself, *itself.children(recursive=True)]


def serving(
    name: str, command: Sequence[str | Path], log: Path, variables: Mapping[str, str]
) -> AbstractContextManager[Running]:
    """Runs a server that prints its URL, with variables of the environment added. Raises `BenchError` if it ends early."""
    return started(name, command, log, variables, _URL)


@contextmanager
def started(
    name: str, command: Sequence[str | Path], log: Path, variables: Mapping[str, str], ready: str
) -> Iterator[Running]:
    """The same of any process that prints what matches `ready` once it is."""
    with log.open("wb") as output:
        settings = [f"{key}={value}" for key, value in variables.items()]
        # It needs no lease: a descriptor that it has anyway will do.
        process = start(["env", *settings, *command], lease=output.fileno(), output=output, last_signal=signal.SIGTERM)
    try:
        yield Running(name, _said(name, process, log, re.compile(ready)), process)
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends a server, and waits for it."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_oneread(*arguments: str, variables: Mapping[str, str]) -> None:
    """A command of Oneread's that ends by itself. Raises `BenchError` when it fails."""
    run_to_end(f"oneread {' '.join(arguments)}", [ONEREAD, *arguments], variables)


def run_to_end(name: str, command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """What a command printed that ends by itself, with variables of the environment added. Raises `BenchError`."""
    settings = [f"{key}={value}" for key, value in variables.items()]
    run = subprocess.run(["env", *settings, *map(str, command)], capture_output=True, text=True, check=False)
    if run.returncode:
        raise BenchError(f"{name} ended with code {run.returncode}:\n{run.stdout}{run.stderr}")
    return run.stdout


def _said(name: str, process: "subprocess.Popen[bytes]", log: Path, ready: re.Pattern[str]) -> str:
    deadline = time.monotonic() + START_PATIENCE
    while (told := ready.search(log.read_text(errors="replace"))) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise BenchError(f"{name} did not start:\n{log.read_text(errors='replace')}")
        time.sleep(0.05)
    return told[0]
