"""Deciding on an order's way to the customer."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import (
    ANN,
    ORDER_ID,
    ORDER_STREAM,
    PARIS,
    POT,
    SHOP,
    TO_PARIS,
    cups,
    discontinued,
    gone,
    in_status,
    paid,
    placed,
    pots,
    shipped,
)
from write_side.kernel.scenario import given
from write_side.orders.events import OrderDelivered, OrderPaid, OrderShipped, PaymentMethod, ShippingAddressChanged
from write_side.orders.fulfilment import ChangeShippingAddress, ConfirmDelivery, ShipOrder
from write_side.orders.order import Status
from write_side.orders.payment import PayOrder
from write_side.orders.refusals import OrderAlreadyShipped
from write_side.stock.stock import STOCK, Stock

TO = ChangeShippingAddress(order_id=ORDER_ID, address=TO_PARIS)
SHIP = ShipOrder(order_id=ORDER_ID, carrier="DHL", tracking_number="JD1")


@pytest.mark.parametrize("status", [Status.PLACED, Status.PAID])
def test_an_order_that_has_not_left_goes_elsewhere(status: Status) -> None:
    shop = given(*SHOP, *in_status(status, pots(1))).when(TO).then((ORDER_STREAM, ShippingAddressChanged(address=PARIS)))

    shop.when(TO).nothing()


def test_a_payment_carries_the_address_by_then() -> None:
    shop = given(*SHOP, *placed(pots(1))).when(TO).after

    event = shop.when(PayOrder(order_id=ORDER_ID, method=PaymentMethod.CARD)).events[0][1]

    assert isinstance(event, OrderPaid)
    assert event.shipping_address == PARIS


def test_an_order_that_has_left_does_not_go_to_where_it_goes_either() -> None:
    shop = given(*SHOP, *paid(pots(1))).when(TO).after.when(SHIP).after

    shop.when(TO).refused(OrderAlreadyShipped, "orderId")


def test_shipped_units_leave_the_shelf() -> None:
    shop = (
        given(*SHOP, *paid(pots(2), cups(6)))
        .when(SHIP)
        .then(
            (ORDER_STREAM, OrderShipped(customer_id=ANN, carrier="DHL", tracking_number="JD1")),
            gone(pots(2)),
            gone(cups(6)),
        )
    )

    assert shop.state(STOCK.of(POT)) == Stock(on_hand=8, reserved=0)


def test_a_discontinued_product_is_shipped_still() -> None:
    given(*SHOP, *paid(pots(2)), discontinued(POT)).when(SHIP).then(
        (ORDER_STREAM, OrderShipped(customer_id=ANN, carrier="DHL", tracking_number="JD1")), gone(pots(2))
    )


def test_an_order_arrives() -> None:
    shop = (
        given(*SHOP, *shipped(pots(2)))
        .when(ConfirmDelivery(order_id=ORDER_ID))
        .then((ORDER_STREAM, OrderDelivered(customer_id=ANN)))
    )

    order = shop.state(ORDER_STREAM)
    assert order is not None
    assert order.status is Status.DELIVERED


@pytest.mark.parametrize("field", ["carrier", "trackingNumber"])
def test_a_shipment_can_be_traced(field: str) -> None:
    given_input = {"orderId": ORDER_ID, "carrier": "DHL", "trackingNumber": "JD1", field: " "}
    with pytest.raises(ValidationError) as refused:
        ShipOrder.model_validate(given_input)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]
