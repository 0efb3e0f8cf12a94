"""What a process took that folded a log."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.processes import PYTHON, run_to_end


@dataclass(frozen=True, slots=True)
class Timed:
    """So many events in so many seconds; `peak` is the most memory that the process had (RSS), in MB of a million bytes."""

    events: int
    seconds: float
    peak: float

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def run_job(name: str, *arguments: str, variables: Mapping[str, str]) -> Timed:
    """Runs a job of `bench.jobs` in a process of its own. Raises `BenchError` when it fails."""
    command: list[str | Path] = [PYTHON, "-m", "bench.jobs", name, *arguments]
    return Timed(**orjson.loads(run_to_end(f"the job {name}", command, variables)))


def report(events: int, seconds: float) -> None:
    """Prints what this process took, for `run_job`."""
    sys.stdout.write(orjson.dumps(Timed(events, seconds, _peak())).decode())


def _peak() -> float:
    # Not what `getrusage` says: that begins with what the process had that started this one.
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
