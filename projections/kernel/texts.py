"""The texts that documents store moments and amounts as."""

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
