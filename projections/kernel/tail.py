"""The end of the log, read and decoded once for all projections of a process."""

import asyncio
from collections import deque
from collections.abc import Sequence

from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import START, LogPosition

KEPT = 5_000
BELIEVED = 0.2
"""So long the log is believed to end where it ended when it was read last, unless its signal says otherwise, in seconds.

Less than readers wait when nothing wakes them: a signal that got lost costs no more than that wait.
"""


class Tail:
    """Reads of the log for several readers that are near one another: who comes later finds in memory what is there."""

    def __init__(self, log: LogReader, kept: int = KEPT, believed: float = BELIEVED) -> None:
        self._log = log
        self._kept: deque[Recorded] = deque(maxlen=kept)
        self._reading = asyncio.Lock()
        self._believed = believed
        self._end: tuple[LogPosition, asyncio.Event, float] | None = None

    async def read(self, after: LogPosition, limit: int, known: LogPosition = START) -> Sequence[Recorded]:
        """Up to `limit` events past `after`, in order. `known` is a position that the log is known to have reached.

        Raises `LogUnavailable`.
        """
        if (found := self._find(after, limit, known)) is not None:
            return found
        async with self._reading:
            if (found := self._find(after, limit, known)) is not None:
                return found
            began, signal = asyncio.get_running_loop().time(), self._log.appended.ticket()
            events = await self._log.read(after, limit)
            if len(events) < limit:
                self._end = (events[-1].position if events else after, signal, began)
            if events:
                self._keep(events)
            return events

    def _keep(self, events: Sequence[Recorded]) -> None:
        """Joins events to those that are kept, where they touch; else the later ones stay."""
        kept = self._kept
        if kept and events[0].position < kept[0].position <= events[-1].position + 1:
            room = (kept.maxlen or 0) - len(kept)
            before = [event for event in events if event.position < kept[0].position]
            kept.extendleft(reversed(before[max(0, len(before) - room) :]))
        if kept and kept[0].position <= events[0].position <= kept[-1].position + 1:
            kept.extend(event for event in events if event.position > kept[-1].position)
        elif not kept or events[-1].position > kept[-1].position:
            kept.clear()
            kept.extend(events)

    def _find(self, after: LogPosition, limit: int, known: LogPosition) -> Sequence[Recorded] | None:
        """What is kept past `after`; None when the log has to be asked."""
        if known <= after and self._ends_at(after):
            return ()
        if not self._kept or not self._kept[0].position - 1 <= after < self._kept[-1].position:
            return None
        start = after + 1 - self._kept[0].position
        return [self._kept[index] for index in range(start, min(start + limit, len(self._kept)))]

    def _ends_at(self, position: LogPosition) -> bool:
        if self._end is None:
            return False
        end, signal, began = self._end
        if position != end or signal is not self._log.appended.ticket():
            return False
        return asyncio.get_running_loop().time() - began < self._believed
