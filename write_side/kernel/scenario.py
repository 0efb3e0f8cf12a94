"""Scenarios: decisions as given / when / then, without a log, a bus or a database.

    shop = given((PRODUCT.of(TEAPOT), ADDED), (STOCK.of(TEAPOT), StockReceived(quantity=5)))

    shop.when(command).then((ORDER.of(ORDER_ID), OrderPlaced(...)), (STOCK.of(TEAPOT), StockReserved(...)))
    shop.when(command).refused(InsufficientStock, "items", "0", "quantity")
    shop.when(command).nothing()
    shop.on(REACTION, ORDER.of(ORDER_ID), OrderPlaced(...)).sends(command).then(...)
    shop.on(REACTION, ORDER.of(ORDER_ID), OrderPlaced(...)).sends_nothing()

Streams are loaded as the bus loads them: the target, with what the command names, in rounds. So a decision that reads or
writes a stream which its command did not name fails here, and not under load.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeVar

from write_side.kernel.commands import Command
from write_side.kernel.events import Event, Metadata, Recorded
from write_side.kernel.ids import new_command_id, new_event_id
from write_side.kernel.positions import LogPosition
from write_side.kernel.reactions import Reaction
from write_side.kernel.refusals import Refusal
from write_side.kernel.streams import Stream

S = TypeVar("S")

Fact = tuple[Stream[Any], Event]
"""An event, and the stream that it is in."""

States = Mapping[Stream[Any], Any]
"""States by stream. A stream that is missing has no events yet."""


def given(*past: Fact) -> "Scenario":
    """The scenario in which `past` is all that has happened."""
    return Scenario(_folded({}, past))


@dataclass(frozen=True, slots=True)
class Scenario:
    """What has happened so far, as the states that it led to."""

    states: States = field(default_factory=lambda: MappingProxyType({}))

    def state(self, stream: Stream[S]) -> S:
        """The state of any stream."""
        state: S = self.states.get(stream, stream.kind.initial)
        return state

    def when(self, command: Command) -> "Outcome":
        """What `command` leads to. Its id is made first when it starts a stream and has none.

        Raises `AssertionError` when the decision reads or writes a stream that the command does not name, or returns an
        event that does not belong into its stream.
        """
        command = command.with_id()
        loaded = _load(command, self)
        try:
            events = tuple(command.decide(loaded))
        except Refusal as refusal:
            return Outcome(self, command, (), refusal)
        for stream, event in events:
            if stream not in loaded.states:
                raise AssertionError(f"{_name(command)} writes to {stream.name} and does not name it")
            if not isinstance(event, stream.kind.events):
                raise AssertionError(f"{type(event).__name__} does not belong into {stream.name}")
        return Outcome(Scenario(_folded(self.states, events)), command, events, None)

    def on(self, reaction: Reaction, stream: Stream[Any], event: Event) -> "Reacted":
        """What `reaction` does about an event of `stream`, once its delay is over and this is what has happened.

        Raises `AssertionError` for an event that it does not know.
        """
        if type(event) not in reaction.events:
            raise AssertionError(f"{reaction.name} does not know {type(event).__name__}")
        by = Metadata(new_command_id(), "scenario", "scenario", "scenario")
        at = datetime.now(UTC)
        recorded = Recorded(LogPosition(1), new_event_id(), stream.name, 1, event, by, at, at)
        return Reacted(self, reaction, reaction.command(recorded))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command led to. `after` is the scenario that its events made, or the one before when it was refused."""

    after: Scenario
    command: Command
    events: Sequence[Fact]
    refusal: Refusal | None

    def then(self, *expected: Fact) -> "Scenario":
        """The command led to exactly these events, in this order. The scenario after them. Raises `AssertionError`."""
        if self.refusal is not None:
            raise AssertionError(f"{_name(self.command)} was refused: {_shown(self.refusal)}") from self.refusal
        if tuple(self.events) != expected:
            raise AssertionError(f"expected\n{_listed(expected)}\nbut {_name(self.command)} led to\n{_listed(self.events)}")
        return self.after

    def nothing(self) -> "Scenario":
        """The command was accepted and changed nothing. Raises `AssertionError`."""
        return self.then()

    def refused(self, reason: type[Refusal], *path: str) -> Refusal:
        """The command was refused for exactly this reason, with this path. The refusal. Raises `AssertionError`."""
        wanted = f"{reason.code} at {'.'.join(path) or 'no path'}"
        if self.refusal is None:
            raise AssertionError(f"expected {wanted}, but {_name(self.command)} led to\n{_listed(self.events)}")
        if type(self.refusal) is not reason or (self.refusal.path or ()) != path:
            raise AssertionError(f"expected {wanted}, but it was {_shown(self.refusal)}") from self.refusal
        return self.refusal


@dataclass(frozen=True, slots=True)
class Reacted:
    """What a reaction did about an event: the command, if it made one."""

    before: Scenario
    reaction: Reaction
    command: Command | None

    def sends(self, expected: Command) -> Outcome:
        """It sent exactly this command, but for the id. What that leads to. Raises `AssertionError`."""
        sent = self.command and self.command.model_copy(update={"command_id": expected.command_id})
        if sent != expected:
            raise AssertionError(f"expected {expected!r}, but {self.reaction.name} sent {sent!r}")
        return self.before.when(expected)

    def sends_nothing(self) -> None:
        """It let the event pass. Raises `AssertionError`."""
        if self.command is not None:
            raise AssertionError(f"expected nothing, but {self.reaction.name} sent {self.command!r}")


class _Loaded:
    """The states that one decision may read: those of the streams that its command named."""

    def __init__(self) -> None:
        self.states: dict[Stream[Any], Any] = {}

    def __getitem__(self, stream: Stream[S]) -> S:
        if stream not in self.states:
            raise AssertionError(f"the command reads {stream.name} and does not name it")
        state: S = self.states[stream]
        return state

    def get(self, stream: Stream[S]) -> S | None:
        state: S | None = self.states.get(stream)
        return state


def _load(command: Command, scenario: Scenario) -> _Loaded:
    """The states that the command names, in rounds as the bus asks for them."""
    loaded = _Loaded()
    missing: list[Stream[Any]] = [command.target, *command.streams(loaded)]
    while missing:
        loaded.states.update({stream: scenario.state(stream) for stream in missing})
        missing = [stream for stream in command.streams(loaded) if stream not in loaded.states]
    return loaded


def _folded(states: States, events: Iterable[Fact]) -> States:
    folded = dict(states)
    for stream, event in events:
        folded[stream] = stream.kind.evolve(folded.get(stream, stream.kind.initial), event)
    return MappingProxyType(folded)


def _name(command: Command) -> str:
    return type(command).__name__


def _shown(refusal: Refusal) -> str:
    return f"{refusal.code} at {'.'.join(refusal.path or ()) or 'no path'}: {refusal.message}"


def _listed(events: Sequence[Fact]) -> str:
    return "\n".join(f"  {stream.name}: {event!r}" for stream, event in events) or "  nothing"
