"""Paying an order, giving it up before, and giving the money back after."""

from collections.abc import Iterable
from typing import Any

from write_side.customers.customer import CUSTOMER
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.events import Event
from write_side.kernel.streams import Loaded, Stream
from write_side.orders.events import OrderCancelled, OrderPaid, OrderRefunded, PaymentMethod
from write_side.orders.order import ORDER, Status
from write_side.orders.refusals import OrderAlreadyPaid, OrderAlreadyShipped, OrderNotPaid, check_status
from write_side.orders.reservations import released, stock_of_order
from write_side.terms.ids import OrderId
from write_side.terms.text import Reason, Reference
from write_side.wallets.events import WalletCredited, WalletDebited
from write_side.wallets.refusals import check_debit
from write_side.wallets.wallet import WALLET


class PayOrder(Command, target=ORDER):
    """Note that an order is paid in full. WALLET takes it from the customer's store credit in the same append."""

    order_id: OrderId
    method: PaymentMethod
    reference: Reference | None = None

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        order = loaded.get(ORDER.of(self.order_id))
        if order is None:
            return []
        customer = CUSTOMER.of(order.customer_id)
        return [customer, WALLET.of(order.customer_id)] if self.method is PaymentMethod.WALLET else [customer]

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        paid_before = dict.fromkeys((Status.PAID, Status.SHIPPED, Status.DELIVERED), OrderAlreadyPaid)
        check_status(order, Status.PLACED, otherwise=paid_before)
        paid = OrderPaid(
            customer_id=order.customer_id,
            recipient=existing(loaded, CUSTOMER.of(order.customer_id)).name,
            lines=order.lines,
            total=order.total,
            shipping_address=order.address,
            method=self.method,
            reference=self.reference,
        )
        events: list[tuple[Stream[Any], Event]] = [(self.target, paid)]
        if self.method is PaymentMethod.WALLET:
            wallet = WALLET.of(order.customer_id)
            check_debit(loaded[wallet], order.total, "method")
            debited = WalletDebited(amount=order.total, reason="order paid", order_id=self.order_id)
            events.append((wallet, debited))
        return events


class CancelOrder(Command, target=ORDER):
    """Give an order up before it is paid. Its units can be sold again."""

    order_id: OrderId
    reason: Reason

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return stock_of_order(loaded, self.order_id)

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        check_status(
            order,
            Status.PLACED,
            otherwise={
                Status.PAID: OrderAlreadyPaid,
                Status.SHIPPED: OrderAlreadyShipped,
                Status.DELIVERED: OrderAlreadyShipped,
            },
        )
        cancelled = OrderCancelled(customer_id=order.customer_id, reason=self.reason, currency_code=order.currency_code)
        return [(self.target, cancelled), *released(self.order_id, order.lines)]


class RefundOrder(Command, target=ORDER):
    """Give the money of a paid order back: to the wallet when it came from there. Units that are not shipped are free."""

    order_id: OrderId
    reason: Reason

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        order = loaded.get(ORDER.of(self.order_id))
        if order is None:
            return []
        wallet = [WALLET.of(order.customer_id)] if order.method is PaymentMethod.WALLET else []
        return [*wallet, *stock_of_order(loaded, self.order_id)]

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        paid = (Status.PAID, Status.SHIPPED, Status.DELIVERED)
        check_status(order, *paid, otherwise={Status.PLACED: OrderNotPaid})
        if order.method is None:
            raise ValueError("a paid order knows how it was paid")
        was_shipped = order.status is not Status.PAID
        refunded = OrderRefunded(
            customer_id=order.customer_id,
            reason=self.reason,
            lines=order.lines,
            total=order.total,
            method=order.method,
            shipped=was_shipped,
        )
        events: list[tuple[Stream[Any], Event]] = [(self.target, refunded)]
        if order.method is PaymentMethod.WALLET:
            credited = WalletCredited(amount=order.total, reason=self.reason, order_id=self.order_id)
            events.append((WALLET.of(order.customer_id), credited))
        return events if was_shipped else [*events, *released(self.order_id, order.lines)]
