"""When the next client comes: at random moments, so many per second, whatever became of those before."""

import asyncio
import random
from collections.abc import AsyncIterator
from time import perf_counter


async def arrivals(rate: float, seconds: float, dice: random.Random) -> AsyncIterator[None]:
    """Goes on with each arrival, for so many seconds. Who is late for some has the next ones at once."""
    due = perf_counter()
    end = due + seconds
    while (due := due + dice.expovariate(rate)) < end:
        if (early := due - perf_counter()) > 0:
            await asyncio.sleep(early)
        yield
