"""Deciding on what is ordered."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from tests.write_side.shop import (
    ANN,
    BERLIN,
    BOB,
    CUP,
    NOBODY,
    NOTHING,
    ORDER_ID,
    ORDER_STREAM,
    PARIS,
    POT,
    SHOP,
    SUSHI,
    TO_PARIS,
    TRAY,
    cups,
    discontinued,
    money,
    money_input,
    placed,
    pots,
    product,
    product_id,
    reserved,
    trays,
)
from write_side.catalogue.commands import ChangeProductPrice
from write_side.catalogue.product import ProductDiscontinuedRefusal
from write_side.customers.commands import RenameCustomer
from write_side.kernel.refusals import AlreadyExists, InvalidInput, NotFound
from write_side.kernel.scenario import Fact, given
from write_side.orders.events import OrderPlaced
from write_side.orders.order import Order
from write_side.orders.placing import OrderItemInput, PlaceOrder
from write_side.orders.refusals import OrderEmpty
from write_side.stock.stock import STOCK, InsufficientStock, Stock
from write_side.terms.address import AddressInput
from write_side.terms.ids import CustomerId, OrderId, ProductId
from write_side.wallets.refusals import CurrencyMismatch


def place(
    *items: tuple[ProductId, int],
    by: CustomerId = ANN,
    to: AddressInput | None = None,
    order_id: OrderId | None = ORDER_ID,
) -> PlaceOrder:
    inputs = tuple(OrderItemInput(product_id=key, quantity=quantity) for key, quantity in items)
    return PlaceOrder(id=order_id, customer_id=by, items=inputs, shipping_address=to)


def plenty(count: int) -> list[Fact]:
    """Many products, with 10,000 of each."""
    return [
        fact
        for number in range(100, 100 + count)
        for fact in product(product_id(number), f"S-{number}", f"No. {number}", money("1.00"), on_hand=10_000)
    ]


def test_an_order_is_placed_and_its_units_are_reserved() -> None:
    shop = (
        given(*SHOP)
        .when(place((POT, 2), (CUP, 6)))
        .then(
            (
                ORDER_STREAM,
                OrderPlaced(
                    customer_id=ANN,
                    customer_name="Ann",
                    customer_email="ann@shop.test",
                    lines=(pots(2), cups(6)),
                    shipping_address=BERLIN,
                ),
            ),
            reserved(pots(2)),
            reserved(cups(6)),
        )
    )

    assert shop.state(ORDER_STREAM) == Order(ANN, (pots(2), cups(6)), BERLIN)
    assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=2)


def test_lines_of_one_product_add_up() -> None:
    once = given(*SHOP).when(place((CUP, 6), (POT, 2)))

    assert given(*SHOP).when(place((CUP, 1), (POT, 2), (CUP, 5))).events == once.events


def test_the_price_and_the_customers_name_are_those_of_the_moment() -> None:
    shop = given(*SHOP)
    shop = shop.when(ChangeProductPrice(product_id=POT, price=money_input("31"))).after
    shop = shop.when(RenameCustomer(customer_id=ANN, name="Anna")).after

    event = shop.when(place((POT, 1))).events[0][1]

    assert isinstance(event, OrderPlaced)
    assert event.lines[0].unit_price == money("31.00")
    assert event.customer_name == "Anna"


def test_an_address_that_is_given_comes_first() -> None:
    for customer in (ANN, BOB):
        event = given(*SHOP).when(place((POT, 1), by=customer, to=TO_PARIS)).events[0][1]
        assert isinstance(event, OrderPlaced)
        assert event.shipping_address == PARIS


def test_without_any_address_there_is_no_order() -> None:
    given(*SHOP).when(place((POT, 1), by=BOB)).refused(InvalidInput, "shippingAddress")


def test_the_customer_must_exist() -> None:
    given(*SHOP).when(place((POT, 1), by=NOBODY)).refused(NotFound, "customerId")
    given(*SHOP).when(place(by=NOBODY)).refused(NotFound, "customerId")


def test_every_product_must_exist() -> None:
    given(*SHOP).when(place((POT, 1), (NOTHING, 1))).refused(NotFound, "items", "1", "productId")


def test_an_order_is_not_empty() -> None:
    refusal = given(*SHOP).when(place()).refused(OrderEmpty, "items")

    assert refusal.code == "ORDER_EMPTY"


def test_an_id_is_taken_once() -> None:
    given(*SHOP, *placed(pots(1))).when(place((POT, 1))).refused(AlreadyExists, "id")
    given(*SHOP, *placed(pots(1))).when(place((POT, 1), by=NOBODY)).refused(AlreadyExists, "id")


def test_an_id_is_made_when_none_is_given() -> None:
    outcome = given(*SHOP).when(place((POT, 1), order_id=None))

    assert outcome.command.key.startswith("ord_")
    assert outcome.events[0][0] == outcome.command.target


def test_a_discontinued_product_is_not_sold() -> None:
    given(*SHOP).when(place((POT, 1), (TRAY, 1))).refused(ProductDiscontinuedRefusal, "items", "1", "productId")


def test_an_order_has_one_currency() -> None:
    refusal = given(*SHOP).when(place((POT, 1), (CUP, 1), (SUSHI, 1))).refused(CurrencyMismatch, "items", "2", "productId")
    assert refusal.code == "CURRENCY_MISMATCH"

    yen = given(*SHOP).when(place((SUSHI, 2))).after.state(ORDER_STREAM)
    assert yen is not None
    assert yen.total == money("2400", "JPY")


def test_what_is_available_can_be_ordered_and_not_more() -> None:
    shop = given(*SHOP)
    shop.when(place((POT, 11))).refused(InsufficientStock, "items", "0", "quantity")
    shop = shop.when(place((POT, 10))).after
    shop.when(place((CUP, 1), (POT, 1), order_id=None)).refused(InsufficientStock, "items", "1", "quantity")


def test_too_little_stock_is_said_of_the_first_line_of_the_product() -> None:
    given(*SHOP).when(place((CUP, 1), (POT, 6), (POT, 6))).refused(InsufficientStock, "items", "1", "quantity")


def test_a_product_that_never_came_in_is_not_available() -> None:
    jug = product_id(7)
    given(*SHOP, *product(jug, "JUG-1", "Jug", money("7.50"))).when(place((jug, 1))).refused(
        InsufficientStock, "items", "0", "quantity"
    )


def test_10000_units_of_a_product_are_the_most() -> None:
    shop, key = given(*SHOP, *plenty(1)), product_id(100)

    shop.when(place((key, 9_999), (key, 1), (key, 1))).refused(InvalidInput, "items", "2", "quantity")
    assert len(shop.when(place((key, 9_999), (key, 1))).events) == 2


def test_100_lines_are_the_most() -> None:
    items = [(product_id(number), 1) for number in range(100, 200)]

    assert len(given(*SHOP, *plenty(100)).when(place(*items)).events) == 101
    with pytest.raises(ValidationError) as refused:
        place(*items, (POT, 1))
    assert [error["loc"] for error in refused.value.errors()] == [("items",)]


def test_what_does_not_exist_is_said_before_what_is_discontinued() -> None:
    given(*SHOP).when(place((TRAY, 1), (NOTHING, 1))).refused(NotFound, "items", "1", "productId")


def test_what_is_discontinued_is_said_before_what_there_is_too_little_of() -> None:
    given(*SHOP).when(place((POT, 11), (TRAY, 1))).refused(ProductDiscontinuedRefusal, "items", "1", "productId")


def test_the_currency_is_said_before_what_there_is_too_little_of() -> None:
    given(*SHOP).when(place((POT, 11), (SUSHI, 1))).refused(CurrencyMismatch, "items", "1", "productId")


def test_too_little_stock_is_said_before_a_missing_address() -> None:
    given(*SHOP).when(place((POT, 11), by=BOB)).refused(InsufficientStock, "items", "0", "quantity")


def test_a_product_that_is_discontinued_with_units_reserved_keeps_them() -> None:
    shop = given(*SHOP, *placed(trays(2), pots(1)), discontinued(POT))

    assert shop.state(STOCK.of(TRAY)).reserved == 2
    shop.when(place((POT, 1), order_id=None)).refused(ProductDiscontinuedRefusal, "items", "0", "productId")


@pytest.mark.parametrize(
    ("items", "path"),
    [
        ([{"productId": POT, "quantity": 0}], ("items", 0, "quantity")),
        ([{"productId": POT, "quantity": 1}, {"productId": POT, "quantity": -1}], ("items", 1, "quantity")),
        ([{"productId": POT, "quantity": 10_001}], ("items", 0, "quantity")),
        ([{"productId": ANN, "quantity": 1}], ("items", 0, "productId")),
        ([{"productId": "prd_1", "quantity": 1}], ("items", 0, "productId")),
    ],
)
def test_what_no_decision_sees(items: list[dict[str, object]], path: tuple[str | int, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        PlaceOrder.model_validate({"customerId": ANN, "items": items})
    assert [error["loc"] for error in refused.value.errors()] == [path]


def test_the_largest_order_adds_up_exactly() -> None:
    price = "999999999999.9999"  # Unidad de Fomento: four digits, the most that a currency has
    facts = [
        fact
        for number in range(100, 200)
        for fact in product(product_id(number), f"S-{number}", "Dear", money(price, "CLF"), on_hand=10_000)
    ]

    order = given(*SHOP, *facts).when(place(*((product_id(n), 10_000) for n in range(100, 200)))).after.state(ORDER_STREAM)

    assert order is not None
    assert str(order.total.amount) == str(Decimal("999999999999999900.0000"))
