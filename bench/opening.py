"""Commands that prepare a shop, many at once."""

import asyncio
from collections.abc import Sequence

from bench.load import first_of
from bench.requests import place_of
from bench.wire.http import Pool

AT_ONCE = 32


async def carry_out(url: str, *rounds: Sequence[bytes]) -> None:
    """Sends the commands of each round, in any order, and the next round once all of them are accepted.

    Raises `BenchError` for one that is not.
    """
    pool = Pool(url, AT_ONCE)

    async def work(commands: list[bytes]) -> None:
        while commands:
            place_of(await pool.ask(commands.pop()))

    try:
        for commands in rounds:
            left = list(commands)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(work(left))
    except ExceptionGroup as group:
        raise first_of(group) from None
    finally:
        pool.close()
