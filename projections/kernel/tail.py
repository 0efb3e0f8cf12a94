"""The end of the log, read and decoded once for all projections of a process."""

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import islice

from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

KEPT = 5_000


class Tail:
    """Reads of the log for several readers that are near one another: who comes later finds in memory what is there."""

    def __init__(self, log: LogReader, kept: int = KEPT) -> None:
        self._log = log
        self._kept: deque[Recorded] = deque(maxlen=kept)
        self._reading = asyncio.Lock()

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        """Up to `limit` events past `after`, in order. Raises `LogUnavailable` and `UnknownEvent`."""
        if (found := self._find(after, limit)) is not None:
            return found
        async with self._reading:
            if (found := self._find(after, limit)) is not None:
                return found
            events = await self._log.read(after, limit)
            if events and (not self._kept or self._kept[-1].position == events[0].position - 1):
                self._kept.extend(events)
            elif events and events[-1].position > self._kept[-1].position:
                self._kept.clear()
                self._kept.extend(events)
            return events

    def _find(self, after: LogPosition, limit: int) -> Sequence[Recorded] | None:
        """What is kept past `after`; None when the log has to be asked."""
        if not self._kept or not self._kept[0].position - 1 <= after < self._kept[-1].position:
            return None
        start = after + 1 - self._kept[0].position
        return list(islice(self._kept, start, start + limit))
