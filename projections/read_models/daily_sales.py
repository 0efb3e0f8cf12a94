"""Sales figures: one document per UTC day and currency, of the events that happened on that day.

Sums only, nothing that grows. A refund counts on its own day, so that a day that is over never changes; its revenue may
be below zero.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Self

from typing_extensions import Doc

from projections.kernel.documents import ASC, DESC, Document, Filter, OrderBy, document
from projections.kernel.projection import Key, Projection
from projections.kernel.replacing import replace
from projections.parts import Money
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import OrderCancelled, OrderLine, OrderPaid, OrderPlaced, OrderRefunded
from write_side.terms import money


class DailySalesId(
    Id,
    prefix="day",
    form=r"[0-9]{4}-[0-9]{2}-[0-9]{2}_[A-Z]{3}",
    shape="a date, an underscore and a currency, as in day_2026-01-31_EUR",
):
    """A day in UTC and a currency."""

    @classmethod
    def at(cls, moment: datetime, currency_code: str) -> Self:
        """The day that `moment` falls on."""
        return cls(f"{cls.prefix}_{moment.astimezone(UTC).date().isoformat()}_{currency_code}")

    @property
    def day(self) -> date:
        """The day."""
        return date.fromisoformat(self.rest.partition("_")[0])

    @property
    def currency_code(self) -> str:
        """The currency, of ISO 4217."""
        return self.rest.partition("_")[2]


@document(
    many="dailySales",
    one=False,
    filters=(Filter("date"), Filter("currency_code")),
    orders=(OrderBy("date", DESC), OrderBy("date", ASC)),
)
class DailySales(Document):
    """Sales of one day in one currency."""

    id: DailySalesId
    date: Annotated[date, Doc("A day in UTC.")]
    currency_code: Annotated[str, Doc("ISO 4217.")]
    orders_placed: int = 0
    orders_paid: int = 0
    orders_cancelled: int = 0
    orders_refunded: int = 0
    units_sold: Annotated[int, Doc("Paid less refunded.")] = 0
    revenue: Annotated[Money, Doc("Paid less refunded.")]


def nothing_yet(key: Key, _at: datetime) -> DailySales:
    """A day without sales."""
    id_ = DailySalesId(key)
    nothing = Money.of(money.Money.zero(id_.currency_code))
    return DailySales(id=id_, date=id_.day, currency_code=id_.currency_code, revenue=nothing)


DAILY_SALES = Projection(DailySales, version=1, initial=nothing_yet)


def _when_placed(event: Recorded[OrderPlaced]) -> tuple[DailySalesId]:
    return (DailySalesId.at(event.occurred_at, event.event.lines[0].unit_price.currency_code),)


@DAILY_SALES.on(OrderPlaced, keys=_when_placed)
def placed(day: DailySales, _event: Recorded[OrderPlaced]) -> DailySales:
    """One more order placed."""
    return replace(day, orders_placed=day.orders_placed + 1)


def _when_cancelled(event: Recorded[OrderCancelled]) -> tuple[DailySalesId]:
    return (DailySalesId.at(event.occurred_at, event.event.currency_code),)


@DAILY_SALES.on(OrderCancelled, keys=_when_cancelled)
def cancelled(day: DailySales, _event: Recorded[OrderCancelled]) -> DailySales:
    """One more order given up."""
    return replace(day, orders_cancelled=day.orders_cancelled + 1)


def _when_money_moved(event: Recorded[OrderPaid | OrderRefunded]) -> tuple[DailySalesId]:
    return (DailySalesId.at(event.occurred_at, event.event.total.currency_code),)


@DAILY_SALES.on(OrderPaid, keys=_when_money_moved)
def paid(day: DailySales, event: Recorded[OrderPaid]) -> DailySales:
    """Units sold, and money taken."""
    return replace(
        day,
        orders_paid=day.orders_paid + 1,
        units_sold=day.units_sold + _units(event.event.lines),
        revenue=day.revenue.plus(event.event.total),
    )


@DAILY_SALES.on(OrderRefunded, keys=_when_money_moved)
def refunded(day: DailySales, event: Recorded[OrderRefunded]) -> DailySales:
    """Units and money taken back."""
    return replace(
        day,
        orders_refunded=day.orders_refunded + 1,
        units_sold=day.units_sold - _units(event.event.lines),
        revenue=day.revenue.plus(event.event.total, -1),
    )


def _units(lines: tuple[OrderLine, ...]) -> int:
    return sum(line.quantity for line in lines)
