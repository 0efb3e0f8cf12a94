"""An event loop whose clock leaps: where nothing is left to do but to wait, the wait is over at once."""

import asyncio
import selectors
from collections.abc import Callable, Collection, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
GRACE = 0.001
"""So long it is waited in any case for what others may be doing for us, in seconds."""


class _Leaping(selectors.DefaultSelector):
    """Leaps over waits, unless `busy` tells that somebody else is at work for us; without it there is nobody else."""

    def __init__(self, busy: Callable[[], bool] | None) -> None:
        super().__init__()
        self._busy = busy
        self.leapt = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self._busy is not None:
            if self._busy():
                return super().select(timeout)
            if found := super().select(min(GRACE, timeout)):
                return found
        self.leapt += timeout
        return []


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, selector: _Leaping, *, stands: bool) -> None:
        self._leaping = selector
        self._stands = stands
        super().__init__(selector)

    def time(self) -> float:
        return self._leaping.leapt + (0 if self._stands else super().time())


def run(work: Coroutine[Any, Any, T], busy: Callable[[], bool] | None = None) -> T:
    """What `work` gives, on a loop of its own whose waits take no time while nobody is `busy`.

    Without `busy` nobody ever is, and its clock does nothing but leap: it is the same each time.
    """
    loop = _Loop(_Leaping(busy), stands=busy is None)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(_stopped(asyncio.all_tasks(loop)))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _stopped(tasks: Collection["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
