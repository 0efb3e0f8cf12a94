"""Deciding on the items of an order that is not paid yet."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import (
    ANN,
    CUP,
    NOTHING,
    ORDER_ID,
    ORDER_STREAM,
    POT,
    SHOP,
    SUSHI,
    TRAY,
    cups,
    discontinued,
    money,
    money_input,
    paid,
    placed,
    pots,
    product,
    product_id,
    released,
    reserved,
    trays,
)
from write_side.catalogue.commands import ChangeProductPrice, RenameProduct
from write_side.catalogue.product import ProductDiscontinuedRefusal
from write_side.kernel.refusals import InvalidInput, NotFound
from write_side.kernel.scenario import Fact, given
from write_side.orders.events import OrderItemAdded, OrderItemQuantityChanged, OrderItemRemoved, OrderLine
from write_side.orders.items import AddOrderItem, ChangeOrderItemQuantity, RemoveOrderItem
from write_side.orders.refusals import ItemNotInOrder, OrderEmpty, OrderNotOpen
from write_side.stock.stock import STOCK, InsufficientStock, Stock
from write_side.terms.ids import OrderId, ProductId
from write_side.wallets.refusals import CurrencyMismatch

UNKNOWN = OrderId(f"ord_{99:032x}")


def add(key: ProductId, quantity: int = 1, order_id: OrderId = ORDER_ID) -> AddOrderItem:
    return AddOrderItem(order_id=order_id, product_id=key, quantity=quantity)


def remove(key: ProductId, order_id: OrderId = ORDER_ID) -> RemoveOrderItem:
    return RemoveOrderItem(order_id=order_id, product_id=key)


def change(key: ProductId, quantity: int, order_id: OrderId = ORDER_ID) -> ChangeOrderItemQuantity:
    return ChangeOrderItemQuantity(order_id=order_id, product_id=key, quantity=quantity)


def added(line: OrderLine) -> Fact:
    return (ORDER_STREAM, OrderItemAdded(customer_id=ANN, line=line))


def changed(line: OrderLine, previous: int) -> Fact:
    return (ORDER_STREAM, OrderItemQuantityChanged(customer_id=ANN, line=line, previous_quantity=previous))


class TestAll:
    @pytest.mark.parametrize("command", [add(POT, order_id=UNKNOWN), remove(POT, UNKNOWN), change(POT, 1, UNKNOWN)])
    def test_the_order_must_exist(self, command: AddOrderItem | RemoveOrderItem | ChangeOrderItemQuantity) -> None:
        given(*SHOP).when(command).refused(NotFound, "orderId")

    @pytest.mark.parametrize("command", [add(NOTHING), remove(NOTHING), change(NOTHING, 1)])
    def test_the_product_must_exist(self, command: AddOrderItem | RemoveOrderItem | ChangeOrderItemQuantity) -> None:
        given(*SHOP, *placed(pots(1))).when(command).refused(NotFound, "productId")
        given(*SHOP, *paid(pots(1))).when(command).refused(NotFound, "productId")

    @pytest.mark.parametrize("command", [add(NOTHING, 1, UNKNOWN), remove(NOTHING, UNKNOWN), change(NOTHING, 1, UNKNOWN)])
    def test_an_unknown_order_is_said_before_an_unknown_product(
        self, command: AddOrderItem | RemoveOrderItem | ChangeOrderItemQuantity
    ) -> None:
        given(*SHOP).when(command).refused(NotFound, "orderId")

    @pytest.mark.parametrize("command", [add(TRAY), add(POT, 50), remove(CUP), remove(POT), change(POT, 1), change(CUP, 1)])
    def test_an_order_that_is_not_open_is_said_before_anything_else(
        self, command: AddOrderItem | RemoveOrderItem | ChangeOrderItemQuantity
    ) -> None:
        given(*SHOP, *paid(pots(1))).when(command).refused(OrderNotOpen, "orderId")

    @pytest.mark.parametrize("quantity", [0, -3, 10_001])
    def test_quantities_are_1_to_10000(self, quantity: int) -> None:
        for command in (AddOrderItem, ChangeOrderItemQuantity):
            with pytest.raises(ValidationError) as refused:
                command.model_validate({"orderId": ORDER_ID, "productId": POT, "quantity": quantity})
            assert refused.value.errors()[0]["loc"] == ("quantity",)


class TestAdding:
    def test_another_product(self) -> None:
        shop = given(*SHOP, *placed(pots(1))).when(add(CUP, 6)).then(added(cups(6)), reserved(cups(6)))

        order = shop.state(ORDER_STREAM)
        assert order is not None
        assert order.lines == (pots(1), cups(6))
        assert order.total == money("57.00")

    def test_a_product_that_is_there_at_the_price_and_name_of_its_line(self) -> None:
        shop = given(*SHOP, *placed(cups(2), pots(1)))
        shop = shop.when(ChangeProductPrice(product_id=CUP, price=money_input("5"))).after
        shop = shop.when(RenameProduct(product_id=CUP, name="Mug")).after

        shop = shop.when(add(CUP, 3)).then(added(cups(3)), reserved(cups(3)))

        order = shop.state(ORDER_STREAM)
        assert order is not None
        assert order.lines == (cups(5), pots(1))

    def test_a_product_that_is_there_even_when_its_currency_changed(self) -> None:
        shop = given(*SHOP, *placed(cups(2)))
        shop = shop.when(ChangeProductPrice(product_id=CUP, price=money_input("5", "USD"))).after

        shop.when(add(CUP, 3)).then(added(cups(3)), reserved(cups(3)))

    def test_again_what_was_removed_is_at_the_price_of_now(self) -> None:
        shop = given(*SHOP, *placed(cups(2), pots(1)))
        shop = shop.when(ChangeProductPrice(product_id=CUP, price=money_input("5"))).after
        shop = shop.when(remove(CUP)).after

        dearer = cups(1).model_copy(update={"unit_price": money("5.00")})
        shop.when(add(CUP)).then(added(dearer), reserved(cups(1)))

    def test_a_discontinued_product(self) -> None:
        given(*SHOP, *placed(pots(1))).when(add(TRAY)).refused(ProductDiscontinuedRefusal, "productId")
        given(*SHOP, *placed(trays(1))).when(add(TRAY)).refused(ProductDiscontinuedRefusal, "productId")

    def test_another_currency(self) -> None:
        given(*SHOP, *placed(pots(1))).when(add(SUSHI)).refused(CurrencyMismatch, "productId")
        given(*SHOP, *placed(pots(1))).when(add(SUSHI, 50)).refused(CurrencyMismatch, "productId")

    def test_more_than_there_is(self) -> None:
        shop = given(*SHOP, *placed(pots(4)))
        shop.when(add(POT, 7)).refused(InsufficientStock, "quantity")
        shop.when(add(POT, 6)).then(added(pots(6)), reserved(pots(6)))

    def test_more_than_10000(self) -> None:
        key = product_id(100)
        many = [*product(key, "S", "Screw", money("0.10"), on_hand=20_000)]
        screws = OrderLine(product_id=key, sku="S", name="Screw", quantity=9_999, unit_price=money("0.10"))
        shop = given(*SHOP, *many, *placed(screws))

        shop.when(add(key, 2)).refused(InvalidInput, "quantity")
        assert len(shop.when(add(key, 1)).events) == 2

    def test_more_than_100_lines(self) -> None:
        keys = [product_id(number) for number in range(100, 201)]
        facts = [fact for key in keys for fact in product(key, key, "Thing", money("1.00"), on_hand=5)]
        lines = [
            OrderLine(product_id=key, sku=key, name="Thing", quantity=1, unit_price=money("1.00")) for key in keys[:100]
        ]
        shop = given(*SHOP, *facts, *placed(*lines))

        shop.when(add(keys[100])).refused(InvalidInput, "productId")
        shop.when(add(keys[0])).then(added(lines[0]), reserved(lines[0]))


class TestRemoving:
    def test_frees_its_units(self) -> None:
        shop = (
            given(*SHOP, *placed(pots(3), cups(2)))
            .when(remove(POT))
            .then((ORDER_STREAM, OrderItemRemoved(customer_id=ANN, line=pots(3))), released(pots(3)))
        )

        assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=0)
        shop.when(remove(POT)).refused(ItemNotInOrder, "productId")

    def test_a_discontinued_product(self) -> None:
        given(*SHOP, *placed(pots(3), trays(2))).when(remove(TRAY)).then(
            (ORDER_STREAM, OrderItemRemoved(customer_id=ANN, line=trays(2))), released(trays(2))
        )

    def test_the_last_line_stays(self) -> None:
        given(*SHOP, *placed(pots(3))).when(remove(POT)).refused(OrderEmpty, "productId")

    def test_what_is_not_there(self) -> None:
        refusal = given(*SHOP, *placed(pots(3))).when(remove(CUP)).refused(ItemNotInOrder, "productId")

        assert refusal.code == "ITEM_NOT_IN_ORDER"


class TestChangingAQuantity:
    def test_more_is_reserved(self) -> None:
        shop = (
            given(*SHOP, *placed(pots(3), cups(1)))
            .when(change(POT, 10))
            .then(changed(pots(10), previous=3), reserved(pots(7)))
        )

        assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=10)

    def test_less_is_released(self) -> None:
        shop = given(*SHOP, *placed(pots(3))).when(change(POT, 1)).then(changed(pots(1), previous=3), released(pots(2)))

        order = shop.state(ORDER_STREAM)
        assert order is not None
        assert order.lines == (pots(1),)
        assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reserved=1)

    def test_at_the_price_of_the_line(self) -> None:
        shop = given(*SHOP, *placed(pots(3)))
        shop = shop.when(ChangeProductPrice(product_id=POT, price=money_input("99"))).after

        shop.when(change(POT, 4)).then(changed(pots(4), previous=3), reserved(pots(1)))

    def test_more_than_there_is(self) -> None:
        given(*SHOP, *placed(pots(3))).when(change(POT, 11)).refused(InsufficientStock, "quantity")

    def test_a_discontinued_product_goes_down_and_not_up(self) -> None:
        shop = given(*SHOP, *placed(pots(3)), discontinued(POT))

        shop.when(change(POT, 4)).refused(ProductDiscontinuedRefusal, "productId")
        shop.when(change(POT, 50)).refused(ProductDiscontinuedRefusal, "productId")
        shop.when(change(POT, 3)).nothing()
        shop.when(change(POT, 2)).then(changed(pots(2), previous=3), released(pots(1)))

    def test_the_quantity_that_it_is(self) -> None:
        given(*SHOP, *placed(pots(3))).when(change(POT, 3)).nothing()

    def test_what_is_not_there(self) -> None:
        given(*SHOP, *placed(pots(3))).when(change(CUP, 1)).refused(ItemNotInOrder, "productId")
        given(*SHOP, *placed(pots(3))).when(change(TRAY, 1)).refused(ItemNotInOrder, "productId")
