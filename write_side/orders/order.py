"""The state of an order, as far as decisions read it."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import reduce
from typing import assert_never

from write_side.kernel.streams import StreamKind
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
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.terms.money import Money

MOST_LINES = 100
"""The most lines that an order may have."""


class Status(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Order:
    """An order. `lines` has one per product, at least one; all in one currency."""

    customer_id: CustomerId
    lines: tuple[OrderLine, ...]
    address: Address
    status: Status = Status.PLACED
    method: PaymentMethod | None = None

    @property
    def total(self) -> Money:
        """What the order costs."""
        return reduce(Money.__add__, (line.total for line in self.lines))

    @property
    def currency_code(self) -> str:
        """The order's currency."""
        return self.lines[0].unit_price.currency_code

    def line_of(self, product_id: ProductId) -> OrderLine | None:
        """The line of a product."""
        return next((line for line in self.lines if line.product_id == product_id), None)


def evolve(order: Order | None, event: OrderEvent) -> Order | None:
    """The order after `event`."""
    if isinstance(event, OrderPlaced):
        return Order(event.customer_id, event.lines, event.shipping_address)
    if order is None:
        raise ValueError("an order's stream begins with its placing")
    match event:
        case OrderItemAdded():
            line = order.line_of(event.line.product_id)
            if line is None:
                return replace(order, lines=(*order.lines, event.line))
            return _with_quantity(order, line, line.quantity + event.line.quantity)
        case OrderItemRemoved():
            kept = tuple(line for line in order.lines if line.product_id != event.line.product_id)
            return replace(order, lines=kept)
        case OrderItemQuantityChanged():
            return _with_quantity(order, event.line, event.line.quantity)
        case ShippingAddressChanged():
            return replace(order, address=event.address)
        case OrderPaid():
            return replace(order, status=Status.PAID, method=event.method)
        case OrderShipped():
            return replace(order, status=Status.SHIPPED)
        case OrderDelivered():
            return replace(order, status=Status.DELIVERED)
        case OrderCancelled():
            return replace(order, status=Status.CANCELLED)
        case OrderRefunded():
            return replace(order, status=Status.REFUNDED)
        case _:
            assert_never(event)


def _with_quantity(order: Order, changed: OrderLine, quantity: int) -> Order:
    return replace(
        order,
        lines=tuple(
            line.model_copy(update={"quantity": quantity}) if line.product_id == changed.product_id else line
            for line in order.lines
        ),
    )


ORDER: StreamKind[Order | None] = StreamKind("order", OrderId, OrderEvent, initial=None, evolve=evolve)
