"""Changing the items of an order while it waits for its payment. Reservations follow."""

from collections.abc import Iterable
from typing import Any

from write_side.catalogue.product import PRODUCT, check_active
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.refusals import InvalidInput
from write_side.kernel.streams import Loaded, Stream
from write_side.orders.events import OrderItemAdded, OrderItemQuantityChanged, OrderItemRemoved, OrderLine
from write_side.orders.order import MOST_LINES, ORDER, Order, Status
from write_side.orders.refusals import ItemNotInOrder, OrderEmpty, check_status
from write_side.orders.reservations import released, reserved
from write_side.stock.stock import STOCK, check_available
from write_side.terms.ids import OrderId, ProductId
from write_side.terms.quantity import MOST, Quantity
from write_side.wallets.refusals import CurrencyMismatch


class AddOrderItem(Command, target=ORDER):
    """Add units of a product to an order that is not paid yet, at the price of its line if it has one."""

    order_id: OrderId
    product_id: ProductId
    quantity: Quantity

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id), STOCK.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_status(order, Status.PLACED)
        check_active(product, "productId")
        before = order.line_of(self.product_id)
        price = product.price if before is None else before.unit_price
        if price.currency_code != order.currency_code:
            raise CurrencyMismatch(f"the order is in {order.currency_code}", "productId")
        if before is None and len(order.lines) == MOST_LINES:
            raise InvalidInput(f"an order has at most {MOST_LINES} lines", "productId")
        if before is not None and before.quantity + self.quantity > MOST:
            raise InvalidInput(f"at most {MOST} of one product", "quantity")
        check_available(loaded[STOCK.of(self.product_id)], self.quantity, product.name, "quantity")
        line = before or OrderLine(
            product_id=self.product_id, sku=product.sku, name=product.name, quantity=0, unit_price=price
        )
        added = line.model_copy(update={"quantity": self.quantity})
        event = OrderItemAdded(customer_id=order.customer_id, line=added)
        return [(self.target, event), *reserved(self.order_id, [added])]


class RemoveOrderItem(Command, target=ORDER):
    """Take a product out of an order that is not paid yet. The last one cannot be: cancel the order instead."""

    order_id: OrderId
    product_id: ProductId

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id), STOCK.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_status(order, Status.PLACED)
        line = _line(order, self.product_id)
        if len(order.lines) == 1:
            raise OrderEmpty("the last item cannot be removed: cancel the order", "productId")
        return [
            (self.target, OrderItemRemoved(customer_id=order.customer_id, line=line)),
            *released(self.order_id, [line]),
        ]


class ChangeOrderItemQuantity(Command, target=ORDER):
    """Order more or fewer units of a product in an order that is not paid yet."""

    order_id: OrderId
    product_id: ProductId
    quantity: Quantity

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id), STOCK.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        order = existing(loaded, ORDER.of(self.order_id), "orderId")
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_status(order, Status.PLACED)
        line = _line(order, self.product_id)
        more = self.quantity - line.quantity
        if more == 0:
            return []
        changed = OrderItemQuantityChanged(
            customer_id=order.customer_id,
            line=line.model_copy(update={"quantity": self.quantity}),
            previous_quantity=line.quantity,
        )
        difference = line.model_copy(update={"quantity": abs(more)})
        if more < 0:
            return [(self.target, changed), *released(self.order_id, [difference])]
        check_active(product, "productId")
        check_available(loaded[STOCK.of(self.product_id)], more, line.name, "quantity")
        return [(self.target, changed), *reserved(self.order_id, [difference])]


def _line(order: Order, product_id: ProductId) -> OrderLine:
    line = order.line_of(product_id)
    if line is None:
        raise ItemNotInOrder("the order has no item of this product", "productId")
    return line
