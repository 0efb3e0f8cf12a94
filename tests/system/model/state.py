"""What there is in the shop, and why it refuses. A refusal leaves no trace: commands work on a copy."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Rows = dict[str, Row]

DIGITS = {"EUR": 2, "USD": 2, "JPY": 0}
"""The currencies that the model knows, and how many digits they have."""


class Refusal(Exception):
    """Why a command is refused; `path` is empty where no part of the input is to blame."""

    def __init__(self, code: str, *path: str) -> None:
        super().__init__(code, path)
        self.code = code
        self.path = path


@dataclass
class State:
    """Everything, by id. Wallets, stock and reorders have rows from their owner's first day; times are RFC 3339 texts."""

    touched_at: str
    customers: Rows = field(default_factory=dict)
    wallets: Rows = field(default_factory=dict)
    products: Rows = field(default_factory=dict)
    stocks: Rows = field(default_factory=dict)
    reorders: Rows = field(default_factory=dict)
    orders: Rows = field(default_factory=dict)
    payments: int = 0


@dataclass(frozen=True)
class Now:
    """When and by whom a command is given."""

    at: str
    actor: str


def found(rows: Rows, key: str, *path: str) -> Row:
    """The row that must be there."""
    if key not in rows:
        raise Refusal("NOT_FOUND", *path)
    return rows[key]


def set_value(row: Row, now: Now, **values: Any) -> None:
    """One event, unless everything is as it should be already."""
    if any(row[name] != value for name, value in values.items()):
        row.update(values)
        happened(row, now)


def happened(row: Row, now: Now) -> None:
    """One event in the stream of `row`."""
    row["version"] += 1
    row["updatedAt"] = now.at


def money(amount: Decimal, currency: str) -> Row:
    """An amount, with the digits of its currency."""
    return {"amount": round(amount, DIGITS[currency]), "currencyCode": currency}


def sums(amounts: list[Row]) -> list[Row]:
    """One sum per currency, by currency; what sums up to nothing is left out."""
    totals: dict[str, Decimal] = {}
    for amount in amounts:
        totals[amount["currencyCode"]] = totals.get(amount["currencyCode"], Decimal(0)) + amount["amount"]
    return [money(total, currency) for currency, total in sorted(totals.items()) if total]
