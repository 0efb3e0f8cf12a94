"""Who appends, in a process of its own: `python -m bench.appenders WAY CLIENTS SECONDS WARM_UP`; see `WAYS`.

So many clients, each of which appends to a stream of its own and sends its next request once it has its answer. The
database comes from the environment, as Oneread's own commands have it. It prints a `Written`.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from time import perf_counter

import asyncpg
import orjson
import typer

from bench.appends import Growing
from bench.environment import databases
from bench.load import BenchError, first_of
from bench.percentiles import Spread
from bench.wire.loop import run
from bench.writes_tables import GROUPED, ORDERED, UNORDERED
from bench.written import Written
from server.shop import CODEC
from write_side.kernel.append import Append, Appended, AppendResult
from write_side.kernel.committer import GroupCommit
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog

MOST_CONNECTIONS = 64
_CALL = "select oneread_bench.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
_MILLI = 1000.0

Appending = Callable[[Append], Awaitable[None]]
"""Stores one request, or raises."""


@asynccontextmanager
async def grouped(url: str, _: int) -> AsyncIterator[Appending]:
    """Appends by the event store as the API has it: one queue, and batches that form by themselves."""
    pool = await open_pool(url)
    committer = GroupCommit(await PostgresLog.open(pool, CODEC))
    running = asyncio.create_task(committer.run())

    async def append(request: Append) -> None:
        _check(await committer.submit(request))

    yield append
    running.cancel()
    await pool.close()


@asynccontextmanager
async def ordered(url: str, clients: int) -> AsyncIterator[Appending]:
    """Appends by the same function of the log, each in a transaction of its own: one waits for the other's commit."""
    pool = await open_pool(url, size=min(clients, MOST_CONNECTIONS))
    log = await PostgresLog.open(pool, CODEC)

    async def append(request: Append) -> None:
        (result,) = await log.append([request])
        _check(result)

    yield append
    await pool.close()


@asynccontextmanager
async def unordered(url: str, clients: int) -> AsyncIterator[Appending]:
    """Appends by a function that puts the same rows in no order, each in a transaction of its own: the common way."""
    most = min(clients, MOST_CONNECTIONS)
    async with asyncpg.create_pool(url, min_size=1, max_size=most, reset=_as_it_is) as pool:

        async def append(request: Append) -> None:
            async with pool.acquire() as connection:
                await connection.fetchval(_CALL, *_arguments(request))

        yield append


WAYS = {GROUPED: grouped, ORDERED: ordered, UNORDERED: unordered}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def appenders(way: str, clients: int, seconds: float, warm_up: float) -> None:
    """So many clients append, one way, for so long after a warm-up."""
    url = databases()[1].postgres
    sys.stdout.write(orjson.dumps(run(_measured(WAYS[way](url, clients), clients, seconds, warm_up))).decode())


async def _measured(
    opened: AbstractAsyncContextManager[Appending], clients: int, seconds: float, warm_up: float
) -> Written:
    took: list[float] = []
    async with opened as append:
        # As in the API's process, what is there now stays.
        gc.collect()
        gc.freeze()
        begin = perf_counter() + warm_up
        end = begin + seconds

        async def work() -> None:
            stream = Growing()
            while (sent := perf_counter()) < end:
                await append(stream.request())
                if begin <= (answered := perf_counter()) < end:
                    took.append(answered - sent)

        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(clients):
                    tasks.create_task(work())
        except ExceptionGroup as group:
            raise first_of(group) from None
    return Written(len(took) / seconds, Spread.of([one * _MILLI for one in took]))


async def _as_it_is(_: object) -> None:
    """Asyncpg would send a statement more after each append, to clean up."""


def _check(result: AppendResult) -> None:
    if not isinstance(result, Appended):
        raise BenchError(f"nobody else appends to this stream, and still: {result}")


def _arguments(request: Append) -> tuple[object, ...]:
    head, events = request.heads[request.target], request.events
    return (
        request.metadata.command_id,
        request.digest,
        orjson.dumps(request.metadata._asdict()).decode(),
        request.occurred_at,
        request.target,
        head.version,
        head.event_id,
        [event.event_id for event in events],
        [event.event.event_name for event in events],
        [event.event.schema_version for event in events],
        [event.data for event in events],
    )


if __name__ == "__main__":
    app()
