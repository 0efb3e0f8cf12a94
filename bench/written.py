"""What was measured of appends, round by round, and what it is in times of the ceilings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

import orjson

from bench.percentiles import Spread
from bench.tables import Grid
from bench.targets import Outcome

PGBENCH, UNORDERED, ORDERED, GROUPED = "pgbench", "asyncpg", "asyncpg, in order", "event store"
LINES = (PGBENCH, UNORDERED, ORDERED, GROUPED)

MANY = 64
OF_PGBENCH = {1: 0.5, MANY: 0.7}
"""What the event store is to reach of the ceiling, by clients."""

TIMES_ONE_BY_ONE = 1.8
"""What it is to reach, with many clients, in times of one transaction per append."""


@dataclass(frozen=True, slots=True)
class Written:
    """Appends per second, and how long one took in milliseconds, if that was looked at."""

    rate: float
    took: Spread | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a process printed."""
        told = orjson.loads(text)
        return cls(told["rate"], Spread(**told["took"]))


@dataclass(frozen=True, slots=True)
class Compared:
    """So many clients, and what each of `LINES` reached in each round: they are compared within a round."""

    clients: int
    rounds: Sequence[Mapping[str, Written]]

    def rate(self, line: str) -> float:
        """Appends per second: the median."""
        return median(one[line].rate for one in self.rounds)

    def ratio(self, line: str, other: str) -> float:
        """The rate of a line in times of another's: the median of the rounds'."""
        return median(one[line].rate / one[other].rate for one in self.rounds)

    def took(self, line: str) -> Spread | None:
        """How long an append took: the medians."""
        spreads = [spread for one in self.rounds if (spread := one[line].took) is not None]
        if not spreads:
            return None
        count = sum(spread.count for spread in spreads)
        return Spread(median(spread.p50 for spread in spreads), median(spread.p99 for spread in spreads), count)


def appends_grid(results: Sequence[Compared]) -> Grid:
    """How fast appends are."""
    columns = ["clients", "what", "appends/s", "of pgbench", "times asyncpg", "p50 ms", "p99 ms"]
    rows = [[str(one.clients), line, *_figures(one, line)] for one in results for line in LINES]
    return Grid("Appends of two events", columns, rows, numbers=2)


def appends_outcomes(results: Sequence[Compared]) -> Iterator[Outcome]:
    """The targets of appends, as far as they were measured."""
    for one in results:
        clients = f"{one.clients} clients"
        if (least := OF_PGBENCH.get(one.clients)) is not None:
            ratio = one.ratio(GROUPED, PGBENCH)
            yield Outcome(clients, GROUPED, f"at least {least} of pgbench", ratio, ratio >= least)
        if one.clients == MANY:
            for other in (UNORDERED, ORDERED):
                ratio = one.ratio(GROUPED, other)
                target = f"at least {TIMES_ONE_BY_ONE} times {other}"
                yield Outcome(clients, GROUPED, target, ratio, ratio >= TIMES_ONE_BY_ONE)


def _figures(one: Compared, line: str) -> list[str]:
    took = one.took(line)
    return [
        f"{one.rate(line):,.0f}",
        f"{one.ratio(line, PGBENCH):.2f}",
        f"{one.ratio(line, UNORDERED):.2f}",
        *(("-", "-") if took is None else (f"{took.p50:.2f}", f"{took.p99:.2f}")),
    ]
