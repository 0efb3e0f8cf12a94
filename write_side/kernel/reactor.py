"""The reactor of one reaction: follows the log as far behind as the reaction says, and sends what is due.

A delay needs no table of timers: what was recorded first is due first, so waiting for the next event is waiting for all.
Commands go before the place moves past their events. Whoever dies in between sends them again, under the same ids; so do
two reactors of one reaction, of which the slower one finds the place moved, and goes on from there.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from write_side.kernel.commands import Command
from write_side.kernel.errors import OnereadError
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.log import LogClock, LogTimes
from write_side.kernel.outcomes import Caller, Outcome
from write_side.kernel.places import Places, Stretch
from write_side.kernel.positions import START, LogPosition
from write_side.kernel.reactions import AT_ONCE, CannotReact, Reaction
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)

STRETCH = 10_000
"""The most events of the log that are looked through at one go."""
LONGEST_PAUSE = 8.0
"""The longest wait before what failed is tried again, in seconds; each wait is twice the last."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How a reactor works. Times are in seconds.

    `poll` is how often the log is looked at without being woken, `pause` the wait after what failed, `batch` the most
    events that are read, and commands that are sent, at a time. After `rest` it looks again, where a moment is to bring
    more to do at one go: of a reaction that coalesces, or that waits for one event after the other.
    """

    poll: float = 1.0
    pause: float = 0.5
    rest: float = 0.5
    batch: int = 200


class Executes(Protocol):
    """What runs the commands: the bus."""

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        """The outcome of a command."""
        ...


class _Sent(NamedTuple):
    """A command, and the event that it answers."""

    command: Command
    because: Recorded


@dataclass(frozen=True, slots=True)
class _Due:
    """What is to be sent of a stretch. `end` is what is done with then, `next` when there is more to do (UTC).

    Past the end is what the reaction `stops` at, if it stops.
    """

    sent: list[_Sent]
    end: LogPosition
    next: datetime | None = None
    stops: CannotReact | None = None


class Reactor:
    """Keeps one reaction up with the log. `run` is its task; `clock` is the log's, by which its events were recorded.

    `appended` is set when there may be more in the log.
    """

    def __init__(
        self,
        reaction: Reaction,
        places: Places,
        clock: LogClock,
        appended: Signal,
        bus: Executes,
        *,
        pace: Pace | None = None,
    ) -> None:
        self._reaction = reaction
        self._places = places
        self._clock = clock
        self._appended = appended
        self._bus = bus
        self._pace = pace or Pace()
        self._position = START
        self._is_known_well = False
        self._failures = 0

    @property
    def position(self) -> LogPosition:
        """Everything up to here is done with, as far as this reactor knows."""
        return self._position

    async def run(self) -> None:
        """Reacts for ever. What stops it for a moment is logged, noted at its place, and tried again."""
        while True:
            try:
                await self._follow()
            except CannotReact as error:
                await self._failed("stopped", str(error), error)
            except OnereadError as error:  # the log or the bus: nothing is wrong with what is to be done
                await self._failed("waits", type(error).__name__)
            except Exception as error:
                await self._failed("stopped", type(error).__name__, error)
            await asyncio.sleep(min(self._pace.pause * 2 ** min(self._failures - 1, 10), LONGEST_PAUSE))

    async def _follow(self) -> None:
        self._position = await self._places.begin(self._reaction.name)
        while True:
            ticket = self._appended.ticket()
            times = await self._clock.times(())
            if self._position >= times.head:
                await self._well()
                await Signal.wait(ticket, self._pace.poll)
                continue
            due = await self._read(times)
            await self._send(due.sent)
            await self._move(due.end)
            if due.stops is not None:
                raise due.stops
            await self._well()
            if due.next is not None:
                wait = max((due.next - times.at).total_seconds(), self._pace.rest)
                await asyncio.sleep(min(wait, self._pace.poll))
            elif self._reaction.coalesce and due.sent and due.end == times.head:
                await asyncio.sleep(self._pace.rest)

    async def _read(self, times: LogTimes) -> _Due:
        """What is due by now: of some events, or of many where equal commands are one."""
        until = LogPosition(min(times.head, self._position + STRETCH))
        due = _Due([], self._position)
        sent: dict[object, _Sent] = {}
        while True:
            stretch = await self._places.read(due.end, until, self._reaction.events, self._pace.batch)
            due = self._due(stretch, times.at)
            sent |= {self._what(one): one for one in due.sent}
            if not self._reaction.coalesce or due.end == until or due.next is not None or due.stops is not None:
                return replace(due, sent=list(sent.values()))

    def _what(self, one: _Sent) -> object:
        """What a command is. Of those that are the same the last is sent."""
        if self._reaction.coalesce:
            return type(one.command), one.command.digest()
        return one.because.event_id

    def _due(self, stretch: Stretch, now: datetime) -> _Due:
        """What of a stretch is due by now: up to an event that is not, or that nobody can tell what to do about."""
        after = self._reaction.after
        sent: list[_Sent] = []
        for recorded in stretch.events:
            before = LogPosition(recorded.position - 1)
            # What is to be done at once needs no clock.
            if after > AT_ONCE and recorded.recorded_at + after > now:
                return _Due(sent, before, next=recorded.recorded_at + after)
            try:
                command = self._reaction.command(recorded)
            except CannotReact as error:
                return _Due(sent, before, stops=error)
            if command is not None:
                sent.append(_Sent(command, recorded))
        return _Due(sent, stretch.end)

    async def _send(self, sent: Iterable[_Sent]) -> None:
        """Sends commands: those about events of one stream in their order, those of several streams side by side."""
        lines: dict[StreamName, list[_Sent]] = {}
        for one in sent:
            lines.setdefault(one.because.stream, []).append(one)
        waiting = list(lines.values())
        for first in range(0, len(waiting), self._pace.batch):
            some = waiting[first : first + self._pace.batch]
            # All of them to their end: what is left under way would be in the way of those that are sent again.
            for error in await asyncio.gather(*map(self._send_line, some), return_exceptions=True):
                if error is not None:
                    raise error

    async def _send_line(self, line: Iterable[_Sent]) -> None:
        for command, because in line:
            caller = Caller(
                actor=f"reaction:{self._reaction.name}",
                correlation_id=because.metadata.correlation_id,
                causation_id=str(because.event_id),
            )
            outcome = await self._bus.execute(command, caller)
            _log.debug("reacted", extra={"event": str(because.event_id), "outcome": type(outcome).__name__})

    async def _move(self, end: LogPosition) -> None:
        if end > self._position and not await self._places.move(self._reaction.name, self._position, end):
            # Another process was faster: it has done what was done here.
            end = await self._places.begin(self._reaction.name)
        self._position = end

    async def _well(self) -> None:
        """Nothing keeps it any more."""
        if not self._is_known_well:
            await self._places.report(self._reaction.name, None)
            self._is_known_well = True
        self._failures = 0

    async def _failed(self, what: str, reason: str, error: Exception | None = None) -> None:
        self._failures += 1
        self._is_known_well = False
        extra = {"reaction": self._reaction.name, "reason": reason}
        _log.log(logging.WARNING if error is None else logging.ERROR, "reaction %s", what, extra=extra, exc_info=error)
        with suppress(Exception):  # it is in the log of this process, and the reactor is to go on
            await self._places.report(self._reaction.name, f"{what}: {reason}")
