"""Group commit: appends form a queue, and while one batch is being committed the next gathers.

There is no timer: a lone append goes at once, and under load batches form by themselves. A batch whose connection was
lost is sent again: its command ids tell what had been stored already.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from write_side.kernel.append import Append, AppendResult, EventLog
from write_side.kernel.errors import LogUnavailable

BATCH = 200
TRIES = 3
PAUSE = 0.1


class GroupCommit:
    """The queue in front of a log's append. `run` is the task that empties it."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._queue: deque[tuple[Append, asyncio.Future[AppendResult]]] = deque()
        self._waiting = asyncio.Event()

    def submit(self, request: Append) -> "asyncio.Future[AppendResult]":
        """Queues a request, after all that were queued before it. The future raises `LogUnavailable`."""
        future: asyncio.Future[AppendResult] = asyncio.get_running_loop().create_future()
        self._queue.append((request, future))
        self._waiting.set()
        return future

    async def run(self) -> None:
        """Commits what is queued, for ever."""
        while True:
            await self._waiting.wait()
            batch = [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]
            if not self._queue:
                self._waiting.clear()
            await self._commit(batch)

    async def _commit(self, batch: Sequence[tuple[Append, "asyncio.Future[AppendResult]"]]) -> None:
        try:
            results = await self._append([request for request, _ in batch])
        except LogUnavailable as error:
            for _, future in batch:
                _fail(future, error)
        except Exception as error:  # one request may be at fault: its neighbours must not pay for it
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for one in batch:
                await self._commit([one])
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
