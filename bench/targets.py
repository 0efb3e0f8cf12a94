"""What the reads are to reach, at 64 connections and one process, and whether they did."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bench.results import APIS, CEILING, MOTOR, ORDINARY, PYMONGO, Cell, Results
from bench.tables import Grid

CONNECTIONS = 64
OF_THE_CEILING = {
    ("R1", MOTOR): 0.5,
    ("R1", PYMONGO): 0.7,
    ("R2", MOTOR): 0.15,
    ("R2", PYMONGO): 0.15,
    ("R3", MOTOR): 0.4,
    ("R3", PYMONGO): 0.4,
}
TIMES_ORDINARY = 10.0
P99_TO_P50 = 3.0
GROWTH = 1.2
"""How many times longer a read may take in a shop of a million orders than in one of a thousand."""
SMALL, LARGE = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target: what was reached, and whether that is enough."""

    operation: str
    server: str
    target: str
    reached: float
    is_met: bool


def outcomes(results: Results, orders: int) -> Iterator[Outcome]:
    """The targets of a shop of that size, as far as they were measured."""
    for (operation, server), least in OF_THE_CEILING.items():
        cell = Cell(operation, CONNECTIONS, server, orders)
        if (ratio := results.ratio(cell, replace(cell, server=CEILING))) is not None:
            yield Outcome(operation, server, f"at least {least:.2f} of the ceiling", ratio, ratio >= least)
        if (ratio := results.ratio(cell, replace(cell, server=ORDINARY))) is not None:
            yield Outcome(
                operation, server, f"at least {TIMES_ORDINARY:.0f} times strawberry", ratio, ratio >= TIMES_ORDINARY
            )
        if cell in results.cells:
            spread = results.middle(cell, lambda m: m.load.p99 / m.load.p50)
            yield Outcome(operation, server, f"p99 at most {P99_TO_P50:.0f} times p50", spread, spread <= P99_TO_P50)


def growth_outcomes(curve: Results) -> Iterator[Outcome]:
    """The targets of the smallest and the largest shop, as far as they were measured."""
    for cell in curve.cells:
        if cell.orders == SMALL and cell.server in APIS:
            growth = curve.ratio(cell, replace(cell, orders=LARGE))
            if growth is not None:
                target = f"{LARGE:,} orders: at most {GROWTH} times as long as {SMALL:,}, at {cell.connections}"
                yield Outcome(cell.operation, cell.server, target, growth, growth <= GROWTH)


def targets_grid(found: list[Outcome], columns: tuple[str, str] = ("operation", "server")) -> Grid:
    """The targets as a table."""
    rows = [
        [one.operation, one.server, one.target, f"{one.reached:.2f}", "met" if one.is_met else "missed"] for one in found
    ]
    return Grid("Targets", (*columns, "target", "reached", ""), rows, numbers=3)
