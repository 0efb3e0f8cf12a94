"""The command bus: from a valid command to its outcome.

Known command ids first; then the streams that the decision reads, in rounds; then the decision, whose result, whatever it
is, goes through the log; and again from fresh states when another process was faster. Between the last look at the states
and the queue there is no waiting, so that decisions in one process are in line without a lock.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from write_side.kernel.append import Appended, AppendResult, Binding, Conflict, EventLog
from write_side.kernel.commands import Command, bound_id
from write_side.kernel.committer import GroupCommit
from write_side.kernel.deciding import Decision, Issue, decide, view_of
from write_side.kernel.errors import Busy, Contention, LogUnavailable, OutcomeUnknown
from write_side.kernel.events import Metadata
from write_side.kernel.gathering import Gathering
from write_side.kernel.ids import CommandId, new_command_id
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.refusals import CommandIdReused
from write_side.kernel.rivals import Rivals
from write_side.kernel.snapshots import Snapshots
from write_side.kernel.states import States

JITTER = 0.02
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a bus takes on. `waiting` commands at once; `timeout` seconds for each until its client is told that the
    outcome is not known; so many `attempts` to decide when others are faster, within that time.
    """

    waiting: int = 2_000
    timeout: float = 10.0
    attempts: int = 50


class CommandBus:
    """Executes commands against a log. `clock` tells the time (UTC); `committer` must be running."""

    def __init__(
        self, log: EventLog, committer: GroupCommit, clock: Callable[[], datetime], limits: Limits | None = None
    ) -> None:
        self._committer = committer
        self._clock = clock
        self._limits = limits or Limits()
        self._states = States(log, Snapshots(log))
        committer.attend(Rivals(log, self._states))
        self._bindings = Gathering(log.find_commands)
        self._in_flight: dict[CommandId, tuple[bytes, asyncio.Task[Outcome]]] = {}
        self._joined = 0

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        """The outcome of a command. Cancelling the wait does not cancel what is under way.

        Raises `Busy`, `Contention` and `LogUnavailable` when nothing was done, and `OutcomeUnknown` when a retry under the
        same command id is the way to know what became of it.
        """
        if len(self._in_flight) + self._joined >= self._limits.waiting:
            if (asked := bound_id(command)) in self._in_flight and asked is not None:
                raise OutcomeUnknown(asked)
            raise Busy(self._limits.waiting)
        issue = self._issue(command, caller)
        if (known := await self._known(issue)) is not None:
            return known
        task = asyncio.create_task(self._run(issue))
        self._in_flight[issue.command_id] = (issue.digest, task)
        task.add_done_callback(lambda _: self._in_flight.pop(issue.command_id, None))
        await self._wait(task, issue)
        return task.result()

    def _issue(self, command: Command, caller: Caller) -> Issue:
        command_id = bound_id(command) or new_command_id()
        identified = command.with_id()
        return Issue(
            identified,
            command_id,
            command.digest(),
            Metadata(command_id, caller.correlation_id, caller.causation_id or command_id, caller.actor),
            caller.occurred_at or self._clock(),
            is_known=command.command_id is not None,
            is_fresh=identified is not command,
            deadline=asyncio.get_running_loop().time() + self._limits.timeout,
        )

    async def _known(self, issue: Issue) -> Outcome | None:
        """The outcome of the same id that is in flight, once there is one. None when the id is free to be tried."""
        while (other := self._in_flight.get(issue.command_id)) is not None:
            digest, task = other
            self._joined += 1
            try:
                await self._wait(task, issue)
            finally:
                self._joined -= 1
            if task.cancelled() or task.exception() is not None:
                continue
            outcome = task.result()
            if isinstance(outcome, Accepted):
                return outcome if digest == issue.digest else Refused(issue.command_id, (CommandIdReused(),))
        return None

    @staticmethod
    async def _wait(task: "asyncio.Task[Outcome]", issue: Issue) -> None:
        """Waits for what is under way, up to the deadline. Raises `OutcomeUnknown`."""
        left = issue.deadline - asyncio.get_running_loop().time()
        try:
            await asyncio.wait([task], timeout=max(left, 0))
        finally:
            if not task.done():
                task.add_done_callback(_left)
        if not task.done():
            raise OutcomeUnknown(issue.command_id)

    async def _run(self, issue: Issue) -> Outcome:
        if issue.is_known:
            found = await self._bindings.find([issue.command_id])
            if (binding := found.get(issue.command_id)) is not None:
                return _bound(issue, binding)
        for attempt in range(self._limits.attempts):
            decision = decide(issue, await view_of(issue, self._states), self._states)
            if (outcome := await self._submitted(issue, decision)) is not None:
                return outcome
            if asyncio.get_running_loop().time() > issue.deadline:
                break
            if attempt:
                await asyncio.sleep(random.uniform(0, JITTER * min(attempt, 5)))
        raise Contention(attempt + 1)

    async def _submitted(self, issue: Issue, decision: Decision) -> Outcome | None:
        """What the log says to a decision; None for a conflict, after which the states that it rested on are not here."""
        try:
            result = await self._committer.submit(decision.request, lambda: self._states.stands(decision.moved))
        except BaseException as error:
            self._states.settle(decision.moved, stored=False, elsewhere=decision.request.heads)
            if isinstance(error, LogUnavailable):  # it may have stored the command before it fell silent
                raise OutcomeUnknown(issue.command_id) from error
            raise
        elsewhere = result.streams if isinstance(result, Conflict) else ()
        self._states.settle(decision.moved, stored=isinstance(result, Appended), elsewhere=elsewhere)
        return _outcome(issue, decision, result)


def _outcome(issue: Issue, decision: Decision, result: AppendResult) -> Outcome | None:
    match result:
        case Appended():
            if decision.refusal is not None:
                return Refused(issue.command_id, (decision.refusal,))
            return Accepted(issue.command_id, issue.command.key, result.version, result.position)
        case Binding():
            return _bound(issue, result)
        case Conflict():
            return None
        case _:
            assert_never(result)


def _bound(issue: Issue, binding: Binding) -> Outcome:
    if binding.digest != issue.digest:
        return Refused(issue.command_id, (CommandIdReused(),))
    key = issue.command.target_kind.key(binding.stream.partition("-")[2])
    return Accepted(issue.command_id, key, binding.version, binding.position)


def _left(task: "asyncio.Task[Outcome]") -> None:
    """Whoever waited has gone: was told that the outcome is not known, or went away. A retry under the same id tells it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("a command failed after its client had gone", exc_info=error)
