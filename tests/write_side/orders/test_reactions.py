"""What becomes of orders by themselves."""

from datetime import timedelta

import pytest

from tests.write_side.shop import ANN, ORDER_ID, ORDER_STREAM, SHOP, in_status, placed, pots, released
from write_side.kernel.refusals import Refusal
from write_side.kernel.scenario import given
from write_side.orders.events import OrderCancelled
from write_side.orders.order import Status
from write_side.orders.payment import CancelOrder
from write_side.orders.reactions import CANCEL_UNPAID
from write_side.orders.refusals import OrderAlreadyPaid, OrderAlreadyShipped, OrderNotOpen

PLACED = placed(pots(2))[0]
CANCEL = CancelOrder(order_id=ORDER_ID, reason="not paid in time")


def test_an_order_that_is_not_paid_in_time_is_cancelled_and_its_units_can_be_sold_again() -> None:
    shop = given(*SHOP, *placed(pots(2)))

    cancelled = OrderCancelled(customer_id=ANN, reason="not paid in time", currency_code="EUR")
    shop.on(CANCEL_UNPAID, *PLACED).sends(CANCEL).then((ORDER_STREAM, cancelled), released(pots(2)))


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (Status.PAID, OrderAlreadyPaid),
        (Status.SHIPPED, OrderAlreadyShipped),
        (Status.DELIVERED, OrderAlreadyShipped),
        (Status.CANCELLED, OrderNotOpen),
        (Status.REFUNDED, OrderNotOpen),
    ],
)
def test_one_that_got_further_refuses(status: Status, reason: type[Refusal]) -> None:
    shop = given(*SHOP, *in_status(status, pots(2)))

    shop.on(CANCEL_UNPAID, *PLACED).sends(CANCEL).refused(reason, "orderId")


def test_it_waits_a_day_unless_it_is_told_otherwise() -> None:
    assert CANCEL_UNPAID.after == timedelta(hours=24)
