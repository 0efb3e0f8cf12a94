"""What was measured of projections that fold a log, round by round, and what it is in times of the ceiling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.tables import Grid, shares
from bench.targets import Outcome
from bench.timed import Timed
from bench.traffic import Trailing
from bench.usage import Usage

CEILING, ONE, ALL, DRAINED = "ceiling", "rebuild of orders", "rebuild of all", "live projectors"
LINES = (CEILING, ONE, ALL, DRAINED)

OF_THE_CEILING = {ONE: 0.2, ALL: 0.05}
OF_THE_REBUILD = 0.5
"""The live projectors drain a backlog at so much of the rate at which all read models are rebuilt."""

MOST_MEMORY = 500.0
"""In MB, at any length of the log."""

RATE, MOST_LAG = 500, 500.0
"""At so many commands per second p99 of the lag is to be at most that, in milliseconds."""


@dataclass(frozen=True, slots=True)
class Folded:
    """A log of so many events, and what each of `LINES` took in each round: they are compared within a round."""

    events: int
    rounds: Sequence[dict[str, Timed]]

    def rate(self, line: str) -> float:
        """Events per second: the median."""
        return median(one[line].rate for one in self.rounds)

    def ratio(self, line: str, other: str) -> float:
        """The rate of a line in times of another's: the median of the rounds'."""
        return median(one[line].rate / one[other].rate for one in self.rounds)

    def peak(self, line: str) -> float:
        """The most memory, in MB."""
        return max(one[line].peak for one in self.rounds)


@dataclass(frozen=True, slots=True)
class Following:
    """Live projectors at so many commands per second; `memory` is what their process had in the end (RSS), in MB."""

    wanted: int
    trailing: Trailing
    memory: float
    usage: Usage


def folding_grid(results: Sequence[Folded]) -> Grid:
    """How fast logs are folded."""
    rows = [
        [
            f"{one.events:,}",
            line,
            f"{one.rate(line):,.0f}",
            f"{one.ratio(line, CEILING):.3f}",
            f"{one.ratio(line, ALL):.2f}",
            f"{one.peak(line):.0f}",
        ]
        for one in results
        for line in LINES
    ]
    columns = ["events", "what", "events/s", "of the ceiling", "of the rebuild of all", "peak MB"]
    return Grid("Folding a log", columns, rows, numbers=2)


def following_grid(results: Sequence[Following]) -> Grid:
    """How the live projectors follow."""
    rows = [
        [
            str(one.wanted),
            f"{one.trailing.rate:.1f}",
            f"{one.trailing.answered.p50:.1f}",
            f"{one.trailing.answered.p99:.1f}",
            *(f"{value:.1f}" for value in (one.trailing.lag.p50, one.trailing.lag.p99, one.trailing.most)),
            f"{one.memory:.0f}",
        ]
        for one in results
    ]
    columns = ["commands/s", "reached", "answer p50 ms", "p99 ms", "lag p50 ms", "p99 ms", "most ms", "projectors' MB"]
    return Grid("From a command's answer until all read models have it", columns, rows, numbers=0)


def following_usage_grid(results: Sequence[Following]) -> Grid:
    """Who used the processors meanwhile."""
    rows = [[str(one.wanted), shares(one.usage.shares), f"{one.usage.load:.1f}"] for one in results]
    return Grid("Processors", ["commands/s", "of one processor", "load before"], rows, numbers=2)


def folding_outcomes(results: Sequence[Folded]) -> Iterator[Outcome]:
    """The targets of rebuilding and draining."""
    for one in results:
        events = f"{one.events:,} events"
        for line, least in OF_THE_CEILING.items():
            ratio = one.ratio(line, CEILING)
            yield Outcome(events, line, f"at least {least} of the ceiling", ratio, ratio >= least)
        ratio = one.ratio(DRAINED, ALL)
        yield Outcome(events, DRAINED, f"at least {OF_THE_REBUILD} of the rebuild of all", ratio, ratio >= OF_THE_REBUILD)
        for line in (ONE, ALL, DRAINED):
            peak = one.peak(line)
            yield Outcome(events, line, f"at most {MOST_MEMORY:.0f} MB", peak, peak <= MOST_MEMORY)


def following_outcomes(results: Sequence[Following]) -> Iterator[Outcome]:
    """The targets of following."""
    for one in results:
        if one.wanted <= RATE:
            p99 = one.trailing.lag.p99
            yield Outcome(f"{one.wanted}/s", DRAINED, f"lag: p99 at most {MOST_LAG:.0f} ms", p99, p99 <= MOST_LAG)
        yield Outcome(f"{one.wanted}/s", DRAINED, f"at most {MOST_MEMORY:.0f} MB", one.memory, one.memory <= MOST_MEMORY)
