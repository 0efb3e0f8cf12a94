"""The port `Statuses`: what the generations stand at, held against the log, and what is wrong with it."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from projections.kernel.generations import Standing, State
from projections.kernel.projection import AnyProjection
from projections.kernel.status import LATE, STUCK, GenerationStatus, Status
from projections.kernel.storing import Generations
from projections.kernel.texts import counted
from write_side.kernel.log import LogClock, LogTimes
from write_side.kernel.positions import LogPosition, Positions

WINDOW = 10.0
"""A rate is reckoned over so long, in seconds."""

SHORTEST = 0.5
"""Over less than this a rate says nothing, in seconds."""

APART = 0.2
"""Who looks more often than this adds nothing to a rate, in seconds."""


class Rates:
    """How fast generations get on, for whoever looks again and again."""

    def __init__(self, window: float = WINDOW) -> None:
        self._window = window
        self._seen: dict[str, deque[tuple[float, LogPosition]]] = {}

    def seen(self, generation: str, position: LogPosition, at: float) -> float | None:
        """Takes note of a position at a moment (`at`, in seconds, from a clock that never goes back).

        Returns events a second over the last while; None where that is too short to tell.
        """
        seen = self._seen.setdefault(generation, deque())
        if seen and position < seen[-1][1]:
            seen.clear()  # another one under this name
        while len(seen) > 1 and seen[0][0] <= at - self._window:
            seen.popleft()
        rate = None
        if seen and at - seen[0][0] >= SHORTEST:
            rate = (position - seen[0][1]) / (at - seen[0][0])
        if not seen or at - seen[-1][0] >= APART:
            seen.append((at, position))
        return rate

    def forget_all_but(self, generations: Sequence[str]) -> None:
        """Forgets those that are no more."""
        self._seen = {generation: seen for generation, seen in self._seen.items() if generation in generations}


class LoggedStatuses:
    """The port `Statuses` for some projections. Rates are known to who looks at least twice."""

    def __init__(
        self,
        projections: Sequence[AnyProjection],
        generations: Generations,
        log: LogClock,
        positions: Positions,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._projections = projections
        self._generations = generations
        self._log = log
        self._positions = positions
        self._monotonic = monotonic
        self._rates = Rates()

    async def look(self) -> Status:
        """See `Statuses.look`."""
        standings = await self._generations.standings(self._projections)
        at = self._monotonic()
        times = await self._log.times([_next(standing) for standing in standings])
        statuses = [
            status_of(
                standing,
                times,
                self._positions,
                self._rates.seen(standing.generation.id, standing.checkpoint.position, at),
            )
            for standing in standings
        ]
        self._rates.forget_all_but([standing.generation.id for standing in standings])
        served = {standing.generation.projection.version_id for standing in standings if standing.state is State.SERVED}
        unserved = tuple(one.name for one in self._projections if one.version_id not in served)
        return Status(times.at, times.head, statuses, unserved)


def status_of(standing: Standing, times: LogTimes, positions: Positions, rate: float | None) -> GenerationStatus:
    """How one generation stands, and its problems. `positions` are the log's: one of another log is behind all of it."""
    own = standing.log == positions.log_id
    position = standing.checkpoint.position
    recorded = times.recorded.get(_next(standing)) if own else None
    # The log is looked at later than the generation: it is never behind it, except where it is another one.
    behind = max(0, times.head - position) if own else times.head
    oldest = None if recorded is None else max(0.0, (times.at - recorded).total_seconds())
    return GenerationStatus(
        projection=standing.generation.projection.name,
        version=standing.generation.projection.version_id,
        generation=standing.generation.number,
        state=standing.state,
        position=position,
        behind=behind,
        oldest_pending=oldest,
        rate=rate,
        moved_at=standing.moved_at,
        dead_letters=standing.dead_letters,
        worked_on=standing.owner is not None,
        failure=standing.failure,
        problems=problems(standing, oldest_pending=oldest, at=times.at),
    )


def problems(standing: Standing, *, oldest_pending: float | None, at: datetime) -> tuple[str, ...]:
    """What an operator should look at, of a served generation, beside the failure of its projector."""
    if standing.state is not State.SERVED:
        return ()
    found = []
    # One that has failed gives its lease up until it tries again: that it has says more.
    if standing.owner is None and standing.failure is None:
        found.append("no projector works on it")
    if oldest_pending is not None and oldest_pending > LATE:
        found.append(f"more than {LATE * 1000:.0f} ms behind")
        still = None if standing.moved_at is None else (at - standing.moved_at).total_seconds()
        if oldest_pending > STUCK and (still is None or still > STUCK):
            found.append(f"no progress for {STUCK:.0f} s while behind")
    if standing.dead_letters:
        found.append(counted(standing.dead_letters, "dead letter"))
    return tuple(found)


def _next(standing: Standing) -> LogPosition:
    """The first event that is not projected, if there is one yet."""
    return LogPosition(standing.checkpoint.position + 1)
