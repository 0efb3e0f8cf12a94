"""What is timed of projections, each in a process of its own: `python -m bench.jobs ceiling|rebuild|drain`.

The databases come from the environment, as Oneread's own commands have them: a log, and a MongoDB database that is emptied
first. Each prints a `Timed`. Each imports what it runs, so that its memory is its own.
"""

from collections.abc import Coroutine, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import typer

from bench.environment import databases
from bench.load import BenchError
from bench.timed import report
from bench.wire.loop import run
from projections.kernel.generations import Generation
from server.embedded import DatabaseUrls
from server.settings import Settings
from write_side.kernel.positions import START, LogPosition

PATIENCE = 1_800.0
"""How long projectors may take for a log, in seconds."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


class _Took(NamedTuple):
    events: int
    seconds: float


@app.command()
def ceiling() -> None:
    """Read and decode the log, and insert plain documents in bulk."""
    _report(_ceiling(*databases()))


@app.command()
def rebuild(names: list[str]) -> None:
    """Build read models from the first event on, until they are served."""
    _report(_rebuild(*databases(), names))


@app.command()
def drain() -> None:
    """Have the projectors of one process catch up with a log of which nothing is projected yet."""
    _report(_drain(*databases()))


async def _ceiling(settings: Settings, urls: DatabaseUrls) -> _Took:
    from bench.bulk import copy_orders

    await _empty(settings, urls)
    began = perf_counter()
    events = await copy_orders(urls, settings.mongo_database)
    return _Took(events, perf_counter() - began)


async def _rebuild(settings: Settings, urls: DatabaseUrls, names: Sequence[str]) -> _Took:
    from projections.kernel.comparing import Comparing
    from projections.kernel.rebuilding import Builds, Rebuilding
    from server.runs import named
    from server.shop import PROJECTIONS
    from server.wiring import now, open_stores

    projections = named(names, PROJECTIONS)
    await _empty(settings, urls)
    async with open_stores(settings, urls) as stores:
        head = await stores.log.head()
        for projection in projections:
            await stores.generations.prepare(projection, head)
        builds = Builds(stores.log, stores.store, now, settings.lease)
        rebuilding = Rebuilding(stores.generations, builds, Comparing(stores.excerpts, stores.log))
        began = perf_counter()
        outcomes = await rebuilding.rebuild(projections, _Unobserved())
        took = perf_counter() - began
    if failed := [outcome for outcome in outcomes.values() if isinstance(outcome, Exception)]:
        raise BenchError("a read model was not built") from failed[0]
    return _Took(head, took)


async def _drain(settings: Settings, urls: DatabaseUrls) -> _Took:
    import asyncio

    from server.shop import PROJECTIONS
    from server.wiring import open_backend, open_stores

    await _empty(settings, urls)
    async with open_stores(settings, urls) as stores:
        head = await stores.log.head()
        for projection in PROJECTIONS:
            # As if the log had been empty: so it is served, and nothing has to be built first.
            await stores.generations.prepare(projection, START)
    began = perf_counter()
    async with open_backend(settings, urls, project=True, serve=False) as backend:
        waiting = [backend.checkpoints.reached(projection, head, PATIENCE) for projection in PROJECTIONS]
        if not all(await asyncio.gather(*waiting)):
            raise BenchError(f"the projectors are still behind after {PATIENCE:.0f} seconds")
        return _Took(head, perf_counter() - began)


async def _empty(settings: Settings, urls: DatabaseUrls) -> None:
    from pymongo import AsyncMongoClient

    async with AsyncMongoClient[dict[str, Any]](urls.mongo) as client:
        await client.drop_database(settings.mongo_database)


class _Unobserved:
    """Nobody looks at what takes long."""

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        """See `Observer.reached`."""

    def compared(self, generation: Generation, documents: int) -> None:
        """See `Observer.compared`."""


def _report(job: Coroutine[Any, Any, _Took]) -> None:
    report(*run(job))


if __name__ == "__main__":
    app()
