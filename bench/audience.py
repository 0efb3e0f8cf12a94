"""Many subscribers that count their frames and look at none of them, but the very first."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from time import perf_counter
from typing import Any, Self

import orjson

from bench.load import BenchError
from bench.wire.subscriber import Subscriber

AT_ONCE = 64
PATIENCE = 120.0
_NEXT, _HEAD = b'"next"', 60
"""What a message of a change has in its first bytes."""

QUIET = 3.0
"""When nothing has come for so many seconds, nothing will."""


class Audience:
    """Subscribers of one server. `frames` came to them in all, the last one at `last` (`perf_counter`)."""

    def __init__(self) -> None:
        self.frames = 0
        self.last = 0.0
        self.example: Any = None
        self._subscribers: list[Subscriber] = []
        self._wanted = 0
        self._moved = asyncio.Event()
        self._lost: BenchError | None = None

    @classmethod
    async def joined(cls, url: str, operations: Iterable[bytes]) -> Self:
        """A subscriber for each operation, once all have the snapshot. Raises `BenchError`."""
        audience = cls()
        left = list(operations)
        count = len(left)

        async def join() -> None:
            while left:
                operation = left.pop()
                one = await Subscriber.open(url, [operation], audience._heard, audience._disconnected)
                audience._subscribers.append(one)

        await asyncio.gather(*(join() for _ in range(AT_ONCE)))
        await audience.reached(count)
        return audience

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._subscribers)

    async def reached(self, frames: int) -> None:
        """Waits until so many frames have come in all. Raises `BenchError` when they do not, or a subscriber is lost."""
        self._wanted = frames
        try:
            async with asyncio.timeout(PATIENCE):
                while self.frames < frames and self._lost is None:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            raise BenchError(f"{self.frames} of {frames} frames came in {PATIENCE:.0f} seconds") from None
        if self._lost is not None:
            raise self._lost

    async def quiet(self, frames: int) -> None:
        """Waits until so many frames have come in all, or no more come. Raises `BenchError` when a subscriber is lost."""
        self._wanted = frames
        before = -1
        while before != self.frames < frames and self._lost is None:
            before = self.frames
            self._moved.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), QUIET)
        if self._lost is not None:
            raise self._lost

    def leave(self) -> None:
        """Disconnects all."""
        for one in self._subscribers:
            one.close()

    def _heard(self, buffer: bytearray, begin: int, end: int) -> None:
        self.last = perf_counter()
        if not self.frames:
            self.example = orjson.loads(memoryview(buffer)[begin:end])
        if buffer.find(_NEXT, begin, begin + _HEAD) < 0:
            self._disconnected(BenchError(f"a subscriber was told {bytes(buffer[begin:end])!r}"))
        self.frames += 1
        if self.frames >= self._wanted:
            self._moved.set()

    def _disconnected(self, error: BenchError) -> None:
        self._lost = error
        self._moved.set()
