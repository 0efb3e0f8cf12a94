"""Which targets of projections count as met."""

import pytest

from bench.folding import (
    ALL,
    CEILING,
    DRAINED,
    ONE,
    Folded,
    Following,
    folding_grid,
    folding_outcomes,
    following_grid,
    following_outcomes,
)
from bench.percentiles import Spread
from bench.timed import Timed
from bench.traffic import Trailing
from bench.usage import Usage


def folded(*rounds: tuple[float, float, float, float], peak: float = 100.0) -> Folded:
    """Each round has the rates of the ceiling, of one read model, of all, and of the live projectors."""
    lines = (CEILING, ONE, ALL, DRAINED)
    timed = [{line: Timed(1_000, 1_000 / rate, peak) for line, rate in zip(lines, rates, strict=True)} for rates in rounds]
    return Folded(1_000, timed)


def following(p99: float, memory: float = 100.0, wanted: int = 500) -> Following:
    spread = Spread(p99 / 2, p99, 10)
    return Following(wanted, Trailing(wanted, spread, spread, p99), memory, Usage({}, 0.0))


def test_ratios_are_taken_within_a_round_and_their_median_counts() -> None:
    noisy = folded((90_000, 18_000, 4_500, 2_250), (9_000, 2_700, 900, 900), (50_000, 5_000, 500, 100))

    assert noisy.ratio(ONE, CEILING) == pytest.approx(0.2)
    assert noisy.ratio(ALL, CEILING) == pytest.approx(0.05)
    assert noisy.ratio(DRAINED, ALL) == pytest.approx(0.5)
    assert noisy.rate(CEILING) == pytest.approx(50_000)
    assert all(one.is_met for one in folding_outcomes([noisy]))


def test_what_is_below_a_target_missed_it() -> None:
    slow = folded((100_000, 19_000, 4_900, 2_400), peak=501.0)
    assert not any(one.is_met for one in folding_outcomes([slow]))


def test_the_lag_is_to_be_short_at_the_rate_that_was_named_and_below() -> None:
    assert [one.is_met for one in following_outcomes([following(499.0)])] == [True, True]
    assert [one.is_met for one in following_outcomes([following(501.0, memory=501.0)])] == [False, False]
    assert [one.target for one in following_outcomes([following(900.0, wanted=1_000)])] == ["at most 500 MB"]


def test_the_tables() -> None:
    rows = folding_grid([folded((90_000, 18_000, 4_500, 2_250))]).rows
    assert rows[1] == ["1,000", ONE, "18,000", "0.200", "4.00", "100"]
    assert following_grid([following(20.0)]).rows == [["500", "500.0", "10.0", "20.0", "10.0", "20.0", "20.0", "100"]]
