"""The order's audit trail."""

import pytest

from projections.kernel.scenario import POSITIONS, given
from projections.read_models.order_histories import (
    ORDER_HISTORIES,
    OrderHistory,
    OrderHistoryEntry,
    OrderHistoryId,
    summary,
)
from tests.projections.shop import ADA, BERLIN, NOON, ORDER, PARIS, Log, eur, mugs, paid, placed, pots, refunded
from write_side.customers.events import CustomerRenamed
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderEvent,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderPaid,
    OrderShipped,
    PaymentMethod,
    ShippingAddressChanged,
)

SHIPPED = OrderShipped(customer_id=ADA, carrier="DHL", tracking_number="T-1")


def test_a_history_begins_with_its_order() -> None:
    log = Log()
    history = given(ORDER_HISTORIES, log.order(placed(mugs(2)), at=NOON)).document(OrderHistoryId.of(ORDER))
    assert history == OrderHistory(
        id=OrderHistoryId.of(ORDER),
        order_id=ORDER,
        version=1,
        position=POSITIONS.token(log.events[0].position),
        entries=(
            OrderHistoryEntry(
                version=1,
                event="OrderPlaced",
                summary="Placed by Ada Lovelace: 2 x Blue mug; 24.80 EUR in all",
                actor="someone",
                occurred_at=NOON,
            ),
        ),
    )


def test_every_event_of_the_order_is_one_entry_in_its_place() -> None:
    log = Log()
    log.order(placed(mugs(2)))
    log.order(OrderItemAdded(customer_id=ADA, line=pots(1)))
    log.order(OrderItemQuantityChanged(customer_id=ADA, line=mugs(3), previous_quantity=2))
    log.order(OrderItemRemoved(customer_id=ADA, line=mugs(3)))
    log.order(ShippingAddressChanged(address=PARIS))
    log.order(paid(pots(1)))
    log.recorder.record("order", ORDER, SHIPPED, actor="the warehouse")
    log.order(OrderDelivered(customer_id=ADA))
    log.order(refunded(pots(1), shipped=True))

    history = given(ORDER_HISTORIES, *log.events).document(OrderHistoryId.of(ORDER))

    assert [entry.event for entry in history.entries] == [
        "OrderPlaced",
        "OrderItemAdded",
        "OrderItemQuantityChanged",
        "OrderItemRemoved",
        "ShippingAddressChanged",
        "OrderPaid",
        "OrderShipped",
        "OrderDelivered",
        "OrderRefunded",
    ]
    assert [entry.version for entry in history.entries] == list(range(1, 10))
    assert [entry.occurred_at for entry in history.entries] == [event.occurred_at for event in log.events]
    assert {entry.actor for entry in history.entries} == {"someone", "the warehouse"}
    assert history.entries[6].actor == "the warehouse"
    assert history.version == 9


def test_a_cancelled_order() -> None:
    log = Log()
    cancelled = OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR")
    scenario = given(ORDER_HISTORIES, log.order(placed(mugs(2))), log.order(cancelled))
    assert scenario.document(OrderHistoryId.of(ORDER)).entries[-1].event == "OrderCancelled"


def test_what_happens_to_the_customer_is_not_the_orders() -> None:
    log = Log()
    before = given(ORDER_HISTORIES, log.order(placed(mugs(2))))
    assert before.when(log.customer(CustomerRenamed(name="Ada King"))) == before


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (placed(mugs(2), pots(1)), "Placed by Ada Lovelace: 2 x Blue mug, 1 x Tea pot; 54.80 EUR in all"),
        (OrderItemAdded(customer_id=ADA, line=mugs(2)), "Added 2 x Blue mug at 12.40 EUR each"),
        (OrderItemRemoved(customer_id=ADA, line=mugs(2)), "Removed 2 x Blue mug"),
        (
            OrderItemQuantityChanged(customer_id=ADA, line=mugs(5), previous_quantity=2),
            "Changed the quantity of Blue mug from 2 to 5",
        ),
        (
            ShippingAddressChanged(address=PARIS),
            "Changed the shipping address to 2 rue de la Paix, 3e, 75002 Paris, FR",
        ),
        (
            ShippingAddressChanged(address=BERLIN.model_copy(update={"postcode": ""})),
            "Changed the shipping address to Hauptstr. 1, Berlin, DE",
        ),
        (paid(mugs(2)), "Paid 24.80 EUR by card, reference R-7"),
        (
            OrderPaid(
                customer_id=ADA,
                recipient="Ada Lovelace",
                lines=(mugs(1),),
                total=eur("12.40"),
                shipping_address=BERLIN,
                method=PaymentMethod.WALLET,
            ),
            "Paid 12.40 EUR by store credit",
        ),
        (paid(mugs(1), method=PaymentMethod.BANK_TRANSFER), "Paid 12.40 EUR by bank transfer, reference R-7"),
        (SHIPPED, "Shipped with DHL, tracking number T-1"),
        (OrderDelivered(customer_id=ADA), "Delivered"),
        (OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR"), "Cancelled: too late"),
        (refunded(mugs(2)), "Refunded 24.80 EUR by card before shipping: broken"),
        (refunded(mugs(2), shipped=True), "Refunded 24.80 EUR by card after shipping: broken"),
    ],
)
def test_summaries(event: OrderEvent, expected: str) -> None:
    assert summary(event) == expected
