"""Deciding: from a command to what is asked of the log, on states that stand still meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from write_side.kernel.append import Append, Head, NewEvent
from write_side.kernel.commands import Command, Events
from write_side.kernel.events import Metadata, StreamName
from write_side.kernel.ids import CommandId, new_event_id
from write_side.kernel.refusals import Refusal, VersionConflict
from write_side.kernel.states import Moved, States, StreamState
from write_side.kernel.streams import Stream

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Issue:
    """A command on its way: with its ids made, and what its input was before.

    `is_known`: the client named the command, so that it may have been here before. `is_fresh`: the id of the stream that it
    starts was made just now. `deadline` is a time of the event loop's clock.
    """

    command: Command
    command_id: CommandId
    digest: bytes
    metadata: Metadata
    occurred_at: datetime
    is_known: bool
    is_fresh: bool
    deadline: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: events, or a refusal, either to be checked by the log; and what it moved on."""

    refusal: Refusal | None
    request: Append
    moved: Moved


class View:
    """The states that one decision may read: those of the streams that its command named."""

    def __init__(self, states: States) -> None:
        self._states = states
        self.named: dict[StreamName, Stream[Any]] = {}

    def add(self, streams: Iterable[Stream[Any]]) -> bool:
        """Names more streams, and holds them. Whether any of them is new."""
        new = {stream.name: stream for stream in streams if stream.name not in self.named}
        self.named |= new
        self._states.hold(new)
        return bool(new)

    def missing(self) -> list[Stream[Any]]:
        """The named streams whose states are not here."""
        return [stream for name, stream in self.named.items() if self._states.get(name) is None]

    def heads(self) -> dict[StreamName, Head]:
        """The heads of all named streams."""
        return {name: self._of(name).head for name in self.named}

    def __getitem__(self, stream: Stream[S]) -> S:
        """The state of a named stream."""
        if stream.name not in self.named:
            raise KeyError(f"the command reads {stream.name} and does not name it")
        state: S = self._of(stream.name).state
        return state

    def get(self, stream: Stream[S]) -> S | None:
        """The state of a stream that was named and is here, else None."""
        return self[stream] if stream.name in self.named and self._states.get(stream.name) is not None else None

    def _of(self, name: StreamName) -> StreamState:
        found = self._states.get(name)
        if found is None:
            raise KeyError(name)
        return found


async def view_of(issue: Issue, states: States) -> View:
    """The states that a command names, in rounds. When it returns, all are here and nothing has waited since."""
    command, view = issue.command, View(states)
    try:
        view.add([command.target])
        if issue.is_fresh:
            states.begin(command.target)
        while view.add(command.streams(view)) or view.missing():
            if missing := view.missing():
                await states.load(missing)
    finally:
        states.release(view.named)
    return view


def decide(issue: Issue, view: View, states: States) -> Decision:
    """Decides, and moves the states on. Does not wait: the states stand still meanwhile."""
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
    request = Append(target, heads, tuple(events), issue.digest, refusal is None, issue.metadata, issue.occurred_at)
    return Decision(refusal, request, states.advance(view.named, events))


def _check_version(command: Command, actual: int) -> None:
    if command.expected_version is not None and command.expected_version != actual:
        raise VersionConflict(command.expected_version, actual)
