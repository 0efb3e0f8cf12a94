"""The customer page."""

from datetime import timedelta

from projections.kernel.scenario import POSITIONS, Scenario, given
from projections.parts import Address, Money, OrderStatus
from projections.read_models.customers import CUSTOMERS, RECENT, Customer, CustomerOrder
from tests.projections.shop import (
    ADA,
    BERLIN,
    BOB,
    LATER,
    NOON,
    ORDER,
    PARIS,
    Log,
    eur,
    jpy,
    mugs,
    order_id,
    paid,
    placed,
    pots,
    refunded,
    registered,
)
from write_side.customers.events import (
    CustomerAddressChanged,
    CustomerEmailChanged,
    CustomerPhoneChanged,
    CustomerRegistered,
    CustomerRenamed,
)
from write_side.kernel.events import Event
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderItemAdded,
    OrderItemQuantityChanged,
    OrderItemRemoved,
    OrderShipped,
)
from write_side.wallets.events import WalletCredited, WalletDebited

SHIPPED = OrderShipped(customer_id=ADA, carrier="DHL", tracking_number="T-1")


def ada(log: Log) -> Scenario[Customer]:
    return given(CUSTOMERS, log.customer(registered(), at=NOON))


def test_registered() -> None:
    log = Log()
    assert ada(log).document(ADA) == Customer(
        id=ADA,
        version=1,
        position=POSITIONS.token(log.events[0].position),
        name="Ada Lovelace",
        email="Ada@example.org",
        phone=None,
        address=Address.of(BERLIN),
        wallet_balance=None,
        wallet_version=0,
        order_count=0,
        lifetime_value=(),
        recent_orders=(),
        registered_at=NOON,
        updated_at=NOON,
    )


def test_registered_with_a_phone_and_no_address() -> None:
    event = CustomerRegistered(name="Bob", email="bob@example.org", phone="030 1")
    bob = given(CUSTOMERS, Log().customer(event, BOB)).document(BOB)
    assert (bob.phone, bob.address) == ("030 1", None)


def test_each_change_of_the_customer_shows() -> None:
    log = Log()
    before = ada(log)
    events = [
        log.customer(CustomerRenamed(name="Ada King")),
        log.customer(CustomerEmailChanged(email="king@example.org")),
        log.customer(CustomerPhoneChanged(phone="030 2")),
        log.customer(CustomerAddressChanged(address=PARIS)),
    ]
    customer = before.when(*events).document(ADA)
    assert (customer.name, customer.email, customer.phone) == ("Ada King", "king@example.org", "030 2")
    assert customer.address == Address.of(PARIS)
    assert (customer.version, customer.registered_at) == (5, NOON)
    for count in range(1, 5):
        assert before.when(*events[:count]).document(ADA).updated_at == events[count - 1].occurred_at

    cleared = before.when(*events, log.customer(CustomerPhoneChanged(phone=None)))
    assert cleared.document(ADA).phone is None


def test_the_wallet_has_a_version_of_its_own() -> None:
    log = Log()
    credited = ada(log).when(log.wallet(WalletCredited(amount=eur("50.00"), reason="welcome")))
    assert credited.document(ADA).wallet_balance == Money.of(eur("50.00"))
    assert (credited.document(ADA).version, credited.document(ADA).wallet_version) == (1, 1)

    event = log.wallet(WalletDebited(amount=eur("50.00"), reason="order", order_id=ORDER))
    spent = credited.when(event).document(ADA)
    assert spent.wallet_balance == Money.of(eur("0.00")), "empty, which is not the same as never credited"
    assert (spent.version, spent.wallet_version, spent.updated_at) == (1, 2, event.occurred_at)


def test_an_order_placed() -> None:
    log = Log()
    before = ada(log)
    event = log.order(placed(mugs(2), pots(1)), at=LATER)

    customer = before.when(event).document(ADA)

    assert customer.order_count == 1
    assert customer.recent_orders == (
        CustomerOrder(
            order_id=ORDER,
            status=OrderStatus.PLACED,
            item_count=3,
            total=Money.of(eur("54.80")),
            placed_at=LATER,
        ),
    )
    assert (customer.version, customer.updated_at) == (1, LATER)
    assert customer.position == POSITIONS.token(event.position)


def test_an_order_is_of_its_customer_only() -> None:
    log = Log()
    before = ada(log).when(log.customer(registered(BOB), BOB))
    after = before.when(log.order(placed(mugs(1), customer=BOB)))
    assert after.document(ADA) == before.document(ADA)
    assert after.document(BOB).order_count == 1


def test_items_and_total_of_a_recent_order_stay_current() -> None:
    log = Log()
    shopper = ada(log).when(log.order(placed(mugs(2))))
    steps: list[tuple[Event, int, str]] = [
        (OrderItemAdded(customer_id=ADA, line=pots(2)), 4, "84.80"),
        (OrderItemQuantityChanged(customer_id=ADA, line=mugs(5), previous_quantity=2), 7, "122.00"),
        (OrderItemQuantityChanged(customer_id=ADA, line=mugs(1), previous_quantity=5), 3, "72.40"),
        (OrderItemRemoved(customer_id=ADA, line=mugs(1)), 2, "60.00"),
    ]
    for what, units, amount in steps:
        event = log.order(what)
        shopper = shopper.when(event)
        order = shopper.document(ADA).recent_orders[0]
        assert (order.item_count, order.total) == (units, Money.of(eur(amount)))
        assert shopper.document(ADA).updated_at == event.occurred_at


def test_the_status_of_a_recent_order_stays_current() -> None:
    log = Log()
    shopper = ada(log).when(log.order(placed(mugs(1))), log.order(placed(mugs(1)), order_id(2)))
    steps: list[tuple[Event, OrderStatus]] = [
        (paid(mugs(1)), OrderStatus.PAID),
        (SHIPPED, OrderStatus.SHIPPED),
        (OrderDelivered(customer_id=ADA), OrderStatus.DELIVERED),
        (refunded(mugs(1), shipped=True), OrderStatus.REFUNDED),
    ]
    for what, status in steps:
        event = log.order(what)
        shopper = shopper.when(event)
        assert [order.status for order in shopper.document(ADA).recent_orders] == [OrderStatus.PLACED, status]
        assert shopper.document(ADA).updated_at == event.occurred_at

    cancelled = OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR")
    after = shopper.when(log.order(cancelled, order_id(2)))
    assert after.document(ADA).recent_orders[0].status is OrderStatus.CANCELLED
    assert after.document(ADA).order_count == 2, "orders ever placed"


def test_lifetime_value_is_what_was_paid_and_not_refunded() -> None:
    log = Log()
    one, two, yen = order_id(1), order_id(2), order_id(3)
    yens = mugs(1).model_copy(update={"unit_price": jpy("900")})
    before = ada(log).when(log.order(placed(mugs(1)), one), log.order(placed(pots(1)), two), log.order(placed(yens), yen))
    assert before.document(ADA).lifetime_value == ()

    rich = before.when(log.order(paid(mugs(1)), one), log.order(paid(pots(1)), two), log.order(paid(yens), yen))
    assert rich.document(ADA).lifetime_value == (Money.of(eur("42.40")), Money.of(jpy("900")))

    poorer = rich.when(log.order(refunded(mugs(1)), one), log.order(refunded(yens), yen))
    assert poorer.document(ADA).lifetime_value == (Money.of(eur("30.00")),)


def test_the_latest_ten_orders_newest_first() -> None:
    log = Log()
    events = [log.order(placed(mugs(1)), order_id(number)) for number in range(1, RECENT + 3)]
    customer = ada(log).when(*events).document(ADA)
    assert [order.order_id for order in customer.recent_orders] == [order_id(n) for n in range(12, 2, -1)]
    assert customer.order_count == 12


def test_imported_orders_take_the_place_of_their_time() -> None:
    log = Log()
    shopper = ada(log).when(
        log.order(placed(mugs(1)), order_id(1), at=NOON),
        log.order(placed(mugs(1)), order_id(2), at=NOON - timedelta(days=2)),
        log.order(placed(mugs(1)), order_id(3), at=NOON - timedelta(days=1)),
    )
    assert [order.order_id for order in shopper.document(ADA).recent_orders] == [order_id(1), order_id(3), order_id(2)]

    full = shopper.when(*(log.order(placed(mugs(1)), order_id(number), at=LATER) for number in range(4, 11)))
    older = full.when(log.order(placed(mugs(1)), order_id(11), at=NOON - timedelta(days=9))).document(ADA)
    assert older.recent_orders == full.document(ADA).recent_orders
    assert older.order_count == 11


def test_an_order_that_left_the_page_changes_only_what_the_customer_is_worth() -> None:
    log = Log()
    events = [log.order(placed(mugs(1)), order_id(number)) for number in range(1, RECENT + 2)]
    before = ada(log).when(*events)
    page = before.document(ADA)
    assert ORDER not in [order.order_id for order in page.recent_orders]

    more = before.when(log.order(OrderItemAdded(customer_id=ADA, line=pots(1)))).document(ADA)
    assert (more.recent_orders, more.updated_at) == (page.recent_orders, page.updated_at)

    event = log.order(paid(mugs(1), pots(1)))
    worth = before.when(event).document(ADA)
    assert worth.recent_orders == page.recent_orders
    assert worth.lifetime_value == (Money.of(eur("42.40")),)
    assert worth.updated_at == event.occurred_at

    after = before.when(event, log.order(SHIPPED)).document(ADA)
    assert (after.recent_orders, after.updated_at) == (page.recent_orders, event.occurred_at)
    assert after.position == POSITIONS.token(log.events[-1].position)
