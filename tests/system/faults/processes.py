"""Processes in the cellar that end, or are held up, at a step that is named beforehand."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from projections.kernel.steps import Step, Steps, unwatched
from tests.system.children import Child
from tests.system.faults.cellar import Cellar, Place, opened

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


def at_work(work: Work, place: Place, fate: Fate | None = None) -> Child:
    """A process that works in the cellar."""
    return Child(partial(_live, work, place, fate))


def _live(work: Work, place: Place, fate: Fate | None) -> None:
    async def main() -> None:
        async with opened(place, unwatched if fate is None else fate.steps()) as cellar:
            await work(cellar)

    asyncio.run(main())
