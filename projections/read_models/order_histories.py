"""The audit trail of an order: one entry per event of its stream, in plain English.

Nothing bounds the list but what people do to one order: its life takes a handful of commands, and while it is open each
change of an item adds one. An entry is a few hundred bytes (that of the placed order a line per product, 100 at most), so
that MongoDB's 16 MB hold tens of thousands. A rule that bounds the changes of one order would have to be a rule of the
shop: there is none yet.
"""

from datetime import datetime
from typing import Annotated, assert_never, get_args

from typing_extensions import Doc

from projections.kernel.documents import StreamDocument, document, part
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderLine,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    PaymentMethod,
    ShippingAddressChanged,
)
from write_side.terms.address import Address
from write_side.terms.ids import OrderId
from write_side.terms.money import Money


class OrderHistoryId(Id, prefix="his"):
    """The history of the order with the same digits."""


@part
class OrderHistoryEntry:
    """One event of the order."""

    version: Annotated[int, Doc("The order's version after it.")]
    event: Annotated[str, Doc("What kind of event it was: OrderPlaced.")]
    summary: Annotated[str, Doc("What happened, in a sentence.")]
    actor: Annotated[str, Doc("Who did it.")]
    occurred_at: datetime


@document(stream="order", key=OrderId)
class OrderHistory(StreamDocument):
    """The order's audit trail: one entry per event."""

    id: OrderHistoryId
    order_id: OrderId
    entries: Annotated[tuple[OrderHistoryEntry, ...], Doc("The oldest first.")]


ORDER_HISTORIES = Projection(OrderHistory, version=1)


@ORDER_HISTORIES.starts(OrderPlaced)
def started(event: Recorded[OrderPlaced]) -> OrderHistory:
    """The history begins with the order."""
    order_id = OrderId(event.key)
    return OrderHistory(id=OrderHistoryId.of(order_id), order_id=order_id, entries=(_entry(event),))


def continued(history: OrderHistory, event: Recorded[OrderEvent]) -> OrderHistory:
    """One more entry: for every event of the order, whatever it is."""
    return replace(history, entries=(*history.entries, _entry(event)))


for _later in get_args(OrderEvent):
    if _later is not OrderPlaced:
        ORDER_HISTORIES.on(_later)(continued)


def summary(event: OrderEvent) -> str:
    """What happened, with the facts that people look for."""
    match event:
        case OrderPlaced():
            return f"Placed by {event.customer_name}: {_units(event.lines)}; {_total(event.lines)} in all"
        case OrderItemAdded(line=line):
            return f"Added {line.quantity} x {line.name} at {_amount(line.unit_price)} each"
        case OrderItemRemoved(line=line):
            return f"Removed {line.quantity} x {line.name}"
        case OrderItemQuantityChanged(line=line):
            return f"Changed the quantity of {line.name} from {event.previous_quantity} to {line.quantity}"
        case ShippingAddressChanged():
            return f"Changed the shipping address to {_place(event.address)}"
        case OrderPaid():
            reference = f", reference {event.reference}" if event.reference else ""
            return f"Paid {_amount(event.total)} by {_METHODS[event.method]}{reference}"
        case OrderShipped():
            return f"Shipped with {event.carrier}, tracking number {event.tracking_number}"
        case OrderDelivered():
            return "Delivered"
        case OrderCancelled():
            return f"Cancelled: {event.reason}"
        case OrderRefunded():
            when = "after" if event.shipped else "before"
            return f"Refunded {_amount(event.total)} by {_METHODS[event.method]} {when} shipping: {event.reason}"
        case _:
            assert_never(event)


_METHODS = {
    PaymentMethod.CARD: "card",
    PaymentMethod.BANK_TRANSFER: "bank transfer",
    PaymentMethod.WALLET: "store credit",
}


def _entry(event: Recorded[OrderEvent]) -> OrderHistoryEntry:
    return OrderHistoryEntry(
        version=event.version,
        event=type(event.event).__name__,
        summary=summary(event.event),
        actor=event.metadata.actor,
        occurred_at=event.occurred_at,
    )


def _units(lines: tuple[OrderLine, ...]) -> str:
    return ", ".join(f"{line.quantity} x {line.name}" for line in lines)


def _total(lines: tuple[OrderLine, ...]) -> str:
    return _amount(sum((line.total for line in lines[1:]), start=lines[0].total))


def _amount(money: Money) -> str:
    return f"{money.amount:f} {money.currency_code}"


def _place(address: Address) -> str:
    town = f"{address.postcode} {address.city}".strip()
    return ", ".join(part for part in (*address.lines, town, address.country_code) if part)
