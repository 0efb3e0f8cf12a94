"""Position tokens."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from write_side.kernel.positions import ForeignPosition, LogId, LogPosition, MalformedPosition, Positions

HERE = Positions(LogId(UUID(int=0xABCDEF)))
ELSEWHERE = Positions(LogId(UUID(int=0xABCDE0)))

numbers = st.integers(0, 10**16 - 1).map(LogPosition)


@given(numbers)
def test_a_token_comes_back_as_its_position(position: LogPosition) -> None:
    assert HERE.parse(HERE.token(position)) == position


@given(numbers, numbers)
def test_the_later_token_is_the_greater_string(one: LogPosition, other: LogPosition) -> None:
    assert (one < other) == (HERE.token(one) < HERE.token(other))


def test_a_token_has_a_fixed_form() -> None:
    assert HERE.token(LogPosition(42)) == "000000abcdef-0000000000000042"


def test_another_logs_token_is_recognised() -> None:
    token = ELSEWHERE.token(LogPosition(1))

    with pytest.raises(ForeignPosition) as foreign:
        HERE.parse(token)
    assert foreign.value.token == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "000000abcdef",
        "000000abcdef-42",
        "000000ABCDEF-0000000000000042",
        "000000abcdef-000000000000004x",
        "000000abcdef-0000000000000042 ",
        "000000abcdef-0000000000000042\n",
        "000000abcdef-00000000000000٤٢",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(MalformedPosition) as malformed:
        HERE.parse(text)
    assert len(malformed.value.text) <= 80
