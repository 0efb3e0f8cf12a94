"""Processes that a test begins, stops, and ends as it likes.

They are forked from one that has imported everything: beginning one costs some hundredths of a second.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess
from threading import Thread
from types import TracebackType

import psutil

PATIENCE = 30.0
"""So long something is waited for that comes at once on an idle machine, in seconds."""

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(["__main__", "server.cli", "server.serving", "server.runs", "tests.system.faults.works"])


class Child:
    """A process that does its work, until it is left. It ends with the test's own process at the latest.

    `work` is a function of a module, or a partial one, with what it is given: another process has to find it.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._process: ForkServerProcess = _FORKING.Process(target=_live, args=(work,), daemon=True)
        self._process.start()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.is_alive()

    def signal(self, what: signal.Signals) -> None:
        """Sends it a signal."""
        os.kill(self.pid, what)

    async def ended(self) -> int:
        """Waits until it has ended: its exit code, or the negative number of the signal that it died of."""
        loop, over = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await asyncio.wait_for(over.wait(), PATIENCE)
        except TimeoutError:
            raise AssertionError(f"it is still at work: {self._work}") from None
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    async def held_up(self) -> None:
        """Waits until it is stopped."""
        process = psutil.Process(self.pid)
        async with asyncio.timeout(PATIENCE):
            while process.status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.01)


def _live(work: Callable[[], None]) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    work()


def _end_with(parent: int) -> None:
    wait([parent])
    os._exit(1)
