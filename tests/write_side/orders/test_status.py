"""What an order allows in each status: every command in every status, against the rules of the shop as a table."""

import pytest

from tests.write_side.shop import ANN, CUP, ORDER_ID, ORDER_STREAM, POT, SHOP, TO_PARIS, credited, cups, in_status, pots
from write_side.kernel.commands import Command
from write_side.kernel.refusals import NotFound
from write_side.kernel.scenario import given
from write_side.orders.events import OrderDelivered, PaymentMethod
from write_side.orders.fulfilment import ChangeShippingAddress, ConfirmDelivery, ShipOrder
from write_side.orders.items import AddOrderItem, ChangeOrderItemQuantity, RemoveOrderItem
from write_side.orders.order import Status
from write_side.orders.payment import CancelOrder, PayOrder, RefundOrder

ALLOWED = ""
RULES: dict[str, tuple[str, ...]] = {
    # PLACED, PAID, SHIPPED, DELIVERED, CANCELLED, REFUNDED
    "add": (ALLOWED, *["ORDER_NOT_OPEN"] * 5),
    "remove": (ALLOWED, *["ORDER_NOT_OPEN"] * 5),
    "change": (ALLOWED, *["ORDER_NOT_OPEN"] * 5),
    "pay": (ALLOWED, *["ORDER_ALREADY_PAID"] * 3, *["ORDER_NOT_OPEN"] * 2),
    "pay by wallet": (ALLOWED, *["ORDER_ALREADY_PAID"] * 3, *["ORDER_NOT_OPEN"] * 2),
    "address": (ALLOWED, ALLOWED, *["ORDER_ALREADY_SHIPPED"] * 2, *["ORDER_NOT_OPEN"] * 2),
    "ship": ("ORDER_NOT_PAID", ALLOWED, *["ORDER_ALREADY_SHIPPED"] * 2, *["ORDER_NOT_OPEN"] * 2),
    "deliver": (*["ORDER_NOT_SHIPPED"] * 2, ALLOWED, *["ORDER_NOT_SHIPPED"] * 3),
    "cancel": (ALLOWED, "ORDER_ALREADY_PAID", *["ORDER_ALREADY_SHIPPED"] * 2, *["ORDER_NOT_OPEN"] * 2),
    "refund": ("ORDER_NOT_PAID", ALLOWED, ALLOWED, ALLOWED, *["ORDER_NOT_OPEN"] * 2),
}
COMMANDS: dict[str, Command] = {
    "add": AddOrderItem(order_id=ORDER_ID, product_id=POT, quantity=1),
    "remove": RemoveOrderItem(order_id=ORDER_ID, product_id=CUP),
    "change": ChangeOrderItemQuantity(order_id=ORDER_ID, product_id=POT, quantity=1),
    "pay": PayOrder(order_id=ORDER_ID, method=PaymentMethod.CARD),
    "pay by wallet": PayOrder(order_id=ORDER_ID, method=PaymentMethod.WALLET),
    "address": ChangeShippingAddress(order_id=ORDER_ID, address=TO_PARIS),
    "ship": ShipOrder(order_id=ORDER_ID, carrier="DHL", tracking_number="JD1"),
    "deliver": ConfirmDelivery(order_id=ORDER_ID),
    "cancel": CancelOrder(order_id=ORDER_ID, reason="no need"),
    "refund": RefundOrder(order_id=ORDER_ID, reason="late"),
}


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("name", COMMANDS)
def test_an_order_allows_a_command_or_says_why_not(name: str, status: Status) -> None:
    expected = RULES[name][list(Status).index(status)]

    outcome = given(*SHOP, credited("1000.00"), *in_status(status, pots(2), cups(3))).when(COMMANDS[name])

    if expected == ALLOWED:
        assert outcome.refusal is None
        assert outcome.events[0][0] == ORDER_STREAM
    else:
        assert outcome.refusal is not None
        assert (outcome.refusal.code, outcome.refusal.path) == (expected, ("orderId",))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_order_must_exist(name: str) -> None:
    given(*SHOP).when(COMMANDS[name]).refused(NotFound, "orderId")


def test_a_stream_does_not_begin_with_a_change() -> None:
    with pytest.raises(ValueError, match="begins with its placing"):
        given((ORDER_STREAM, OrderDelivered(customer_id=ANN)))
