"""Which targets of writes count as met."""

import pytest

from bench.percentiles import Spread
from bench.writes_tables import (
    ALL_PRODUCTS,
    GROUPED,
    IMPORTED,
    LONG,
    LONG_PAST,
    MANY,
    ONE_PRODUCT,
    PGBENCH,
    SHORT,
    SHORT_PAST,
    TWO_APIS,
    TWO_STORES,
    UNORDERED,
    after_past,
    appends_grid,
    at_length,
    lengths_grid,
    orders_grid,
    outcomes,
)
from bench.written import Cell, Results, Written


def results(*rounds: dict[str, float], clients: int = MANY, p50: float = 1.0, p99: float = 4.0) -> Results:
    """Each round has the rates of lines."""
    made = Results()
    for rates in rounds:
        for line, rate in rates.items():
            made.add(Cell(line, clients), Written(rate, None if line == PGBENCH else Spread(p50, p99, 100)))
    return made


def reached(found: Results) -> dict[str, tuple[object, bool]]:
    return {f"{one.server}: {one.target}": (pytest.approx(one.reached), one.is_met) for one in outcomes(found)}


def test_ratios_are_taken_within_a_round_and_their_median_counts() -> None:
    noisy = results(
        {PGBENCH: 9_000, UNORDERED: 4_000, GROUPED: 7_200},
        {PGBENCH: 1_000, UNORDERED: 100, GROUPED: 700},
        {PGBENCH: 5_000, UNORDERED: 3_000, GROUPED: 500},
    )

    assert noisy.rate(Cell(GROUPED, MANY)) == 700
    assert reached(noisy) == {
        f"{GROUPED}: at least 0.7 of pgbench": (0.7, True),
        f"{GROUPED}: at least 1.8 of asyncpg": (1.8, True),
    }


def test_a_lone_client_has_a_target_of_its_own() -> None:
    alone = results({PGBENCH: 1_000, UNORDERED: 900, GROUPED: 499}, clients=1)
    assert reached(alone) == {f"{GROUPED}: at least 0.5 of pgbench": (0.499, False)}


def test_orders_are_compared_with_pgbench_and_with_one_another() -> None:
    placed = results({PGBENCH: 8_000, ALL_PRODUCTS: 1_200, ONE_PRODUCT: 600, TWO_APIS: 1_800}, p99=4.1)

    assert reached(placed) == {
        f"{ALL_PRODUCTS}: at least 0.13 of pgbench": (0.15, True),
        f"{ALL_PRODUCTS}: p99 at most 4 times p50": (4.1, False),
        f"{ONE_PRODUCT}: at least 0.7 of orders": (0.5, False),
        f"{TWO_APIS}: at least 1.3 of orders": (1.5, True),
    }


def test_more_processes_and_an_import_are_compared_with_the_event_store() -> None:
    others = results({GROUPED: 8_000, TWO_STORES: 10_000, IMPORTED: 4_000})

    assert reached(others) == {
        f"{TWO_STORES}: at least 1.3 of event store": (1.25, False),
        f"{IMPORTED}: at least 0.5 of event store": (0.5, True),
    }


def test_a_longer_log_and_a_longer_stream_may_take_a_little_longer() -> None:
    log, stream = (at_length(SHORT), at_length(LONG)), (after_past(SHORT_PAST), after_past(LONG_PAST))
    grown = results({log[0]: 6_000, log[1]: 5_000})
    grown.cells.update(results({stream[0]: 500, stream[1]: 250}, clients=1).cells)

    assert reached(grown) == {
        f"{log[1]}: at most 1.2 times as long as {log[0]}": (1.2, True),
        f"{stream[1]}: at most 1.5 times as long as {stream[0]}": (2.0, False),
    }
    assert [(row[1], row[-1]) for row in lengths_grid(grown).rows] == [
        (log[0], "1.00"),
        (log[1], "1.20"),
        (stream[0], "1.00"),
        (stream[1], "2.00"),
    ]


def test_the_tables_have_what_was_measured_and_nothing_else() -> None:
    measured = results({PGBENCH: 9_000, UNORDERED: 4_000, GROUPED: 8_000, ALL_PRODUCTS: 1_200})

    assert [row[1:] for row in appends_grid(measured).rows] == [
        [PGBENCH, "9,000", "1.00", "2.25", "-", "-"],
        [UNORDERED, "4,000", "0.44", "1.00", "1.00", "4.00"],
        [GROUPED, "8,000", "0.89", "2.00", "1.00", "4.00"],
    ]
    assert [row[1:] for row in orders_grid(measured).rows] == [
        [ALL_PRODUCTS, "1,200", "0.13", "1.00", "1.00", "4.00", "4.00"]
    ]
    assert lengths_grid(measured).rows == []
