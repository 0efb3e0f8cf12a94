"""How much of a processor each process used while something was measured."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import psutil

from bench.processes import Running

CLIENT, OTHERS = "client", "databases and others"


@dataclass(frozen=True, slots=True)
class Usage:
    """Shares of one processor by name, this process as the client among them, and the machine's load before (1 minute)."""

    shares: dict[str, float]
    load: float


class Watch:
    """Measures from when it is made until `usage` is asked for."""

    def __init__(self, running: Sequence[Running]) -> None:
        self._running = running
        self._load = os.getloadavg()[0]
        self._before = self._seconds()
        self._began = perf_counter()

    def usage(self) -> Usage:
        """What was used since."""
        elapsed = perf_counter() - self._began
        used = {name: seconds - self._before[name] for name, seconds in self._seconds().items()}
        # What the machine did in all, less what is known by name: clocks that tick apart.
        used[OTHERS] = max(0.0, used[OTHERS] - sum(seconds for name, seconds in used.items() if name != OTHERS))
        return Usage({name: seconds / elapsed for name, seconds in used.items()}, self._load)

    def _seconds(self) -> dict[str, float]:
        own, machine = psutil.Process().cpu_times(), psutil.cpu_times()
        return {
            CLIENT: own.user + own.system,
            **{one.name: one.processor_seconds() for one in self._running},
            OTHERS: machine.user + machine.nice + machine.system,
        }
