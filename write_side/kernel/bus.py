"""The command bus: from a valid command to its outcome.

Known command ids first; then the streams that the decision reads, in rounds; then the decision, whose result, whatever it
is, goes through the log; and again from fresh states when another process was faster. Between the last look at the states
and the queue there is no waiting, so that decisions in one process are in line without a lock.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from write_side.kernel.append import Append, Appended, AppendResult, Binding, Conflict, EventLog, NewEvent
from write_side.kernel.commands import Command, Events, bound_id
from write_side.kernel.committer import GroupCommit
from write_side.kernel.errors import Contention
from write_side.kernel.events import Metadata, StreamName
from write_side.kernel.ids import CommandId, new_command_id, new_event_id
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.refusals import CommandIdReused, Refusal, VersionConflict
from write_side.kernel.states import States, View

ATTEMPTS = 12
JITTER = 0.02


@dataclass(frozen=True, slots=True)
class _Issue:
    """A command on its way: with its ids made, and what its input was before."""

    command: Command
    command_id: CommandId
    digest: bytes
    metadata: Metadata
    occurred_at: datetime


class CommandBus:
    """Executes commands against a log. `clock` tells the time (UTC); `committer` must be running."""

    def __init__(
        self, log: EventLog, committer: GroupCommit, clock: Callable[[], datetime], attempts: int = ATTEMPTS
    ) -> None:
        self._log = log
        self._committer = committer
        self._clock = clock
        self._attempts = attempts
        self._states = States(log)
        self._in_flight: dict[CommandId, tuple[bytes, asyncio.Task[Outcome]]] = {}

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        """The outcome of a command. Cancelling the wait does not cancel what is under way.

        Raises `Contention` and `LogUnavailable`.
        """
        command_id = bound_id(command) or new_command_id()
        issue = _Issue(
            command.with_id(),
            command_id,
            command.digest(),
            Metadata(command_id, caller.correlation_id, caller.causation_id or command_id, caller.actor),
            caller.occurred_at or self._clock(),
        )
        known = await self._known(issue) if command.command_id is not None else None
        if known is not None:
            return known
        task = asyncio.create_task(self._run(issue, look_up=command.command_id is not None))
        self._in_flight[command_id] = (issue.digest, task)
        task.add_done_callback(lambda _: self._in_flight.pop(command_id, None))
        return await asyncio.shield(task)

    async def _known(self, issue: _Issue) -> Outcome | None:
        """The outcome of the same id that is in flight, once there is one. None when the id is free to be tried."""
        while (other := self._in_flight.get(issue.command_id)) is not None:
            digest, task = other
            await asyncio.wait([task])
            if task.cancelled() or task.exception() is not None:
                continue
            outcome = task.result()
            if isinstance(outcome, Accepted):
                return outcome if digest == issue.digest else Refused(issue.command_id, (CommandIdReused(),))
        return None

    async def _run(self, issue: _Issue, *, look_up: bool) -> Outcome:
        if look_up and (binding := await self._log.find_command(issue.command_id)) is not None:
            return _bound(issue, binding)
        for attempt in range(self._attempts):
            view = View(self._states)
            await self._load(issue.command, view)
            refusal, request = self._decide(issue, view)
            try:
                result = await self._committer.submit(request)
            except Exception:
                self._states.drop(request.heads)
                raise
            outcome = _outcome(issue, refusal, result)
            if outcome is not None:
                if isinstance(result, Binding):
                    self._states.drop(request.heads)
                return outcome
            self._states.drop(request.heads)
            await asyncio.sleep(random.uniform(0, JITTER * min(attempt, 5)))
        raise Contention(self._attempts)

    async def _load(self, command: Command, view: View) -> None:
        """Names and loads streams in rounds. When it returns, all are here and nothing has waited since."""
        view.add([command.target])
        while True:
            if missing := view.missing():
                await self._states.load(missing)
            elif not view.add(command.streams(view)):
                return

    def _decide(self, issue: _Issue, view: View) -> tuple[Refusal | None, Append]:
        """Decides and moves the states on. Must not wait: the states stand still meanwhile."""
        heads = view.heads()
        target = issue.command.target.name
        refusal: Refusal | None = None
        decided: Events = ()
        try:
            decided = issue.command.decide(view)
            _check_version(issue.command, heads[target].version)
        except Refusal as error:
            refusal, decided = error, ()
        versions: dict[StreamName, int] = {name: head.version for name, head in heads.items()}
        events: list[NewEvent] = []
        for stream, event in decided:
            versions[stream.name] += 1
            events.append(NewEvent(new_event_id(), stream.name, versions[stream.name], event))
        self._states.advance(view.named.values(), events)
        return refusal, Append(
            target, heads, tuple(events), issue.digest, refusal is None, issue.metadata, issue.occurred_at
        )


def _check_version(command: Command, actual: int) -> None:
    if command.expected_version is not None and command.expected_version != actual:
        raise VersionConflict(command.expected_version, actual)


def _outcome(issue: _Issue, refusal: Refusal | None, result: AppendResult) -> Outcome | None:
    match result:
        case Appended():
            if refusal is not None:
                return Refused(issue.command_id, (refusal,))
            return Accepted(issue.command_id, issue.command.key, result.version, result.position)
        case Binding():
            return _bound(issue, result)
        case Conflict():
            return None
        case _:
            assert_never(result)


def _bound(issue: _Issue, binding: Binding) -> Outcome:
    if binding.digest != issue.digest:
        return Refused(issue.command_id, (CommandIdReused(),))
    key = issue.command.target_kind.key(binding.stream.partition("-")[2])
    return Accepted(issue.command_id, key, binding.version, binding.position)
