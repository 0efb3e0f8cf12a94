"""What it takes to tell everyone: changes sent to an audience, one by one and in a burst."""

import gc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter

from bench.audience import Audience
from bench.percentiles import Spread

Change = Callable[[], Awaitable[float]]
"""Changes something for every subscriber, and tells when it was answered that it is done (`perf_counter`)."""

_MILLI = 1000.0


@dataclass(frozen=True, slots=True)
class Paced:
    """Changes each of which was told to all before the next.

    `rate`: deliveries per second, what lies before the first frame of a change included. `last`: from the answer to a
    change to the last of its frames, in milliseconds.
    """

    rate: float
    last: Spread


@dataclass(frozen=True, slots=True)
class Burst:
    """Changes that did not wait for anyone.

    `rate`: deliveries per second, from the first command to the last frame. `told`: frames to changes, of one subscriber:
    less than 1 where several changes went in one frame. `last`: from the last answer to the last frame, in milliseconds.
    """

    rate: float
    told: float
    last: float


async def paced(audience: Audience, change: Change, changes: int, warm_up: int) -> Paced:
    """So many changes; those of the warm-up do not count. Raises `BenchError`."""
    expected = audience.frames
    for _ in range(warm_up):
        await change()
        expected += audience.count
        await audience.reached(expected)
    took = []
    gc.collect()
    gc.disable()
    try:
        began = perf_counter()
        for _ in range(changes):
            answered = await change()
            expected += audience.count
            await audience.reached(expected)
            took.append((audience.last - answered) * _MILLI)
        elapsed = audience.last - began
    finally:
        gc.enable()
    return Paced(audience.count * changes / elapsed, Spread.of(took))


async def burst(audience: Audience, change: Change, changes: int) -> Burst:
    """So many changes, one after the other. Raises `BenchError`."""
    before, began, answered = audience.frames, perf_counter(), 0.0
    for _ in range(changes):
        answered = await change()
    await audience.quiet(before + audience.count * changes)
    frames = audience.frames - before
    return Burst(
        frames / (audience.last - began),
        frames / (audience.count * changes),
        (audience.last - answered) * _MILLI,
    )
