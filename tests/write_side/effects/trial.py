"""A trial of what happens in several processes: commands are sent, and a plan says what goes on next of all that waits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.write_side.effects.findings import Finding, command_id_of, findings
from tests.write_side.effects.gates import Fate, GatedLog, Gates, Unstorable, whole
from tests.write_side.effects.told import Denied, Done, Told
from write_side.kernel.append import EMPTY, Append, Appended, EventLog, Head, NewEvent
from write_side.kernel.bus import CommandBus
from write_side.kernel.commands import Command
from write_side.kernel.committer import GroupCommit
from write_side.kernel.errors import OnereadError
from write_side.kernel.events import Metadata, StreamName
from write_side.kernel.ids import CommandId, new_command_id, new_event_id
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogPosition
from write_side.kernel.scenario import Fact

ME = Caller(actor="test", correlation_id="c")
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
A_WHILE = 0.25
"""Longer than whatever tries again by itself waits, and much shorter than clients do, in seconds of a clock that leaps."""
ROUNDS = 500
"""So often at most everything is let through until all is answered."""


@dataclass(frozen=True)
class Send:
    """A command is sent to one of the processes."""

    command: int
    process: int


@dataclass(frozen=True)
class Leave:
    """One who waits for an answer waits no longer."""

    which: int


@dataclass(frozen=True)
class Open:
    """Something becomes of one of the statements that wait."""

    which: int
    fate: Fate


@dataclass(frozen=True)
class DoLate:
    """A statement is done whose connection was lost before."""

    which: int


Step = Send | Leave | Open | DoLate


@dataclass(frozen=True)
class Plan:
    """`commands`, each with an id, and the steps. Those whose ids are in `unstorable` cannot be stored."""

    commands: Sequence[Command]
    steps: Sequence[Step]
    unstorable: frozenset[CommandId] = frozenset()


@dataclass
class Outcomes:
    """What was found, and how often what happened."""

    findings: list[Finding]
    told: list[Told]
    counts: Counter[str] = field(default_factory=Counter)


async def begin(log: EventLog, past: Sequence[Fact]) -> None:
    """Writes what has happened before to an empty part of the log."""
    versions = Counter[StreamName]()
    new = []
    for stream, event in past:
        versions[stream.name] += 1
        new.append(NewEvent(new_event_id(), stream.name, versions[stream.name], event))
    by = new_command_id()
    heads: Mapping[StreamName, Head] = dict.fromkeys(versions, EMPTY)
    made = Append(new[0].stream, heads, tuple(new), b"", False, Metadata(by, "c", by, "test"), AT)
    assert isinstance((await log.append([made]))[0], Appended)


@asynccontextmanager
async def bus_on(log: EventLog) -> AsyncIterator[CommandBus]:
    """The bus of a process, with a queue and states of its own."""
    committer = GroupCommit(log)
    running = asyncio.create_task(committer.run())
    yield CommandBus(log, committer, lambda: AT)
    assert not running.done(), "it has stopped committing"
    running.cancel()


class Trial:
    """Runs one plan. `logs` are the same log, as each process has it."""

    def __init__(self, plan: Plan, logs: Sequence[EventLog], gates: Gates) -> None:
        self._plan = plan
        self._logs = [GatedLog(log, gates, plan.unstorable) for log in logs]
        self._gates = gates
        self._sent: list[asyncio.Task[None]] = []
        self._told: list[Told] = []
        self._counts = Counter[str]()

    async def run(self, past: Sequence[Fact]) -> Outcomes:
        """Everything that came of it."""
        log = self._logs[0]
        after = await log.head()
        await self._gates.at_work(lambda: begin(log.behind, past))
        async with AsyncExitStack() as stack:
            buses = [await stack.enter_async_context(bus_on(log)) for log in self._logs]
            for step in self._plan.steps:
                await self._step(step, buses)
            await self._answered()
            while self._gates.overdue:
                await self._gates.done_late(0)
            silent = [finding async for finding in self._asked_again(buses)]
        sent = [command_id_of(command) for command in self._plan.commands]
        bindings = await self._gates.at_work(lambda: log.behind.find_commands(sent))
        found = findings(await whole(log, after), bindings, self._told, after)
        return Outcomes([*silent, *found], self._told, self._counts)

    async def _asked_again(self, buses: Sequence[CommandBus]) -> AsyncIterator[Finding]:
        """Everybody asks once more, elsewhere, when all is well: whatever can be stored is answered."""
        for number, command in enumerate(self._plan.commands):
            self._send(buses[number % len(buses)], command)
            await self._answered()
            if self._told[-1].answer is None and command_id_of(command) not in self._plan.unstorable:
                yield Finding("silent", f"there is no answer to {command!r}")

    async def _step(self, step: Step, buses: Sequence[CommandBus]) -> None:
        match step:
            case Send(command, process):
                self._send(buses[process], self._plan.commands[command % len(self._plan.commands)])
            case Leave(which):
                if going := [task for task in self._sent if not task.done()]:
                    going[which % len(going)].cancel()
            case Open(which, fate):
                self._counts[fate.name] += bool(self._gates.waiting)
                self._gates.open(which, fate)
            case DoLate(which):
                await self._gates.done_late(which)
        await self._settled()

    async def _settled(self) -> None:
        """Waits until everything waits."""
        await asyncio.sleep(A_WHILE)

    async def _answered(self) -> None:
        """Lets everything through until all is answered and at rest."""
        for _ in range(ROUNDS):
            await self._settled()
            if not self._gates.waiting and all(task.done() for task in self._sent):
                for task in self._sent:
                    if not task.cancelled():
                        task.result()
                self._sent.clear()
                return
            self._gates.open(0, Fate.DONE)
        raise AssertionError("there is no end to it")

    def _send(self, bus: CommandBus, command: Command) -> None:
        self._sent.append(asyncio.create_task(self._ask(bus, command)))

    async def _ask(self, bus: CommandBus, command: Command) -> None:
        since = await self._logs[0].head()
        answer: Done | Denied | None = None
        try:
            with suppress(OnereadError, Unstorable):
                answer = _answer(await bus.execute(command, ME))
        finally:
            # Also for one who has left: it is not known what came of it.
            until = LogPosition(0) if answer is None else await self._logs[0].head()
            self._told.append(Told(command, since, until, answer))
            self._counts[type(answer).__name__] += 1


def _answer(outcome: Outcome) -> Done | Denied:
    match outcome:
        case Accepted():
            return Done(outcome.version, outcome.position)
        case Refused():
            return Denied(outcome.refusals[0].code)
