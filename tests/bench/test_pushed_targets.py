"""Which targets of freshness and fan-out count as met."""

from bench.fanout_tables import API, EACH, ONE, Fanned, fanout_grid, fanout_outcomes
from bench.floor import Floor
from bench.freshness_tables import Freshness, freshness_grid, freshness_outcomes
from bench.lags import Lags
from bench.percentiles import Spread
from bench.results import ORDINARY
from bench.spreading import Burst, Paced
from bench.usage import Usage

NOBODY = Usage({}, 0.0)


def both(p50: float, p99: float) -> Spread:
    return Spread(p50, p99, 100)


def measured(rate: int, lag: Spread, covered: float = 2.0) -> Freshness:
    """Plain reads take 2 ms."""
    plain = both(2.0, 4.0)
    demanded = both(lag.p50 + plain.p50, lag.p99 + plain.p50)
    lags = Lags(rate, both(3, 9), demanded, lag, lag, both(2.4, 9), plain, both(covered, 9))
    return Freshness("apart", rate, lags, NOBODY)


def fanned(server: str, audience: str, rate: float) -> Fanned:
    return Fanned(server, audience, 2_000, 0.1, 0.8, Paced(rate, both(90, 120)), Burst(rate, 1.0, 100.0), NOBODY)


def test_lags_have_a_median_and_a_99th_percentile_to_keep_at_each_rate() -> None:
    results = [measured(50, both(15.0, 60.0)), measured(500, both(15.1, 100.1)), measured(70, both(900, 900))]

    found = [one.is_met for one in freshness_outcomes(results) if "ms" in one.target]

    assert found == [True, True, True, True, True, False, True, False]


def test_what_a_read_costs_beside_its_lag_is_compared_with_a_plain_one() -> None:
    found = [(one.reached, one.is_met) for one in freshness_outcomes([measured(70, both(9, 9), covered=2.8)])]

    assert found == [(1.2, True), (1.4, False)]


def test_lags_are_told_in_times_of_the_floor() -> None:
    floor = Floor(both(1, 1), both(3, 3), both(1, 1), both(4, 4))

    rows = freshness_grid([measured(50, both(10.0, 30.0))], floor).rows

    assert [row[3:] for row in rows[:3]] == [["10.00", "30.00", "2.5"]] * 3


def test_deliveries_of_one_order_are_compared_with_strawberrys() -> None:
    results = [
        *(fanned(API, ONE, 10_000), fanned(ORDINARY, ONE, 2_000)),
        *(fanned(API, EACH, 1_000), fanned(ORDINARY, EACH, 1_000)),
    ]

    assert [(one.reached, one.is_met) for one in fanout_outcomes(results)] == [(5.0, True)]
    assert [row[3:5] for row in fanout_grid(results).rows] == [
        ["5.0", "80"],
        ["1.0", "400"],
        ["1.0", "800"],
        ["1.0", "800"],
    ]
