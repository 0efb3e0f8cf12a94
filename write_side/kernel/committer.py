"""Group commit: appends form a queue, and while one batch is being committed the next gathers.

There is no timer: a lone append goes at once, and under load batches form by themselves. A batch whose connection was
lost is sent again: its command ids tell what had been stored already.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from write_side.kernel.append import Append, AppendResult, EventLog
from write_side.kernel.errors import LogUnavailable

MOST = 250
"""Requests in a batch."""
MOST_BYTES = 2**20
"""Bytes of events in a batch, unless one request alone brings more."""

TRIES = 3
PAUSE = 0.1

_Waiting = tuple[Append, "asyncio.Future[AppendResult]"]


class GroupCommit:
    """The queue in front of a log's append. `run` is the task that empties it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()

    def submit(self, request: Append) -> "asyncio.Future[AppendResult]":
        """Queues a request, after all that were queued before it. The future raises `LogUnavailable`."""
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self._queue.append((request, future))
        self._filled.set()
        return future

    async def run(self) -> None:
        """Commits what is queued, for ever."""
        while True:
            await self._filled.wait()
            batch = self._next()
            if not self._queue:
                self._filled.clear()
            await self._commit(batch)

    def _next(self) -> list[_Waiting]:
        """The next batch: one request, and what else there is room for."""
        batch = [self._queue.popleft()]
        size = batch[0][0].size
        while self._queue and len(batch) < MOST and (size := size + self._queue[0][0].size) <= MOST_BYTES:
            batch.append(self._queue.popleft())
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        try:
            results = await self._append([request for request, _ in batch])
        except LogUnavailable as error:
            for _, future in batch:
                _fail(future, error)
        except Exception as error:  # one request may be at fault: its neighbours must not pay for it
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
        else:
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)

    async def _append(self, requests: Sequence[Append]) -> Sequence[AppendResult]:
        for attempt in range(1, TRIES):
            try:
                return await self._log.append(requests)
            except LogUnavailable:
                await asyncio.sleep(PAUSE * attempt)
        return await self._log.append(requests)


def _fail(future: "asyncio.Future[AppendResult]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
