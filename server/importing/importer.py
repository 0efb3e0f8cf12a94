"""Executes the lines of an import: many at a time, in the order that matters, and again when the log does not answer."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schema.ports import Commands
from server.importing.lines import Entry, Line, Reading, UnfitLine
from server.importing.schedule import Schedule, Ticket
from write_side.kernel.errors import Busy, Contention, LogUnavailable, OnereadError, OutcomeUnknown
from write_side.kernel.outcomes import Accepted, Caller
from write_side.kernel.positions import LogPosition
from write_side.kernel.refusals import Refusal

_log = logging.getLogger(__name__)

AT_ONCE = 512
"""So many lines are under way at once: enough for the batch that is being committed, and for the next one meanwhile."""

PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""How long a line waits before each further try when the log does not answer, in seconds."""

AGAIN = (LogUnavailable, Busy, OutcomeUnknown, Contention)
"""What says nothing of the line: it is tried again, under the same command id."""


class ImportStopped(OnereadError):
    """The log did not take a line, however often it was tried. Carries why."""

    def __init__(self, reason: OnereadError) -> None:
        super().__init__(f"{reason}; stopped. Run the same again to go on: what was accepted is not done twice")
        self.reason = reason


class Failed(Refusal, code="INTERNAL_SERVER_ERROR"):
    """Something went wrong here, and not in the line: the log has it."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A line on its way, with the name of its command; what it says, or why it says nothing."""

    line: Line
    type: str
    entry: Entry | None
    wrong: tuple[Refusal, ...] = ()


@dataclass(slots=True)
class Tally:
    """How far an import is: bytes and lines that were read, lines accepted and, by their first code, refused.

    `before` counts accepted lines that appended nothing now: done before, or with nothing to change.
    `waiting` lines are waiting for a log that does not answer.
    """

    bytes: int = 0
    lines: int = 0
    accepted: int = 0
    before: int = 0
    waiting: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def settled(self) -> int:
        """The lines whose outcome is known."""
        return self.accepted + self.refused.total()


class Importer:
    """Imports lines as `caller`. `head` is where the log ended before; `refused` is told each refusal, in their order."""

    def __init__(
        self,
        reading: Reading,
        commands: Commands,
        caller: Caller,
        head: LogPosition,
        refused: Callable[[Imported, tuple[Refusal, ...]], None],
        *,
        at_once: int = AT_ONCE,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self.tally = Tally()
        self._reading = reading
        self._commands = commands
        self._caller = caller
        self._head = head
        self._refused = refused
        self._at_once = at_once
        self._pauses = pauses
        self._schedule: Schedule[Imported] = Schedule()
        self._working = 0
        self._stopped: ImportStopped | None = None

    async def run(self, lines: Iterator[Line]) -> None:
        """Imports all lines. Raises `ImportStopped`; whatever ends it, the same again goes on."""
        async with asyncio.TaskGroup() as group:
            self._hire(group, lines)
        if self._stopped is not None:
            raise self._stopped

    def _hire(self, group: asyncio.TaskGroup, lines: Iterator[Line]) -> None:
        """Workers for the lines that may be judged, as many as there may be."""
        while self._working < self._at_once and (ticket := self._next(lines)) is not None:
            self._working += 1
            group.create_task(self._work(group, lines, ticket))

    async def _work(self, group: asyncio.TaskGroup, lines: Iterator[Line], first: Ticket[Imported]) -> None:
        """Judges one line after the other, as long as there is one that may be judged."""
        ticket: Ticket[Imported] | None = first
        while ticket is not None:
            await self._judge(ticket)
            ticket = self._next(lines)
            if ticket is not None and self._working < self._at_once:
                self._hire(group, lines)
        self._working -= 1

    def _next(self, lines: Iterator[Line]) -> Ticket[Imported] | None:
        """A line that may be judged now, for which as many are read as there is room for."""
        while self._stopped is None:
            if (ticket := self._schedule.take()) is not None:
                return ticket
            if not self._schedule.has_room or (line := next(lines, None)) is None:
                return None
            self._schedule.add(self._ticket(line))
        return None

    def _ticket(self, line: Line) -> Ticket[Imported]:
        self.tally.bytes = line.end
        self.tally.lines += 1
        try:
            entry = self._reading.entry(line)
        except UnfitLine as unfit:
            return Ticket(Imported(line, unfit.type, None, unfit.refusals), frozenset())
        return Ticket(Imported(line, type(entry.command).__name__, entry), entry.mentions)

    async def _judge(self, ticket: Ticket[Imported]) -> None:
        entry = ticket.about.entry
        if entry is None:
            # Others get their turn, however many of these there are.
            await asyncio.sleep(0)
            self._tell(self._schedule.refuse(ticket, ticket.about.wrong))
            return
        try:
            outcome = await self._execute(entry)
        except ImportStopped as stopped:
            self._stopped = stopped
            return
        if isinstance(outcome, Accepted):
            self.tally.accepted += 1
            self.tally.before += outcome.position <= self._head
            self._tell(self._schedule.accept(ticket))
        else:
            self._tell(self._schedule.refuse(ticket, outcome))

    async def _execute(self, entry: Entry) -> Accepted | tuple[Refusal, ...]:
        """The outcome of a line, or why it is refused. Raises `ImportStopped`."""
        caller = self._caller if entry.occurred_at is None else self._caller_at(entry.occurred_at)
        pauses = iter(self._pauses)
        while True:
            try:
                outcome = await self._commands.execute(entry.command, caller)
                return outcome if isinstance(outcome, Accepted) else outcome.refusals
            except AGAIN as error:
                pause = next(pauses, None)
                if pause is None or self._stopped is not None:
                    raise ImportStopped(error) from error
            except Exception:  # whatever it is: others are none the worse for it
                _log.exception("a line could not be judged", extra={"command": type(entry.command).__name__})
                return (Failed("could not be judged: the log of this process says why"),)
            self.tally.waiting += 1
            await asyncio.sleep(pause)
            self.tally.waiting -= 1

    def _caller_at(self, occurred_at: datetime) -> Caller:
        return Caller(self._caller.actor, self._caller.correlation_id, occurred_at)

    def _tell(self, settled: Sequence[Ticket[Imported]]) -> None:
        for ticket in settled:
            self.tally.refused[ticket.refusals[0].code] += 1
            self._refused(ticket.about, ticket.refusals)
