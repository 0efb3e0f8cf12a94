"""The shop that is measured: as the benchmark's answers presuppose it."""

from collections import Counter
from itertools import islice

import pytest

from bench.operations import OPERATIONS, PAGE
from bench.shop import ORDERS_PER_CUSTOMER, Shop
from projections.parts import OrderStatus
from projections.read_models.orders import ORDERS, Order

SHOP = Shop(1_000)
EVERY = [SHOP.order(number) for number in range(SHOP.orders)]


def latest(orders: list[Order]) -> list[str]:
    return [order.id for order in sorted(orders, key=lambda order: order.placed_at, reverse=True)]


def test_an_order_is_the_same_each_time_and_differs_from_all_others() -> None:
    assert [SHOP.order(number) for number in range(SHOP.orders)] == EVERY
    assert len({order.id for order in EVERY}) == len({order.placed_at for order in EVERY}) == SHOP.orders


def test_what_is_stored_of_an_order_is_the_order() -> None:
    assert [ORDERS.shape.decode(ORDERS.shape.encode(order)) for order in EVERY] == EVERY


def test_every_customer_has_as_many_orders_and_a_tenth_of_them_is_paid() -> None:
    orders = Counter(order.customer.customer_id for order in EVERY)
    paid = Counter(order.customer.customer_id for order in EVERY if order.status is OrderStatus.PAID)

    assert set(orders.values()) == {ORDERS_PER_CUSTOMER}
    assert set(paid.values()) == {ORDERS_PER_CUSTOMER // 10}
    assert {order.status for order in EVERY} == set(OrderStatus)


def test_a_customers_orders_come_latest_first() -> None:
    customer = SHOP.customer_id(3)
    numbers = list(SHOP.orders_of(3))

    assert [SHOP.order_id(number) for number in numbers] == latest(
        [order for order in EVERY if order.customer.customer_id == customer]
    )


def test_orders_in_a_status_come_latest_first() -> None:
    numbers = islice(SHOP.in_status(OrderStatus.PAID), PAGE)

    paid = [order for order in EVERY if order.status is OrderStatus.PAID]
    assert [SHOP.order_id(number) for number in numbers] == latest(paid)[:PAGE]


@pytest.mark.parametrize(
    ("operation", "orders", "different"),
    [("R1", 1_000, 1_000), ("R1", 100_000, 4_000), ("R2", 1_000, 20), ("R2", 1_000_000, 2_000), ("R3", 100_000, 1)],
)
def test_requests_are_spread_over_the_shop(operation: str, orders: int, different: int) -> None:
    shop = Shop(orders)
    bodies = {OPERATIONS[operation].body(shop, number) for number in OPERATIONS[operation].numbers(shop)}

    assert len(bodies) == different


def test_a_large_shop_is_asked_for_as_many_things_as_a_small_one_when_they_are_compared() -> None:
    numbers = OPERATIONS["R1"].numbers(Shop(100_000), Shop(1_000))

    assert (len(numbers), numbers[0], numbers[-1]) == (1_000, 0, 99_900)
