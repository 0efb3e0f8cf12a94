"""Which targets of writes count as met."""

import pytest

from bench.percentiles import Spread
from bench.writes_tables import (
    ALL_PRODUCTS,
    GROUPED,
    LONG,
    MANY,
    ONE_PRODUCT,
    PGBENCH,
    SHORT,
    TWO_PROCESSES,
    UNORDERED,
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
        f"{GROUPED}: at least 1.8 times asyncpg": (1.8, True),
    }


def test_a_lone_client_has_a_target_of_its_own() -> None:
    alone = results({PGBENCH: 1_000, UNORDERED: 900, GROUPED: 499}, clients=1)
    assert reached(alone) == {f"{GROUPED}: at least 0.5 of pgbench": (0.499, False)}


def test_orders_are_compared_with_pgbench_and_with_one_another() -> None:
    placed = results({PGBENCH: 9_000, ALL_PRODUCTS: 1_200, ONE_PRODUCT: 600, TWO_PROCESSES: 1_600}, p99=4.1)

    assert reached(placed) == {
        f"{ALL_PRODUCTS}: at least 0.13 of pgbench": (0.1333333, True),
        f"{ALL_PRODUCTS}: p99 at most 4 times p50": (4.1, False),
        f"{ONE_PRODUCT}: at least 0.7 times orders": (0.5, False),
        f"{TWO_PROCESSES}: at least 1.3 times orders": (1.3333333, True),
    }


def test_a_longer_log_may_take_a_little_longer() -> None:
    grown = results({at_length(SHORT): 6_000, at_length(LONG): 5_000})

    assert reached(grown) == {f"{at_length(LONG)}: at most 1.2 times as long as with 1,000": (1.2, True)}
    assert [row[-1] for row in lengths_grid(grown).rows] == ["1.00", "1.20"]


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
