"""Why an order cannot be changed as a command wants it, and the rule that every status check follows.

An order that must be in one status and is in another is refused with the code that says most: that it has not got so far
(`OrderNotPaid`, `OrderNotShipped`), that it is past it (`OrderAlreadyPaid`, `OrderAlreadyShipped`), or that it is over
(`OrderNotOpen`).
"""

from collections.abc import Mapping

from write_side.kernel.refusals import Refusal
from write_side.orders.order import Order, Status


class OrderNotOpen(Refusal, code="ORDER_NOT_OPEN"):
    """The order is in a status in which it does not change any more in this way."""


class OrderEmpty(Refusal, code="ORDER_EMPTY"):
    """An order has at least one item."""


class ItemNotInOrder(Refusal, code="ITEM_NOT_IN_ORDER"):
    """The order has no item of this product."""


class OrderNotPaid(Refusal, code="ORDER_NOT_PAID"):
    """The order waits for its payment."""


class OrderAlreadyPaid(Refusal, code="ORDER_ALREADY_PAID"):
    """The order is paid."""


class OrderAlreadyShipped(Refusal, code="ORDER_ALREADY_SHIPPED"):
    """The order has left the warehouse."""


class OrderNotShipped(Refusal, code="ORDER_NOT_SHIPPED"):
    """The order has not left the warehouse."""


def check_status(order: Order, *allowed: Status, otherwise: Mapping[Status, type[Refusal]] | None = None) -> None:
    """The order must be in one of `allowed`. Raises what `otherwise` says for its status, else `OrderNotOpen`."""
    if order.status not in allowed:
        refusal = (otherwise or {}).get(order.status, OrderNotOpen)
        raise refusal(f"the order is {order.status}", "orderId")
