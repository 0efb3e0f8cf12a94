"""The results of writes as tables, and the targets: what is to be reached of the ceilings that the same run has."""

from collections.abc import Iterator, Sequence

from bench.tables import Grid
from bench.targets import Outcome
from bench.written import Cell, Results

PGBENCH, UNORDERED, ORDERED, GROUPED = "pgbench", "asyncpg", "asyncpg, in order", "event store"
APPEND_LINES = (PGBENCH, UNORDERED, ORDERED, GROUPED)
ALL_PRODUCTS, ONE_PRODUCT, SCARCE, TWO_PROCESSES = "orders", "one product", "sold out", "two processes"
ORDER_LINES = (ALL_PRODUCTS, ONE_PRODUCT, SCARCE, TWO_PROCESSES)
SHORT, LONG = 1_000, 1_000_000

MANY = 64
OF_PGBENCH = {1: 0.5, MANY: 0.7}
"""What the event store is to reach of the ceiling, by clients."""

TIMES_ONE_BY_ONE = 1.8
"""What it is to reach, with many clients, in times of one transaction per append."""

ORDERS_OF_PGBENCH = 0.13
OF_ORDERS = {ONE_PRODUCT: 0.7, TWO_PROCESSES: 1.3}
"""What orders are to reach that are placed otherwise, in times of those that are spread over all products."""

P99_TO_P50 = 4.0
GROWTH = 1.2
"""How many times longer an append may take in a log of a million events than in one of a thousand."""


def at_length(events: int) -> str:
    """The line of a log that has so many events before it is measured."""
    return f"{events:,} events"


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
    """Appends to a short and to a long log."""
    short = Cell(at_length(SHORT), MANY)
    rows = [
        [str(cell.clients), cell.line, f"{results.rate(cell):,.0f}", _times(results.ratio(short, cell))]
        for cell in _cells(results, [at_length(SHORT), at_length(LONG)])
    ]
    return Grid("Appends as the log grows", ["clients", "log", "appends/s", "times as long"], rows, numbers=2)


def outcomes(results: Results) -> Iterator[Outcome]:
    """The targets, as far as they were measured."""
    for clients, share in OF_PGBENCH.items():
        yield from _least(results, Cell(GROUPED, clients), PGBENCH, share, f"at least {share} of pgbench")
    for other in (UNORDERED, ORDERED):
        target = f"at least {TIMES_ONE_BY_ONE} times {other}"
        yield from _least(results, Cell(GROUPED, MANY), other, TIMES_ONE_BY_ONE, target)
    orders = Cell(ALL_PRODUCTS, MANY)
    yield from _least(results, orders, PGBENCH, ORDERS_OF_PGBENCH, f"at least {ORDERS_OF_PGBENCH} of pgbench")
    if (spread := results.spread(orders)) is not None:
        yield Outcome(*_named(orders), f"p99 at most {P99_TO_P50:.0f} times p50", spread, spread <= P99_TO_P50)
    for line, least in OF_ORDERS.items():
        yield from _least(results, Cell(line, MANY), ALL_PRODUCTS, least, f"at least {least} times {ALL_PRODUCTS}")
    short, long = Cell(at_length(SHORT), MANY), Cell(at_length(LONG), MANY)
    if (growth := results.ratio(short, long)) is not None:
        target = f"at most {GROWTH} times as long as with {SHORT:,}"
        yield Outcome(*_named(long), target, growth, growth <= GROWTH)


def _least(results: Results, cell: Cell, base: str, least: float, target: str) -> Iterator[Outcome]:
    ratio = results.ratio(cell, Cell(base, cell.clients))
    if ratio is not None:
        yield Outcome(*_named(cell), target, ratio, ratio >= least)


def _named(cell: Cell) -> tuple[str, str]:
    return str(cell.clients), cell.line


def _cells(results: Results, lines: Sequence[str]) -> list[Cell]:
    return [cell for cell in results.cells if cell.line in lines]


def _took(results: Results, cell: Cell) -> tuple[str, str]:
    took = results.took(cell)
    return ("-", "-") if took is None else (f"{took.p50:.2f}", f"{took.p99:.2f}")


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"
