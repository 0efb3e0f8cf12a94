"""Several processes would project: one is at work, the others stand by. When it is gone another takes over soon."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

import pytest

from server.embedded import DatabaseUrls
from tests.system.children import Child
from tests.system.faults import works
from tests.system.faults.cellar import CODEC, PACE, Cellar, Place, opened
from tests.system.faults.history import History, assert_whole
from tests.system.faults.processes import at_work
from tests.system.faults.starting import begun
from tests.system.proxy import Doors, doors_to
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog

PROCESSES = 3
SOON = 20 * (PACE.lease + PACE.look)
"""Longer by far than it takes, in seconds: others use the machine, too."""
MADE = ["m1", "m2"]
HAPPENS = ["f1", "n1", "f2"]
"""What happens each time somebody else has taken over: all of it has to be projected."""


@pytest.fixture
async def place(postgres_url: str, mongo_url: str, mongo_database: str) -> Place:
    """A cellar with a log of its own, and with an empty generation that is served."""
    await migrate(postgres_url)
    made = Place(DatabaseUrls(postgres=postgres_url, mongo=mongo_url), mongo_database, PACE)
    await begun(made)
    return made


@pytest.fixture
async def history(place: Place) -> AsyncIterator[History]:
    """What happens in it."""
    pool = await open_pool(place.urls.postgres)
    yield History(await PostgresLog.open(pool, CODEC))
    await pool.close()


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that projects, behind doors of its own."""

    child: Child
    doors: Doors

    def lost(self, how: str) -> None:
        """Does nothing more."""
        match how:
            case "killed":
                self.child.signal(signal.SIGKILL)
            case "stopped":
                self.child.signal(signal.SIGSTOP)
            case _:
                self.doors.mongo.hold()
                self.doors.postgres.hold()

    async def found(self) -> None:
        """Goes on, if it was stopped or cut off."""
        self.child.signal(signal.SIGCONT)
        await self.doors.mongo.open()
        await self.doors.postgres.open()


@pytest.fixture
async def workers(place: Place) -> AsyncIterator[dict[int, Worker]]:
    """As many as there are to be, by the numbers of their processes."""
    async with AsyncExitStack() as stack:
        made = {}
        for _ in range(PROCESSES):
            doors = await stack.enter_async_context(doors_to(lambda: place.urls))
            child = stack.enter_context(at_work(works.project, replace(place, urls=doors.urls)))
            made[child.pid] = Worker(child, doors)
        yield made


async def at_work_but(cellar: Cellar, lost: int | None = None) -> int:
    """Waits until somebody works on what is served, and it is not `lost`: the number of its process."""
    async with asyncio.timeout(SOON):
        while (pid := await cellar.at_work()) in (None, lost):  # noqa: ASYNC110 (nobody tells)
            await asyncio.sleep(0.02)
    assert pid is not None
    return pid


async def all_projected(cellar: Cellar) -> None:
    """Waits until everything is projected, and looks at it."""
    await cellar.projected()
    await assert_whole(cellar)


@pytest.mark.parametrize("how", ["killed", "stopped", "cut off"])
async def test_another_takes_over(place: Place, history: History, workers: dict[int, Worker], how: str) -> None:
    async with opened(place) as cellar:
        await history.go_on([*MADE, *HAPPENS])
        first = await at_work_but(cellar)
        await all_projected(cellar)

        workers[first].lost(how)
        await history.go_on(HAPPENS)
        second = await at_work_but(cellar, first)
        await all_projected(cellar)

        if how != "killed":
            await workers[first].found()
            await history.go_on(HAPPENS)
            await all_projected(cellar)
            assert await cellar.at_work() == second
            # It stands by like any other.
            for pid in workers.keys() - {first}:
                workers[pid].lost("killed")
            await history.go_on(HAPPENS)
            assert await at_work_but(cellar, second) == first
            await all_projected(cellar)
