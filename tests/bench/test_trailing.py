"""How far behind a command the slowest read model is."""

import random

import pytest

from bench.arrivals import arrivals
from bench.load import BenchError
from bench.trailing import Moment, lags

PASSED = [Moment(3, 10.0), Moment(7, 11.0), Moment(8, 12.5)]


def test_a_lag_ends_when_the_position_is_passed_for_the_first_time() -> None:
    assert lags([Moment(3, 9.5), Moment(4, 10.0), Moment(8, 12.0)], PASSED) == [0.5, 1.0, 0.5]


def test_what_was_passed_before_the_answer_was_no_lag() -> None:
    assert lags([Moment(2, 10.2)], PASSED) == [0.0]


def test_a_position_that_is_never_passed_is_told() -> None:
    with pytest.raises(BenchError, match="position 9 was never passed"):
        lags([Moment(9, 10.0)], PASSED)


async def test_clients_come_as_often_as_they_should() -> None:
    came = [None async for _ in arrivals(20_000, 0.05, random.Random(1))]
    assert 900 < len(came) < 1_100
