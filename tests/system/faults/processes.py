"""Processes that end, or are held up, at a step that is named beforehand.

They are forked from one that has imported everything: beginning one costs some hundredths of a second.
"""

import asyncio
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from typing import TypeAlias

import psutil

from projections.kernel.steps import Step, Steps, unwatched
from tests.system.faults.cellar import PATIENCE, Cellar, Place, opened

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["__main__", "tests.system.faults.works"])

Work: TypeAlias = Callable[[Cellar], Awaitable[None]]
"""What a process does. A function of a module: another process has to find it."""


@dataclass(frozen=True, slots=True)
class Fate:
    """The `time`-th time that a process has done `step` it sends itself a signal: it ends, or is held up, right there."""

    step: Step
    time: int = 1
    what: signal.Signals = signal.SIGKILL

    def steps(self) -> Steps:
        """What has to be told of each step."""
        done: Counter[Step] = Counter()

        def watch(step: Step) -> None:
            done[step] += 1
            if step == self.step and done[step] == self.time:
                os.kill(os.getpid(), self.what)

        return watch


class Child:
    """A process that does its work. It ends with the test's own process at the latest."""

    def __init__(self, work: Work, place: Place, fate: Fate | None = None) -> None:
        self._fate = fate
        self._process: ForkServerProcess = _FORKING.Process(target=_live, args=(work, place, fate), daemon=True)
        self._process.start()

    def signal(self, what: signal.Signals) -> None:
        """Sends it a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, what)

    async def ended(self) -> int:
        """Waits until it has ended: its exit code, or the negative number of the signal that it died of."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await asyncio.wait_for(over.wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"it is still at work, and was to meet {self._fate}") from None
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def held_up(self) -> None:
        """Waits until it is stopped."""
        process = psutil.Process(self._process.pid)
        async with asyncio.timeout(PATIENCE):
            while process.status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.01)

    def close(self) -> None:
        """Ends it, if it has not ended."""
        self._process.kill()
        self._process.join()
        self._process.close()


def _live(work: Work, place: Place, fate: Fate | None) -> None:
    asyncio.run(_work(work, place, fate))


async def _work(work: Work, place: Place, fate: Fate | None) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    asyncio.get_running_loop().add_reader(parent.sentinel, os._exit, 1)
    async with opened(place, unwatched if fate is None else fate.steps()) as cellar:
        await work(cellar)
