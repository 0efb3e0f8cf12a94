"""Group commit: appends form a queue, and while one batch is being committed the next gathers.

There is no timer: a lone append goes at once, and under load batches form by themselves. A batch whose connection was
lost is sent again: its command ids tell what had been stored already.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from write_side.kernel.append import Append, AppendResult, Conflict, EventLog
from write_side.kernel.errors import LogUnavailable

MOST = 250
"""Requests in a batch."""
MOST_BYTES = 2**20
"""Bytes of events in a batch, unless one request alone brings more."""

TRIES = 3
PAUSE = 0.1


class Attendant(Protocol):
    """Who wants to know what the log answers, before it is asked again."""

    def answered(self, requests: Sequence[Append], results: Sequence[AppendResult]) -> None:
        """A batch was answered."""
        ...

    async def caught_up(self) -> None:
        """Returns when the next batch may go."""
        ...


class _Waiting(NamedTuple):
    """A request in the queue."""

    request: Append
    stands: Callable[[], bool]
    future: "asyncio.Future[AppendResult]"


class GroupCommit:
    """The queue in front of a log's append. `run` is the task that empties it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()
        self._attendants: list[Attendant] = []

    def attend(self, attendant: Attendant) -> None:
        """Has somebody told of every batch that is answered, and waited for."""
        self._attendants.append(attendant)

    def submit(self, request: Append, stands: Callable[[], bool] = lambda: True) -> "asyncio.Future[AppendResult]":
        """Queues a request, after all that were queued before it. The future raises `LogUnavailable`.

        One that no longer `stands` when its turn comes is answered as a conflict, without asking the log.
        """
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(request, stands, future))
        self._filled.set()
        return future

    async def run(self) -> None:
        """Commits what is queued, for ever."""
        while True:
            await self._filled.wait()
            batch = self._next()
            if not self._queue:
                self._filled.clear()
            if batch:
                await self._commit(batch)
            # Those who were answered may have more to ask, or to ask anew: it comes into the next batch.
            await asyncio.sleep(0)
            for attendant in self._attendants:
                await attendant.caught_up()

    def _next(self) -> list[_Waiting]:
        """The next batch: of those that stand one, and what else there is room for."""
        batch: list[_Waiting] = []
        size = 0
        while self._queue and len(batch) < MOST:
            size += self._queue[0].request.size
            if batch and size > MOST_BYTES:
                break
            waiting = self._queue.popleft()
            if waiting.stands():
                batch.append(waiting)
            else:
                _answer(waiting.future, Conflict(frozenset()))
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            results = await self._append([waiting.request for waiting in batch])
        except LogUnavailable as error:
            for waiting in batch:
                _fail(waiting.future, error)
        except Exception as error:  # one request may be at fault: its neighbours must not pay for it
            if len(batch) == 1:
                _fail(batch[0].future, error)
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
        else:
            for attendant in self._attendants:
                attendant.answered([waiting.request for waiting in batch], results)
            for waiting, result in zip(batch, results, strict=True):
                _answer(waiting.future, result)

    async def _append(self, requests: Sequence[Append]) -> Sequence[AppendResult]:
        for attempt in range(1, TRIES):
            try:
                return await self._log.append(requests)
            except LogUnavailable:
                await asyncio.sleep(PAUSE * attempt)
        return await self._log.append(requests)


# Whoever submitted may have stopped waiting.


def _answer(future: "asyncio.Future[AppendResult]", result: AppendResult) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[AppendResult]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
