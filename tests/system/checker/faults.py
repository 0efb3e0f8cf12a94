"""What goes wrong while the clients are at work, in an order that a seed decides."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from tests.system.checker.processes import Process, Processes
from tests.system.checker.records import Records

EVERY = 4.0
"""Seconds from one fault to the next, about."""

SHOWN_SECONDS = 10
"""For so long at most nobody projects, until that has been seen. Clients are few who read a list just then."""

STEP_DOWN_SECONDS = 1
"""For so long MongoDB takes no writes, at least."""


class Faults:
    """Faults, one after the other. Each leaves the shop whole, or about to be. `happened` counts them by name.

    `records` are what the clients note meanwhile.
    """

    def __init__(self, processes: Processes, mongo_url: str, random: Random, records: Records) -> None:
        self._processes = processes
        self._mongo_url = mongo_url
        self._random = random
        self._records = records
        self._kinds: list[Callable[[], Awaitable[None]]] = [
            self.kill_projector,
            self.pause_projector,
            self.pause_projectors,
            self.restart_api,
            self.kill_api,
            self.step_down,
            self.end_sessions,
        ]
        self.happened: Counter[str] = Counter()

    async def run(self, seconds: float) -> None:
        """Has each kind of fault happen in turn, over and over, for so many seconds; each kind at least once."""
        rounds = max(1, round(seconds / EVERY / len(self._kinds)))
        plan = [kind for _ in range(rounds) for kind in self._random.sample(self._kinds, len(self._kinds))]
        loop = asyncio.get_running_loop()
        begun = loop.time()
        for number, fault in enumerate(plan):
            await asyncio.sleep(max(0.0, begun + (number + 0.5) * seconds / len(plan) - loop.time()))
            await fault()
            self.happened[fault.__name__] += 1
        await asyncio.sleep(max(0.0, begun + seconds - loop.time()))

    async def kill_projector(self) -> None:
        """The other takes over once the lease has run out."""
        projector = self._random.choice(self._processes.projectors)
        await projector.end(signal.SIGKILL)
        await projector.start()

    async def pause_projector(self) -> None:
        """It wakes up and finds that the other has taken over."""
        async with self._paused([self._random.choice(self._processes.projectors)]):
            await asyncio.sleep(self._random.uniform(1.5, 2.5))

    async def pause_projectors(self) -> None:
        """Nobody projects for longer than a read waits, and until somebody was told that a page is stale."""
        stale = self._records.counts["stale"]
        async with self._paused(self._processes.projectors):
            await asyncio.sleep(self._random.uniform(3, 4))
            for _ in range(10 * SHOWN_SECONDS):
                if self._records.counts["stale"] > stale:
                    return
                await asyncio.sleep(0.1)

    async def restart_api(self) -> None:
        """As an upgrade does it."""
        api = self._random.choice(self._processes.apis)
        await api.end(signal.SIGTERM)
        await api.start()

    async def kill_api(self) -> None:
        """Nobody is told."""
        api = self._random.choice(self._processes.apis)
        await api.end(signal.SIGKILL)
        await api.start()

    async def step_down(self) -> None:
        """MongoDB is no primary for a while."""
        async with AsyncMongoClient[dict[str, Any]](self._mongo_url) as mongo:
            await mongo.admin.command(
                {"replSetStepDown": STEP_DOWN_SECONDS, "secondaryCatchUpPeriodSecs": 0, "force": True}
            )
            await asyncio.sleep(STEP_DOWN_SECONDS)
            for _ in range(300):
                if await _is_primary(mongo):
                    return
                await asyncio.sleep(0.1)
            raise AssertionError("MongoDB has not come back in half a minute")

    async def end_sessions(self) -> None:
        """What a new primary knows of the old one's cursors and transactions: nothing. Change streams have to resume."""
        async with AsyncMongoClient[dict[str, Any]](self._mongo_url) as mongo:
            await mongo.admin.command({"killAllSessions": []})

    @asynccontextmanager
    async def _paused(self, projectors: Sequence[Process]) -> AsyncIterator[None]:
        for projector in projectors:
            projector.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for projector in projectors:
                projector.signal(signal.SIGCONT)


async def _is_primary(mongo: "AsyncMongoClient[dict[str, Any]]") -> bool:
    try:
        return bool((await mongo.admin.command("hello"))["isWritablePrimary"])
    except PyMongoError:
        return False
