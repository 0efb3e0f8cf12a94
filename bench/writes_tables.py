"""The results of writes as tables, and the targets: what is to be reached of the ceilings that the same run has."""

from collections.abc import Iterator, Sequence

from bench.tables import Grid
from bench.targets import Outcome
from bench.written import Cell, Results
from write_side.kernel.snapshots import EVERY

PGBENCH, UNORDERED, ORDERED, GROUPED = "pgbench", "asyncpg", "asyncpg, in order", "event store"
TWO_STORES, IMPORTED = "event store, two processes", "oneread import"
APPEND_LINES = (PGBENCH, UNORDERED, ORDERED, GROUPED, TWO_STORES, IMPORTED)
ALL_PRODUCTS, TWO_APIS, ONE_PRODUCT, SCARCE = "orders", "orders, two processes", "orders of one product", "orders, sold out"
ORDER_LINES = (ALL_PRODUCTS, TWO_APIS, ONE_PRODUCT, SCARCE)
SHORT, LONG = 1_000, 1_000_000
"""Events of a log."""

SHORT_PAST, LONG_PAST = 10, 100_000 + EVERY // 2
"""Events of a stream. The long one ends halfway between two snapshots."""

MANY = 64
LEAST = (
    (GROUPED, 1, PGBENCH, 0.5),
    (GROUPED, MANY, PGBENCH, 0.7),
    (GROUPED, MANY, UNORDERED, 1.8),
    (GROUPED, MANY, ORDERED, 1.8),
    (TWO_STORES, MANY, GROUPED, 1.3),
    (IMPORTED, MANY, GROUPED, 0.5),
    (ALL_PRODUCTS, MANY, PGBENCH, 0.13),
    (TWO_APIS, MANY, ALL_PRODUCTS, 1.3),
    (ONE_PRODUCT, MANY, ALL_PRODUCTS, 0.7),
)
"""What a line is to reach, with so many clients, in times of another."""

P99_TO_P50 = 4.0
"""Of orders that are spread over all products."""

GROWTH = 1.2
"""How many times longer an append may take in a log of a million events than in one of a thousand."""

LONG_PAST_TIMES = 1.5
"""How many times longer a command may take on a long stream than on a short one: it is to be the same but for noise."""


def at_length(events: int) -> str:
    """The line of a log that has so many events before it is measured."""
    return f"a log of {events:,}"


def after_past(events: int) -> str:
    """The line of a command on a stream that has so many events."""
    return f"a stream of {events:,}"


LENGTHS = (
    (Cell(at_length(SHORT), MANY), Cell(at_length(LONG), MANY)),
    (Cell(after_past(SHORT_PAST), 1), Cell(after_past(LONG_PAST), 1)),
)
"""What is short, and what is long."""


def appends_grid(results: Results) -> Grid:
    """How fast appends are."""
    columns = ["clients", "what", "appends/s", "of pgbench", "times asyncpg", "p50 ms", "p99 ms"]
    rows = [
        [
            *(str(cell.clients), cell.line, f"{results.rate(cell):,.0f}"),
            *(_times(results.ratio(cell, Cell(base, cell.clients))) for base in (PGBENCH, UNORDERED)),
            *_took(results, cell),
        ]
        for cell in _cells(results, APPEND_LINES)
    ]
    return Grid("Appends of two events", columns, rows, numbers=2)


def orders_grid(results: Results) -> Grid:
    """How fast orders are placed over HTTP."""
    columns = ["connections", "what", "answers/s", "of pgbench", "of orders", "p50 ms", "p99 ms", "p99/p50"]
    rows = [
        [
            *(str(cell.clients), cell.line, f"{results.rate(cell):,.0f}"),
            *(_times(results.ratio(cell, Cell(base, cell.clients))) for base in (PGBENCH, ALL_PRODUCTS)),
            *(*_took(results, cell), _times(results.spread(cell))),
        ]
        for cell in _cells(results, ORDER_LINES)
    ]
    return Grid("Orders placed over HTTP, connections of each process", columns, rows, numbers=2)


def lengths_grid(results: Results) -> Grid:
    """Appends to a short and to a long log, and commands on a short and on a long stream."""
    rows = [
        [
            str(cell.clients),
            cell.line,
            f"{results.rate(cell):,.0f}",
            *_took(results, cell),
            _times(results.ratio(base, cell)),
        ]
        for base, other in LENGTHS
        for cell in (base, other)
        if cell in results.cells
    ]
    return Grid(
        "As log and stream grow", ["clients", "with", "per second", "p50 ms", "p99 ms", "times as long"], rows, numbers=2
    )


def outcomes(results: Results) -> Iterator[Outcome]:
    """The targets, as far as they were measured."""
    for line, clients, base, least in LEAST:
        if (ratio := results.ratio(Cell(line, clients), Cell(base, clients))) is not None:
            yield Outcome(str(clients), line, f"at least {least} of {base}", ratio, ratio >= least)
    if (spread := results.spread(Cell(ALL_PRODUCTS, MANY))) is not None:
        yield Outcome(str(MANY), ALL_PRODUCTS, f"p99 at most {P99_TO_P50:.0f} times p50", spread, spread <= P99_TO_P50)
    for (short, long), most in zip(LENGTHS, (GROWTH, LONG_PAST_TIMES), strict=True):
        if (growth := results.ratio(short, long)) is not None:
            target = f"at most {most} times as long as {short.line}"
            yield Outcome(str(long.clients), long.line, target, growth, growth <= most)


def _cells(results: Results, lines: Sequence[str]) -> list[Cell]:
    return [cell for cell in results.cells if cell.line in lines]


def _took(results: Results, cell: Cell) -> tuple[str, str]:
    took = results.took(cell)
    return ("-", "-") if took is None else (f"{took.p50:.2f}", f"{took.p99:.2f}")


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"
