"""Texts: what documents store moments and amounts as, and how many there are of something."""

from datetime import UTC, datetime
from decimal import Decimal


def datetime_text(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals, of fixed width: it sorts as the moments do."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def decimal_text(amount: Decimal) -> str:
    """A plain decimal, never with an exponent."""
    return format(amount, "f")


def counted(number: int, one: str) -> str:
    """So many of something, for people: 1 document, 2,000 documents."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"
