"""Which targets count as met."""

from bench.load import Load
from bench.results import CEILING, MOTOR, ORDINARY, Cell, Measured, Results
from bench.tables import curve_grid, reads_grid
from bench.targets import LARGE, SMALL, growth_outcomes, outcomes


def measured(rate: float, p50: float = 1.0, p99: float = 2.0) -> Measured:
    return Measured(Load(rate, p50, p99), memory=50.0)


def results(*rounds: tuple[float, float, float]) -> Results:
    """R1 at 64 connections; each round has the rates of ceiling, motor and strawberry."""
    made = Results()
    for rates in rounds:
        for server, rate in zip((CEILING, MOTOR, ORDINARY), rates, strict=True):
            made.add(Cell("R1", 64, server, 1_000), measured(rate))
    return made


def test_ratios_are_taken_within_a_round_and_their_median_counts() -> None:
    noisy = results((8_000, 4_400, 400), (1_000, 600, 50), (4_000, 400, 100))

    reached = {one.target: (one.reached, one.is_met) for one in outcomes(noisy, 1_000)}

    assert reached == {
        "at least 0.50 of the ceiling": (0.55, True),
        "at least 10 times strawberry": (11.0, True),
        "p99 at most 3 times p50": (2.0, True),
    }


def test_what_is_below_a_target_missed_it() -> None:
    assert [one.is_met for one in outcomes(results((10_000, 4_999, 500)), 1_000)] == [False, False, True]


def test_a_larger_shop_may_take_a_little_longer() -> None:
    curve = Results()
    for orders, rate in ((SMALL, 1_100), (LARGE, 1_000)):
        curve.add(Cell("R1", 64, MOTOR, orders), measured(rate))
        curve.add(Cell("R2", 64, MOTOR, orders), measured(rate if orders == SMALL else 900))

    assert [(one.operation, one.is_met) for one in growth_outcomes(curve)] == [("R1", True), ("R2", False)]
    assert [row[-1] for row in curve_grid(curve, (SMALL, LARGE)).rows] == ["1.10", "1.22"]


def test_what_was_not_measured_is_not_told() -> None:
    alone = Results()
    alone.add(Cell("R1", 1, MOTOR, 1_000), measured(100))

    assert list(outcomes(alone, 1_000)) == []
    assert reads_grid(alone, 1_000).rows == [["R1", "1", "motor", "100", "1.00", "2.00", "2.0", "-", "-", "50"]]
