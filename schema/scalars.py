"""The scalars beside GraphQL's own, each as strict as the contract says.

What is stored is what is answered, so that on the way out they are texts already. On the way in they become Python values;
a number is not taken where a text is asked for, because JSON's numbers are not exact.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from strawberry.types.scalar import ScalarDefinition

from write_side.kernel.positions import Position

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,30}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_LONGEST_DECIMAL = 40


class MalformedScalar(ValueError):
    """A value that a scalar does not take."""


def parse_date_time(value: object) -> datetime:
    """RFC 3339 with an offset, as UTC; digits past microseconds are dropped. Raises `MalformedScalar`."""
    match = _DATE_TIME.fullmatch(_text(value))
    if match is not None:
        day, time, fraction, offset = match.groups()
        plain = f"{day}T{time}.{(fraction or '0')[:6].ljust(6, '0')}{offset.upper().replace('Z', '+00:00')}"
        try:
            return datetime.fromisoformat(plain).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise MalformedScalar("must be RFC 3339 with an offset, such as 2026-01-31T12:00:00Z")


def parse_date(value: object) -> date:
    """An ISO 8601 calendar date. Raises `MalformedScalar`."""
    text = _text(value)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise MalformedScalar("must be a calendar date, such as 2026-01-31")


def parse_decimal(value: object) -> Decimal:
    """A plain decimal of at most 40 characters. Raises `MalformedScalar`."""
    text = _text(value)
    if len(text) <= _LONGEST_DECIMAL and _DECIMAL.fullmatch(text):
        return Decimal(text)
    raise MalformedScalar(
        f"must be a plain decimal without an exponent, such as 12.50, of at most {_LONGEST_DECIMAL} characters"
    )


def as_stored(value: object) -> object:
    """The value itself: it was stored as it is answered."""
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise MalformedScalar("must be a string")
    return value


def _scalar(name: str, description: str, parse: Callable[[Any], Any]) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=as_stored, parse_value=parse)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: _scalar(
        "DateTime",
        "RFC 3339, answered in UTC with microseconds; as input an offset is required.",
        parse_date_time,
    ),
    date: _scalar("Date", "ISO 8601 calendar date.", parse_date),
    Decimal: _scalar("Decimal", "Exact decimal, as a plain decimal string (no exponent, no NaN).", parse_decimal),
    Position: _scalar(
        "Position",
        "Place in the event log: a string of fixed form. Within one log the later position is the greater string, so that "
        "a client can keep the latest of several.",
        _text,
    ),
}
"""Strawberry's definition of each, by the Python type that stands for it in classes."""
