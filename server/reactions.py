"""The shop's reactions as the settings have them, and how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.settings import Settings
from server.shop import DOMAIN
from write_side.kernel.log import LogClock, LogTimes
from write_side.kernel.places import Places, Standing
from write_side.kernel.positions import LogPosition
from write_side.kernel.reactions import Reaction
from write_side.orders.reactions import CANCEL_UNPAID

LATE = 5.0
"""So long after its time something may still be to be done, in seconds: else nobody seems to do it."""


def reactions(settings: Settings) -> tuple[Reaction, ...]:
    """All of them. One that is switched off lets everything pass."""
    return tuple(
        reaction.delayed(settings.payment_deadline) if reaction is CANCEL_UNPAID else reaction
        for reaction in DOMAIN.reactions
    )


@dataclass(frozen=True, slots=True)
class ReactionStatus:
    """How one reaction stands: done with all up to `position`, which `behind` events are past.

    `due_at` is when the next of them that it knows is due (UTC), None where there is none. `is_off`: it lets all of them
    pass. `failure` is what keeps it, `problems` what else an operator should look at.
    """

    name: str
    is_off: bool
    position: LogPosition
    behind: int
    due_at: datetime | None
    failure: str | None
    problems: tuple[str, ...]


async def look(reactions: Sequence[Reaction], places: Places, clock: LogClock) -> list[ReactionStatus]:
    """How reactions stand. Raises `LogUnavailable`, and `NotMigrated`."""
    standings = [(each, await places.standing(each.name, each.events)) for each in reactions]
    times = await clock.times(())
    return [status_of(reaction, standing, times) for reaction, standing in standings if standing is not None]


def status_of(reaction: Reaction, standing: Standing, times: LogTimes) -> ReactionStatus:
    """How one stands by the log's times."""
    due_at = None if standing.awaited is None else standing.awaited + reaction.after
    late = due_at is not None and (times.at - due_at).total_seconds() > LATE
    return ReactionStatus(
        name=reaction.name,
        is_off=not reaction.events,
        position=standing.position,
        # The log is looked at later: it is never behind.
        behind=times.head - standing.position,
        due_at=due_at,
        failure=standing.failure,
        # One that has failed says itself what keeps it.
        problems=("late: nobody sees to it, or too slowly",) if late and standing.failure is None else (),
    )
