"""What was measured of the fan-out, as tables, and whether it is enough."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.results import ORDINARY
from bench.spreading import Burst, Paced
from bench.tables import Grid, shares
from bench.targets import Outcome
from bench.usage import Usage

API = "oneread"
ONE, EACH = "all of one order", "each of its own"
TIMES_ORDINARY = 5.0
"""So many times strawberry's deliveries per second are to be reached for one order."""

_KIBI = 1024.0


@dataclass(frozen=True, slots=True)
class Fanned:
    """One server with one kind of audience.

    `memory` is what the serving process took for each subscriber, in MiB, and `share` how much of a processor it used while
    changes were told one by one.
    """

    server: str
    audience: str
    subscribers: int
    memory: float
    share: float
    paced: Paced
    burst: Burst
    usage: Usage

    @property
    def work(self) -> float:
        """What the serving process works for each delivery, in microseconds."""
        return self.share / self.paced.rate * 1e6


def fanout_grid(results: Sequence[Fanned]) -> Grid:
    """Deliveries, and how long the last one takes."""
    rows = []
    for one in results:
        other = ordinary_of(results, one)
        rows.append(
            [
                *(one.audience, one.server, f"{one.paced.rate:,.0f}", _times(one, other)),
                *(f"{one.work:.0f}", f"{one.paced.last.p50:.0f}", f"{one.paced.last.p99:.0f}"),
                *(f"{one.burst.rate:,.0f}", f"{one.burst.told:.2f}", f"{one.memory * _KIBI:.0f}"),
            ]
        )
    columns = ["subscribers", "server", "deliveries/s", "times strawberry", "µs each", "last p50 ms", "p99 ms"]
    columns += ["in a burst", "frames/change", "KiB each"]
    count = results[0].subscribers if results else 0
    return Grid(f"{count:,} subscribers", columns, rows, numbers=2)


def fanout_usage_grid(results: Sequence[Fanned]) -> Grid:
    """Who used the processors while changes were told one by one."""
    rows = [[one.audience, one.server, shares(one.usage.shares), f"{one.usage.load:.1f}"] for one in results]
    return Grid("Processors", ["subscribers", "server", "of one processor", "load before"], rows, numbers=3)


def fanout_outcomes(results: Sequence[Fanned]) -> Iterator[Outcome]:
    """The target, if it was measured."""
    for one in results:
        other = ordinary_of(results, one)
        if one.server == API and one.audience == ONE and other is not None:
            ratio = one.paced.rate / other.paced.rate
            target = f"at least {TIMES_ORDINARY:.0f} times strawberry's deliveries/s"
            yield Outcome(one.audience, one.server, target, ratio, ratio >= TIMES_ORDINARY)


def ordinary_of(results: Sequence[Fanned], one: Fanned) -> Fanned | None:
    """Strawberry with the same audience."""
    return next((other for other in results if (other.server, other.audience) == (ORDINARY, one.audience)), None)


def _times(one: Fanned, ordinary: Fanned | None) -> str:
    return "-" if ordinary is None else f"{one.paced.rate / ordinary.paced.rate:.1f}"
