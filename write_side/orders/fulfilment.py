"""Getting an order to the customer: where it goes, that it left, that it arrived."""

from collections.abc import Iterable
from typing import Any

from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.streams import Loaded, Stream
from write_side.orders.events import OrderDelivered, OrderShipped, ShippingAddressChanged
from write_side.orders.order import ORDER, Status
from write_side.orders.refusals import OrderAlreadyShipped, OrderNotPaid, OrderNotShipped, check_status
from write_side.orders.reservations import shipped, stock_of_order
from write_side.terms.address import AddressInput
from write_side.terms.ids import OrderId
from write_side.terms.text import Name, Reference

GONE = dict.fromkeys((Status.SHIPPED, Status.DELIVERED), OrderAlreadyShipped)


class ChangeShippingAddress(Command, target=ORDER):
    """Send an order elsewhere, as long as it has not left."""

    order_id: OrderId
    address: AddressInput

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        check_status(order, Status.PLACED, Status.PAID, otherwise=GONE)
        address = self.address.value
        return [] if address == order.address else [(self.target, ShippingAddressChanged(address=address))]


class ShipOrder(Command, target=ORDER):
    """Note that a paid order has left the warehouse: its units leave the shelf."""

    order_id: OrderId
    carrier: Name
    tracking_number: Reference

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return stock_of_order(loaded, self.order_id)

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        check_status(order, Status.PAID, otherwise={Status.PLACED: OrderNotPaid, **GONE})
        event = OrderShipped(customer_id=order.customer_id, carrier=self.carrier, tracking_number=self.tracking_number)
        return [(self.target, event), *shipped(self.order_id, order.lines)]


class ConfirmDelivery(Command, target=ORDER):
    """Note that an order has arrived."""

    order_id: OrderId

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        check_status(order, Status.SHIPPED, otherwise=dict.fromkeys(Status, OrderNotShipped))
        return [(self.target, OrderDelivered(customer_id=order.customer_id))]
