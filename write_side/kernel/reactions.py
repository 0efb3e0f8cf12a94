"""Reactions: what is done about an event, at once or after a while, as a command. Pure: no I/O, no clock, no new ids.

    CANCEL_UNPAID = Reaction("cancel-unpaid", after=timedelta(hours=24))

    @CANCEL_UNPAID.on(OrderPlaced)
    def unpaid(placed: Recorded[OrderPlaced]) -> Command | None:
        return CancelOrder(order_id=OrderId(placed.key), reason="not paid in time")

Whether the command still applies is for its decision to say, when the time has come: the order that was paid meanwhile
refuses it, and that is all right. The command's id is made of the reaction's name and the event's id, so that it takes
effect once, however often it is sent. Name and delay are explicit; the name is for ever, like that of an event.
"""

from collections.abc import Callable
from copy import copy
from datetime import timedelta
from typing import Any, TypeVar

from write_side.kernel.commands import Command
from write_side.kernel.errors import OnereadError
from write_side.kernel.events import Event, Recorded, Unreadable
from write_side.kernel.ids import CommandId
from write_side.kernel.positions import LogPosition

E = TypeVar("E", bound=Event)
Handler = Callable[[Recorded[Any]], Command | None]
AT_ONCE = timedelta(0)


class CannotReact(OnereadError):
    """What is to be done about an event cannot be told: its reaction stops there. Carries the event's `position`."""

    def __init__(self, position: LogPosition, event: str, reason: str) -> None:
        super().__init__(f"at event {position:,} {event}: {reason}")
        self.position = position


class Reaction:
    """What is done about some classes of events, `after` they were recorded.

    With `coalesce`, of equal commands that are due together the last alone is sent: for one that looks at how things are
    now, and at nothing that only its event knows.
    """

    def __init__(self, name: str, *, after: timedelta = AT_ONCE, coalesce: bool = False) -> None:
        self.name = name
        self.after = after
        self.coalesce = coalesce
        self._handlers: dict[type[Event], Handler] = {}

    @property
    def events(self) -> tuple[type[Event], ...]:
        """The event classes that it knows; it passes all others."""
        return tuple(self._handlers)

    def on(self, *events: type[E]) -> Callable[[Callable[[Recorded[E]], Command | None]], Handler]:
        """Declares the function that makes the command of each such event, or None where nothing is to be done."""

        def declare(make: Callable[[Recorded[E]], Command | None]) -> Handler:
            for event in events:
                if self._handlers.setdefault(event, make) is not make:
                    raise ValueError(f"{self.name} reacts to {event.__name__} twice")
            return make

        return declare

    def delayed(self, after: timedelta | None) -> "Reaction":
        """The same reaction with another delay. With None it lets everything pass, and never comes back to it."""
        other = copy(self)
        other.after = AT_ONCE if after is None else after
        other._handlers = {} if after is None else self._handlers
        return other

    def command(self, recorded: Recorded) -> Command | None:
        """What is to be done about an event that it knows. Raises `CannotReact` where that cannot be told."""
        event = recorded.event
        if isinstance(event, Unreadable):
            raise CannotReact(recorded.position, event.stored_name, f"it cannot be read ({event.error})")
        try:
            command = self._handlers[type(event)](recorded)
        except Exception as error:  # any: it is code of an area
            raise CannotReact(recorded.position, event.event_name, type(error).__name__) from error
        return command and command.model_copy(update={"command_id": self._command_id(recorded)})

    def _command_id(self, recorded: Recorded) -> CommandId:
        return CommandId(f"reaction:{self.name}:{recorded.event_id}")

    def __repr__(self) -> str:
        return f"Reaction({self.name})"
