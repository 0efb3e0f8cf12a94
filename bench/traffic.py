"""Commands at a rate, and how the read models follow them."""

import asyncio
import gc
import random
from dataclasses import dataclass
from time import perf_counter

from bench.arrivals import arrivals
from bench.lags import MOST_UNDER_WAY
from bench.lives import Lives
from bench.load import BenchError, first_of
from bench.percentiles import Spread
from bench.requests import place_of
from bench.trailing import Checkpoints, Moment, lags
from bench.wire.http import Pool

_MILLI = 1000.0


@dataclass(frozen=True, slots=True)
class Trailing:
    """Milliseconds of commands that came at a rate (`rate`: answered per second).

    `answered`: from sending a command to its answer; `lag`: from there until all read models had it; `most`: the longest.
    """

    rate: float
    answered: Spread
    lag: Spread
    most: float


class Traffic:
    """Clients of one API, that send commands whatever becomes of those before."""

    def __init__(self, url: str, lives: Lives) -> None:
        self._lives = lives
        self._pool = Pool(url, MOST_UNDER_WAY)
        self._dice = random.Random(1)
        self._took: list[float] = []
        self._answered: list[Moment] = []

    async def measure(self, rate: float, seconds: float, warm_up: float, checkpoints: Checkpoints) -> Trailing:
        """How the read models follow so many commands per second. The warm-up's do not count.

        Raises `BenchError` for a command that is refused, and when the read models stay behind.
        """
        gc.collect()
        gc.disable()
        try:
            async with asyncio.TaskGroup() as tasks:
                following = tasks.create_task(checkpoints.run())
                await self._send(rate, warm_up)
                self._took.clear()
                self._answered.clear()
                began = perf_counter()
                await self._send(rate, seconds)
                elapsed = perf_counter() - began
                if not self._answered:
                    raise BenchError("no command was sent: measure for longer")
                await checkpoints.reached(max(moment.position for moment in self._answered))
                following.cancel()
        except ExceptionGroup as group:
            raise first_of(group) from None
        finally:
            gc.enable()
            self._pool.close()
        waited = [lag * _MILLI for lag in lags(self._answered, checkpoints.passed)]
        took = Spread.of([one * _MILLI for one in self._took])
        return Trailing(len(self._answered) / elapsed, took, Spread.of(waited), max(waited))

    async def _send(self, rate: float, seconds: float) -> None:
        async with asyncio.TaskGroup() as tasks:
            async for _ in arrivals(rate, seconds, self._dice):
                tasks.create_task(self._command())

    async def _command(self) -> None:
        step = self._lives.next()
        sent = perf_counter()
        answer = await self._pool.ask(step.request)
        self._lives.accepted(step)
        self._took.append(answer.at - sent)
        self._answered.append(Moment(_number_of(place_of(answer).position), answer.at))


def _number_of(token: str) -> int:
    """The place in the log that a position token stands for."""
    return int(token.rpartition("-")[2])
