"""Percentiles."""

import random

import pytest

from bench.percentiles import Spread, percentile


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [(1, 50, 1), (1, 99, 1), (2, 50, 1), (2, 99, 2), (100, 50, 50), (100, 99, 99), (200, 99, 198)],
)
def test_so_many_hundredths_of_the_values_do_not_exceed_it(count: int, share: float, expected: float) -> None:
    values = [float(value) for value in range(1, count + 1)]
    random.Random(count).shuffle(values)

    assert percentile(values, share) == expected


def test_a_cost_is_taken_from_all_of_them() -> None:
    assert Spread.of([1.0, 2.0, 3.0]).less(0.5) == Spread(1.5, 2.5, 3)
