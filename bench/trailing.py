"""How far behind a command the slowest read model is: from the command's answer until its checkpoint has passed it."""

import asyncio
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient

from bench.lags import LATE
from bench.load import BenchError

LOOK = 0.01
"""Between two looks at the checkpoints, in seconds: a lag is told as so much longer at most, never as shorter."""


class Moment(NamedTuple):
    """A position in the log, and when something was known of it (`perf_counter`)."""

    position: int
    at: float


def lags(answered: Sequence[Moment], passed: Sequence[Moment]) -> list[float]:
    """For each command's answer how long it took until its position was passed, in seconds; 0 if it had been before.

    `passed` are positions that never go back. Raises `BenchError` for a position that they do not reach.
    """
    positions = [moment.position for moment in passed]
    found = []
    for position, at in answered:
        index = bisect_left(positions, position)
        if index == len(passed):
            raise BenchError(f"position {position} was never passed")
        found.append(max(0.0, passed[index].at - at))
    return found


class Checkpoints:
    """The checkpoints of a shop's database, looked at again and again while `run` is running."""

    def __init__(self, client: "AsyncMongoClient[dict[str, Any]]", database: str, projections: int) -> None:
        self._checkpoints = client[database]["checkpoints"]
        self._projections = projections
        self._moved = asyncio.Event()
        self.passed: list[Moment] = []
        """Each position that all read models had passed, and when that was known."""

    async def run(self) -> None:
        """Looks for ever. Raises `BenchError` unless there is one checkpoint for each projection."""
        while True:
            found = await self._checkpoints.find({}, {"position": True}).to_list()
            if len(found) != self._projections:
                raise BenchError(f"{len(found)} checkpoints are not those of {self._projections} projections")
            slowest = min(checkpoint["position"] for checkpoint in found)
            if not self.passed or self.passed[-1].position < slowest:
                self.passed.append(Moment(slowest, perf_counter()))
                self._moved.set()
            await asyncio.sleep(LOOK)

    async def reached(self, position: int) -> None:
        """Waits until `position` is passed. Raises `BenchError` when that takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LATE):
                while not self.passed or self.passed[-1].position < position:
                    self._moved.clear()
                    await self._moved.wait()
                return
        raise BenchError(f"the read models are still behind {LATE:.0f} seconds after the last command")
