"""What the scalars take."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from schema.scalars import MalformedScalar, parse_date, parse_date_time, parse_decimal


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31T12:00:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31t12:00:00z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T12:00:00.5Z", datetime(2026, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-01-31T12:00:00.1234567899Z", datetime(2026, 1, 31, 12, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_date_time_is_rfc_3339_and_becomes_utc(text: str, moment: datetime) -> None:
    assert parse_date_time(text) == moment
    assert parse_date_time(text).tzinfo == UTC


@pytest.mark.parametrize(
    "value",
    [
        "2026-01-31T12:00:00",
        "2026-01-31",
        "2026-02-30T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:60Z",
        "0001-01-01T00:00:00+10:00",
        "0000-01-01T00:00:00Z",
        "2026-01-31T12:00:00+25:00",
        "20260131T120000Z",
        "٢٠٢٦-01-31T12:00:00Z",
        " 2026-01-31T12:00:00Z",
        "",
        1_769_860_800,
        1.5,
        True,
    ],
)
def test_anything_else_is_no_date_time(value: object) -> None:
    with pytest.raises(MalformedScalar):
        parse_date_time(value)


@pytest.mark.parametrize("value", ["2026-02-30", "2026-1-31", "20260131", "2026-01-31T00:00:00Z", "", 5, None])
def test_a_date_is_a_calendar_date(value: object) -> None:
    assert parse_date("2026-01-31") == date(2026, 1, 31)
    with pytest.raises(MalformedScalar):
        parse_date(value)


@pytest.mark.parametrize("text", ["0", "12.50", "-3.1", "007", "9" * 40])
def test_a_decimal_keeps_its_digits(text: str) -> None:
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize(
    "value", ["1e5", "1E5", "NaN", "Infinity", "-inf", "+1", ".5", "5.", "1_000", "1,5", " 1", "٣", "", "9" * 41, 12, 1.5]
)
def test_anything_else_is_no_decimal(value: object) -> None:
    with pytest.raises(MalformedScalar):
        parse_decimal(value)
