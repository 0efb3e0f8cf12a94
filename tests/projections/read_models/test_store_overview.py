"""The whole shop at a glance."""

from projections.kernel.scenario import OPENED, POSITIONS, given
from projections.parts import Money
from projections.read_models.store_overview import SHOP, STORE_OVERVIEW, StoreOverview
from tests.projections.shop import (
    ADA,
    BOB,
    Log,
    eur,
    jpy,
    mug_added,
    mugs,
    order_id,
    paid,
    placed,
    pots,
    refunded,
    registered,
)
from write_side.catalogue.events import ProductDiscontinued
from write_side.customers.events import CustomerRenamed
from write_side.kernel.events import Event
from write_side.kernel.positions import START
from write_side.orders.events import OrderCancelled, OrderDelivered, OrderShipped


def test_there_from_the_beginning_all_zero() -> None:
    assert given(STORE_OVERVIEW).document(SHOP) == StoreOverview(
        id=SHOP,
        position=POSITIONS.token(START),
        customers=0,
        products=0,
        orders_placed=0,
        orders_paid=0,
        orders_shipped=0,
        orders_delivered=0,
        orders_cancelled=0,
        orders_refunded=0,
        revenue=(),
        updated_at=OPENED,
    )


def test_customers_and_products() -> None:
    log = Log()
    scenario = given(
        STORE_OVERVIEW,
        log.customer(registered()),
        log.customer(registered(BOB), BOB),
        log.product(mug_added()),
        log.product(ProductDiscontinued(reason="breaks")),
        log.customer(CustomerRenamed(name="Ada King")),
    )
    shop = scenario.document(SHOP)
    assert (shop.customers, shop.products) == (2, 1)
    assert shop.updated_at == log.events[2].occurred_at, "what it does not count does not touch it"
    assert shop.position == POSITIONS.token(log.events[2].position)


def test_each_event_of_an_order_is_counted() -> None:
    log = Log()
    shop = given(STORE_OVERVIEW)
    steps: list[tuple[Event, str]] = [
        (placed(mugs(2)), "orders_placed"),
        (paid(mugs(2)), "orders_paid"),
        (OrderShipped(customer_id=ADA, carrier="DHL", tracking_number="T-1"), "orders_shipped"),
        (OrderDelivered(customer_id=ADA), "orders_delivered"),
        (refunded(mugs(2), shipped=True), "orders_refunded"),
        (OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR"), "orders_cancelled"),
    ]
    counted = dict.fromkeys((counter for _, counter in steps), 0)
    for what, counter in steps:
        event = log.order(what)
        shop = shop.when(event)
        counted[counter] += 1
        assert {name: getattr(shop.document(SHOP), name) for name in counted} == counted
        assert shop.document(SHOP).updated_at == event.occurred_at


def test_revenue_is_paid_less_refunded_per_currency() -> None:
    log = Log()
    yens = mugs(1).model_copy(update={"unit_price": jpy("900")})
    rich = given(
        STORE_OVERVIEW,
        log.order(paid(mugs(1))),
        log.order(paid(pots(1)), order_id(2)),
        log.order(paid(yens), order_id(3)),
    )
    assert rich.document(SHOP).revenue == (Money.of(eur("42.40")), Money.of(jpy("900")))

    poorer = rich.when(log.order(refunded(mugs(1))), log.order(refunded(yens), order_id(3))).document(SHOP)
    assert poorer.revenue == (Money.of(eur("30.00")),)
    assert (poorer.orders_paid, poorer.orders_refunded) == (3, 2)
