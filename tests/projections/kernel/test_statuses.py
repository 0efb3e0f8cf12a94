"""What is told of generations, and what an operator is asked to look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from projections.kernel.generations import Checkpoint, Generation, Standing, State
from projections.kernel.projection import AnyProjection
from projections.kernel.scenario import POSITIONS
from projections.kernel.statuses import LoggedStatuses, Rates, status_of
from tests.projections.kernel.house import House
from tests.projections.kernel.library import BOOKS, SHELVES
from write_side.kernel.log import LogTimes
from write_side.kernel.positions import LogId, LogPosition

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
FINE = Standing(
    Generation(BOOKS, 1),
    State.SERVED,
    POSITIONS.log_id,
    Checkpoint(LogPosition(10), None),
    owner="a projector",
    moved_at=AT,
    failure=None,
    dead_letters=0,
)


def times(head: int, **ages: float) -> LogTimes:
    """The log's end at `AT`; `p11=0.7`: the event at 11 was committed 0.7 s before."""
    recorded = {LogPosition(int(name[1:])): AT - timedelta(seconds=age) for name, age in ages.items()}
    return LogTimes(LogPosition(head), AT, recorded)


def test_one_that_is_at_the_end_of_the_log() -> None:
    status = status_of(FINE, times(10), POSITIONS, None)

    assert (status.position, status.behind, status.oldest_pending, status.problems) == (10, 0, None, ())
    assert (status.projection, status.version, status.generation) == ("books", BOOKS.version_id, 1)


def test_one_that_is_a_little_behind() -> None:
    status = status_of(FINE, times(14, p11=0.4), POSITIONS, 120.0)

    assert (status.behind, status.oldest_pending, status.rate, status.problems) == (4, 0.4, 120.0, ())


@pytest.mark.parametrize(
    ("standing", "age", "problems"),
    [
        (FINE, 0.6, ("more than 500 ms behind",)),
        (replace(FINE, owner=None), 0.1, ("no projector works on it",)),
        # It waits until it tries again: that it has failed is told.
        (replace(FINE, owner=None, failure="stopped"), 0.1, ()),
        (replace(FINE, dead_letters=1), 0.1, ("1 dead letter",)),
        (replace(FINE, dead_letters=12), 0.1, ("12 dead letters",)),
        (
            replace(FINE, moved_at=AT - timedelta(seconds=31)),
            31.0,
            ("more than 500 ms behind", "no progress for 30 s while behind"),
        ),
        # It has not moved for long since there was nothing to do.
        (replace(FINE, moved_at=AT - timedelta(hours=1)), 0.1, ()),
        # It is far behind, and gets on.
        (FINE, 3600.0, ("more than 500 ms behind",)),
        (replace(FINE, state=State.BUILDING, owner=None, dead_letters=3), 3600.0, ()),
    ],
)
def test_what_is_a_problem(standing: Standing, age: float, problems: tuple[str, ...]) -> None:
    assert status_of(standing, times(11, p11=age), POSITIONS, None).problems == problems


def test_what_was_made_for_another_log_is_behind_all_of_this_one() -> None:
    other = replace(FINE, log=LogId(UUID(int=7)), state=State.OTHER_LOG)

    status = status_of(other, times(14, p11=60.0), POSITIONS, None)

    assert (status.behind, status.oldest_pending, status.problems) == (14, None, ())


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rates = Rates(window=10.0)

    def seen(position: int, at: float) -> float | None:
        return rates.seen("books", LogPosition(position), at)

    assert seen(0, 100.0) is None
    assert seen(10, 100.1) is None
    assert seen(100, 101.0) == 100.0
    assert seen(1_000, 110.0) == 100.0
    # What was before counts no more.
    assert seen(1_000, 120.0) == 0.0
    assert seen(1_500, 125.0) == 100.0


def test_a_rate_begins_anew_with_another_of_the_name() -> None:
    rates = Rates()
    rates.seen("books", LogPosition(500), 0.0)

    assert rates.seen("books", LogPosition(3), 1.0) is None
    assert rates.seen("books", LogPosition(5), 2.0) == 2.0
    rates.forget_all_but([])
    assert rates.seen("books", LogPosition(7), 3.0) is None


def test_who_looks_often_takes_no_room() -> None:
    rates = Rates()
    seen = [rates.seen("books", LogPosition(number), number / 1000) for number in range(10_000)]
    assert seen[-1] == pytest.approx(1000.0)
    assert sum(map(len, rates._seen.values())) <= 51


@dataclass
class Stood(House):
    """Generations that somebody looks at."""

    found: list[Standing] = field(default_factory=list)

    async def standings(self, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
        return self.found


@dataclass
class Clock:
    """The log's end, and what was asked of it."""

    end: LogTimes
    asked: list[list[LogPosition]]

    async def times(self, positions: Collection[LogPosition]) -> LogTimes:
        self.asked.append(list(positions))
        return self.end


async def test_a_look_at_all_of_them() -> None:
    building = replace(
        FINE, generation=Generation(BOOKS, 2), state=State.BUILDING, checkpoint=Checkpoint(LogPosition(4), None)
    )
    stood, clock, now = Stood(found=[FINE, building]), Clock(times(12, p11=0.2, p5=40.0), []), [0.0]
    statuses = LoggedStatuses([BOOKS, SHELVES], stood, clock, POSITIONS, monotonic=lambda: now[0])

    first = await statuses.look()
    stood.found[1] = replace(building, checkpoint=Checkpoint(LogPosition(8), None))
    now[0] = 2.0
    second = await statuses.look()

    assert (first.head, first.at, first.unserved) == (12, AT, ("shelf",))
    assert [(one.generation, one.behind, one.oldest_pending, one.rate) for one in first.generations] == [
        (1, 2, 0.2, None),
        (2, 8, 40.0, None),
    ]
    assert [one.rate for one in second.generations] == [0.0, 2.0]
    assert clock.asked == [[11, 5], [11, 9]]
