"""Which lines of an import may be judged, and whose refusal counts. Pure.

The file's order counts for lines that have to do with one another: a line waits for the outcomes of those before it that
mention what it mentions too. All others may be judged side by side.

A refusal may be due to what a line before it, still under way, is about to change. So a line that was refused waits until
all before it are settled, and is judged again if any line was accepted since it was judged; only then does its refusal
count. Therefore lines are refused in the order of the file.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from write_side.kernel.refusals import Refusal

T = TypeVar("T")

WINDOW = 2_000
"""So many lines there are at most from the first that is not settled to the last that was read."""


@dataclass(slots=True, eq=False)
class Ticket(Generic[T]):
    """A line's place in the schedule; `about` is for its owner.

    `refusals` is why it was refused, as long as that is not settled, and `accepted_before` how many lines had been accepted
    when it was judged last.
    """

    about: T
    mentions: frozenset[str]
    refusals: tuple[Refusal, ...] = ()
    accepted_before: int = 0
    waits_for: int = 0
    followers: "list[Ticket[T]]" = field(default_factory=list)
    is_settled: bool = False


class Schedule(Generic[T]):
    """The lines that are not settled, in the order of the file."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._accepted = 0
        self._open: deque[Ticket[T]] = deque()
        self._ready: deque[Ticket[T]] = deque()
        self._last: dict[str, Ticket[T]] = {}

    @property
    def has_room(self) -> bool:
        """Whether one more line may be added."""
        return len(self._open) < self._window

    def add(self, ticket: Ticket[T]) -> None:
        """Adds the next line of the file."""
        self._open.append(ticket)
        for mentioned in ticket.mentions:
            before = self._last.get(mentioned)
            if before is not None:
                before.followers.append(ticket)
                ticket.waits_for += 1
            self._last[mentioned] = ticket
        if not ticket.waits_for:
            self._ready.append(ticket)

    def take(self) -> Ticket[T] | None:
        """A line that may be judged now; None if there is none."""
        if not self._ready:
            return None
        ticket = self._ready.popleft()
        ticket.accepted_before = self._accepted
        return ticket

    def accept(self, ticket: Ticket[T]) -> list[Ticket[T]]:
        """A line that was taken is accepted. Returns those whose refusal is settled by that."""
        self._accepted += 1
        self._settle(ticket)
        return self._refused()

    def refuse(self, ticket: Ticket[T], refusals: tuple[Refusal, ...]) -> list[Ticket[T]]:
        """A line that was taken is refused. Returns those whose refusal is settled by that."""
        ticket.refusals = refusals
        return self._refused()

    def _settle(self, ticket: Ticket[T]) -> None:
        ticket.is_settled = True
        for mentioned in ticket.mentions:
            if self._last.get(mentioned) is ticket:
                del self._last[mentioned]
        for follower in ticket.followers:
            follower.waits_for -= 1
            if not follower.waits_for:
                self._ready.append(follower)

    def _refused(self) -> list[Ticket[T]]:
        """Settles refusals from the first open line on, as far as that goes."""
        settled: list[Ticket[T]] = []
        while self._open:
            first = self._open[0]
            if first.refusals:
                if first.accepted_before != self._accepted:
                    self._judge_again(first)
                    break
                self._settle(first)
                settled.append(first)
            elif not first.is_settled:
                break
            self._open.popleft()
        return settled

    def _judge_again(self, ticket: Ticket[T]) -> None:
        ticket.refusals = ()
        self._ready.appendleft(ticket)
