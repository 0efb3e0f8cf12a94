"""The order page: what each event makes of it."""

from decimal import Decimal

import pytest

from projections.kernel.errors import MissingDocument
from projections.kernel.scenario import POSITIONS, Scenario, given
from projections.parts import Address, Money, OrderProduct, OrderStatus
from projections.read_models.orders import ORDERS, Cancellation, Order, OrderCustomer, OrderItem, Payment, Shipment
from tests.projections.shop import (
    ADA,
    BERLIN,
    BOB,
    MUG,
    NOON,
    ORDER,
    PARIS,
    POT,
    Log,
    eur,
    mugs,
    order_id,
    paid,
    placed,
    pots,
    refunded,
)
from write_side.customers.events import CustomerEmailChanged, CustomerPhoneChanged, CustomerRenamed
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderShipped,
    PaymentMethod,
    ShippingAddressChanged,
)

SHIPPED = OrderShipped(customer_id=ADA, carrier="DHL", tracking_number="T-1")


def placed_order(log: Log) -> Scenario[Order]:
    return given(ORDERS, log.order(placed(mugs(2), pots(1)), at=NOON))


def test_placed() -> None:
    log = Log()
    assert placed_order(log).document(ORDER) == Order(
        id=ORDER,
        version=1,
        position=POSITIONS.token(log.events[0].position),
        status=OrderStatus.PLACED,
        customer=OrderCustomer(customer_id=ADA, name="Ada Lovelace", email="Ada@example.org"),
        items=(
            OrderItem(
                product=OrderProduct(product_id=MUG, sku="MUG-1", name="Blue mug"),
                quantity=2,
                unit_price=Money.of(eur("12.40")),
                line_total=Money.of(eur("24.80")),
            ),
            OrderItem(
                product=OrderProduct(product_id=POT, sku="POT-1", name="Tea pot"),
                quantity=1,
                unit_price=Money.of(eur("30.00")),
                line_total=Money.of(eur("30.00")),
            ),
        ),
        item_count=3,
        total=Money.of(eur("54.80")),
        shipping_address=Address.of(BERLIN),
        placed_at=NOON,
        updated_at=NOON,
    )


def test_a_new_product_is_a_new_line() -> None:
    log = Log()
    before = given(ORDERS, log.order(placed(mugs(2))))
    event = log.order(OrderItemAdded(customer_id=ADA, line=pots(3)))

    order = before.when(event).document(ORDER)

    assert [(item.product.product_id, item.quantity) for item in order.items] == [(MUG, 2), (POT, 3)]
    assert (order.item_count, order.total) == (5, Money.of(eur("114.80")))
    assert (order.version, order.updated_at) == (2, event.occurred_at)


def test_more_of_a_product_raises_its_line() -> None:
    log = Log()
    order = placed_order(log).when(log.order(OrderItemAdded(customer_id=ADA, line=mugs(3)))).document(ORDER)
    assert [(item.quantity, item.line_total.amount) for item in order.items] == [
        (5, Decimal("62.00")),
        (1, Decimal("30.00")),
    ]
    assert (order.item_count, order.total) == (6, Money.of(eur("92.00")))


def test_a_line_removed() -> None:
    log = Log()
    event = OrderItemRemoved(customer_id=ADA, line=mugs(2))
    order = placed_order(log).when(log.order(event)).document(ORDER)
    assert [item.product.product_id for item in order.items] == [POT]
    assert (order.item_count, order.total) == (1, Money.of(eur("30.00")))


def test_another_quantity() -> None:
    log = Log()
    event = OrderItemQuantityChanged(customer_id=ADA, line=mugs(1), previous_quantity=2)
    order = placed_order(log).when(log.order(event)).document(ORDER)
    assert [(item.quantity, item.line_total.amount) for item in order.items] == [
        (1, Decimal("12.40")),
        (1, Decimal("30.00")),
    ]
    assert (order.item_count, order.total) == (2, Money.of(eur("42.40")))


def test_another_address() -> None:
    log = Log()
    before = placed_order(log)
    event = log.order(ShippingAddressChanged(address=PARIS))
    order = before.when(event).document(ORDER)
    assert order.shipping_address == Address.of(PARIS)
    assert order.updated_at == event.occurred_at


def test_paid() -> None:
    log = Log()
    before = placed_order(log)
    event = log.order(paid(mugs(2), pots(1), method=PaymentMethod.WALLET))
    order = before.when(event).document(ORDER)
    assert order.status is OrderStatus.PAID
    assert order.payment == Payment(
        method=PaymentMethod.WALLET, reference="R-7", amount=Money.of(eur("54.80")), paid_at=event.occurred_at
    )
    assert order.updated_at == event.occurred_at


def test_shipped_and_delivered() -> None:
    log = Log()
    before = placed_order(log).when(log.order(paid(mugs(2), pots(1))))
    leaving = log.order(SHIPPED)

    order = before.when(leaving).document(ORDER)
    assert order.status is OrderStatus.SHIPPED
    assert order.shipment == Shipment(carrier="DHL", tracking_number="T-1", shipped_at=leaving.occurred_at)

    arriving = log.order(OrderDelivered(customer_id=ADA))
    order = before.when(leaving, arriving).document(ORDER)
    assert order.status is OrderStatus.DELIVERED
    assert order.shipment == Shipment(
        carrier="DHL", tracking_number="T-1", shipped_at=leaving.occurred_at, delivered_at=arriving.occurred_at
    )


def test_cancelled() -> None:
    log = Log()
    before = placed_order(log)
    event = log.order(OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR"))
    order = before.when(event).document(ORDER)
    assert order.status is OrderStatus.CANCELLED
    assert order.cancellation == Cancellation(reason="too late", cancelled_at=event.occurred_at)


def test_refunded() -> None:
    log = Log()
    before = placed_order(log).when(log.order(paid(mugs(2), pots(1))))
    event = log.order(refunded(mugs(2), pots(1)))
    order = before.when(event).document(ORDER)
    assert order.status is OrderStatus.REFUNDED
    assert order.payment is not None
    assert (order.payment.refunded_at, order.payment.refund_reason) == (event.occurred_at, "broken")
    assert order.payment.amount == Money.of(eur("54.80"))


def test_a_customers_name_and_email_reach_all_of_their_orders_and_no_others() -> None:
    log = Log()
    first, second, bobs = order_id(1), order_id(2), order_id(3)
    before = given(
        ORDERS,
        log.order(placed(mugs(1)), first),
        log.order(placed(mugs(1)), second),
        log.order(placed(mugs(1), customer=BOB), bobs),
    )

    after = before.when(
        log.customer(CustomerRenamed(name="Ada King")),
        log.customer(CustomerEmailChanged(email="king@example.org")),
        log.customer(CustomerPhoneChanged(phone="030")),
    )

    for key in (first, second):
        assert after.document(key).customer == OrderCustomer(customer_id=ADA, name="Ada King", email="king@example.org")
        assert after.document(key).version == 1, "the order's own stream has not moved"
        assert after.document(key).position == POSITIONS.token(log.events[4].position)
    assert after.document(bobs) == before.document(bobs)


def test_an_order_that_was_never_placed() -> None:
    with pytest.raises(MissingDocument):
        given(ORDERS, Log().order(SHIPPED))
