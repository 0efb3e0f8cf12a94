"""The read models tell one story: what one of them says follows from what another says, whatever happened."""

from collections.abc import Iterable
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import OPENED, POSITIONS, fold_all
from projections.parts import Money, OrderStatus
from projections.read_models.best_sellers import BEST_SELLERS
from projections.read_models.customers import CUSTOMERS, RECENT
from projections.read_models.daily_sales import DAILY_SALES
from projections.read_models.order_histories import ORDER_HISTORIES, OrderHistoryId
from projections.read_models.orders import ORDERS, Order
from projections.read_models.shipping_tasks import SHIPPING_TASKS, ShippingStatus
from projections.read_models.store_overview import SHOP, STORE_OVERVIEW
from tests.projections.read_models.histories import histories
from tests.projections.read_models.registry import READ_MODELS
from tests.projections.structure import objections
from write_side.kernel.events import Recorded
from write_side.terms.ids import OrderId

Log = list[Recorded]


@given(histories())
def test_a_customers_page_says_what_their_orders_say(log: Log) -> None:
    orders = fold_all(ORDERS, log, POSITIONS, OPENED).values()
    for customer in fold_all(CUSTOMERS, log, POSITIONS, OPENED).values():
        theirs = [order for order in orders if order.customer.customer_id == customer.id]
        assert customer.order_count == len(theirs)
        assert {order.customer.name for order in theirs} <= {customer.name}
        assert list(customer.lifetime_value) == _sums(o.payment.amount for o in theirs if o.payment and _kept(o))

        page = customer.recent_orders
        newest = sorted((order.placed_at for order in theirs), reverse=True)[:RECENT]
        assert [order.placed_at for order in page] == newest
        whole = {order.id: order for order in theirs}
        for order in page:
            full = whole[order.order_id]
            assert (order.status, order.item_count, order.total) == (full.status, full.item_count, full.total)


@given(histories())
def test_the_warehouse_has_a_task_for_each_order_that_was_paid(log: Log) -> None:
    orders = fold_all(ORDERS, log, POSITIONS, OPENED).values()
    tasks = {task.order_id: task for task in fold_all(SHIPPING_TASKS, log, POSITIONS, OPENED).values()}
    assert tasks.keys() == {order.id for order in orders if order.payment}
    for order in orders:
        if (task := tasks.get(order.id)) is not None:
            assert task.version == order.version
            assert task.address == order.shipping_address
            assert [(line.sku, line.quantity) for line in task.lines] == [
                (item.product.sku, item.quantity) for item in order.items
            ]
            assert (task.status is ShippingStatus.READY) == (order.status is OrderStatus.PAID)
            assert (task.status is ShippingStatus.SHIPPED) == (order.shipment is not None)


@given(histories())
def test_a_history_has_an_entry_for_each_version_of_its_order(log: Log) -> None:
    found = fold_all(ORDER_HISTORIES, log, POSITIONS, OPENED)
    orders = fold_all(ORDERS, log, POSITIONS, OPENED)
    assert set(found) == {Key(OrderHistoryId.of(OrderId(key))) for key in orders}
    for history in found.values():
        order = orders[Key(history.order_id)]
        assert [entry.version for entry in history.entries] == list(range(1, order.version + 1))


@given(histories())
def test_sales_add_up(log: Log) -> None:
    orders = fold_all(ORDERS, log, POSITIONS, OPENED).values()
    days = fold_all(DAILY_SALES, log, POSITIONS, OPENED).values()
    sellers = fold_all(BEST_SELLERS, log, POSITIONS, OPENED).values()
    [shop] = fold_all(STORE_OVERVIEW, log, POSITIONS, OPENED).values()
    assert shop.id == SHOP

    for counter in ("orders_placed", "orders_paid", "orders_cancelled", "orders_refunded"):
        assert getattr(shop, counter) == sum(getattr(day, counter) for day in days)
    assert shop.orders_placed == len(orders)
    assert shop.orders_shipped == sum(order.shipment is not None for order in orders)

    kept = [order for order in orders if order.payment and _kept(order)]
    assert sum(day.units_sold for day in days) == sum(order.item_count for order in kept)
    assert sum(seller.units_sold for seller in sellers) == sum(order.item_count for order in kept)

    revenue = _sums(order.total for order in kept)
    assert list(shop.revenue) == revenue
    assert _sums(day.revenue for day in days) == revenue
    assert _sums(sum_ for seller in sellers for sum_ in seller.revenue) == revenue


@given(histories(), st.data())
def test_a_document_can_be_stored_between_any_two_events(log: Log, data: st.DataObject) -> None:
    """What a projector does: fold, store, load, fold on. Nothing is lost in between, and the validator admits each."""
    projection: AnyProjection = data.draw(st.sampled_from(READ_MODELS))
    shape, schema = projection.shape, projection.shape.schema()
    stop = data.draw(st.integers(0, len(log)))
    for document in fold_all(projection, log[:stop], POSITIONS, OPENED).values():
        stored = shape.encode(document)
        assert shape.decode(stored) == document
        assert list(objections(schema, stored)) == []


def _kept(order: Order) -> bool:
    return order.status is not OrderStatus.REFUNDED


def _sums(amounts: Iterable[Money]) -> list[Money]:
    totals: dict[str, Decimal] = {}
    for money in amounts:
        totals[money.currency_code] = totals.get(money.currency_code, Decimal(0)) + money.amount
    return [Money(amount=total, currency_code=code) for code, total in sorted(totals.items()) if total]
