"""Deciding on stock."""

import pytest
from pydantic import ValidationError

from tests.write_side.shop import CUP, NOTHING, POT, SHOP, TRAY, money, placed, pots, product, product_id, shipped
from write_side.catalogue.product import ProductDiscontinuedRefusal
from write_side.kernel.refusals import InvalidInput, NotFound
from write_side.kernel.scenario import Scenario, given
from write_side.stock.commands import CorrectStock, ReceiveStock, SetReorderLevel
from write_side.stock.events import ReorderLevelSet, StockCorrected, StockReceived
from write_side.stock.stock import MOST, STOCK, InsufficientStock, Stock
from write_side.terms.ids import ProductId

JUG = product_id(7)


def correct(on_hand: int, key: ProductId = POT) -> CorrectStock:
    return CorrectStock(product_id=key, on_hand=on_hand, reason="count")


def with_jug() -> Scenario:
    """A shop that sells jugs and never had any."""
    return given(*product(JUG, "JUG-1", "Jug", money("7.50")))


def test_the_product_must_exist_even_though_a_stock_needs_no_beginning() -> None:
    given(*SHOP).when(ReceiveStock(product_id=NOTHING, quantity=1)).refused(NotFound, "productId")
    given(*SHOP).when(correct(1, NOTHING)).refused(NotFound, "productId")
    given(*SHOP).when(correct(0, NOTHING)).refused(NotFound, "productId")


def test_units_come_in() -> None:
    shop = (
        with_jug()
        .when(ReceiveStock(product_id=JUG, quantity=10_000, reference="PO 7"))
        .then((STOCK.of(JUG), StockReceived(quantity=10_000, reference="PO 7")))
    )
    shop = shop.when(ReceiveStock(product_id=JUG, quantity=1)).then((STOCK.of(JUG), StockReceived(quantity=1)))

    assert shop.state(STOCK.of(JUG)) == Stock(on_hand=10_001, reserved=0)


def test_a_discontinued_product_comes_in_no_more() -> None:
    given(*SHOP).when(ReceiveStock(product_id=TRAY, quantity=1)).refused(ProductDiscontinuedRefusal, "productId")


def test_a_discontinued_product_can_still_be_counted() -> None:
    given(*SHOP).when(correct(4, TRAY)).then((STOCK.of(TRAY), StockCorrected(on_hand=4, reason="count")))


def test_a_shelf_has_an_end() -> None:
    shop = with_jug().when(correct(MOST - 2, JUG)).after

    shop.when(ReceiveStock(product_id=JUG, quantity=3)).refused(InvalidInput, "quantity")
    full = shop.when(ReceiveStock(product_id=JUG, quantity=2)).after
    assert full.state(STOCK.of(JUG)).on_hand == MOST
    full.when(ReceiveStock(product_id=JUG, quantity=1)).refused(InvalidInput, "quantity")


def test_a_discontinued_product_is_said_before_a_full_shelf() -> None:
    shop = given(*SHOP).when(correct(MOST, TRAY)).after

    shop.when(ReceiveStock(product_id=TRAY, quantity=1)).refused(ProductDiscontinuedRefusal, "productId")


def test_a_count_sets_what_is_on_the_shelf() -> None:
    shop = given(*SHOP)
    shop.when(correct(12)).then((STOCK.of(POT), StockCorrected(on_hand=12, reason="count")))
    shop.when(correct(0)).then((STOCK.of(POT), StockCorrected(on_hand=0, reason="count")))


def test_a_count_that_finds_what_was_known_changes_nothing() -> None:
    given(*SHOP).when(correct(10)).nothing()
    with_jug().when(correct(0, JUG)).nothing()


def test_a_count_is_not_below_what_is_reserved() -> None:
    shop = given(*SHOP, *placed(pots(4)))

    refusal = shop.when(correct(3)).refused(InsufficientStock, "onHand")
    assert refusal.code == "INSUFFICIENT_STOCK"
    shop = shop.when(correct(4)).then((STOCK.of(POT), StockCorrected(on_hand=4, reason="count")))
    assert shop.state(STOCK.of(POT)) == Stock(on_hand=4, reserved=4)


def test_what_left_the_shelf_is_not_reserved_any_more() -> None:
    shop = given(*SHOP, *shipped(pots(4)))

    assert shop.state(STOCK.of(POT)) == Stock(on_hand=6, reserved=0)
    shop.when(correct(0)).then((STOCK.of(POT), StockCorrected(on_hand=0, reason="count")))


def test_a_product_is_ordered_again_from_a_level_on() -> None:
    shop = (
        given(*SHOP)
        .when(SetReorderLevel(product_id=POT, level=4))
        .then((STOCK.of(POT), ReorderLevelSet(level=4)))
        .when(SetReorderLevel(product_id=POT, level=4))
        .nothing()
    )
    assert shop.state(STOCK.of(POT)) == Stock(on_hand=10, reorder_level=4)
    shop.when(SetReorderLevel(product_id=POT, level=0)).then((STOCK.of(POT), ReorderLevelSet(level=0)))


def test_without_a_level_there_is_none_to_take_back() -> None:
    given(*SHOP).when(SetReorderLevel(product_id=POT, level=0)).nothing()


def test_a_level_is_for_what_is_sold() -> None:
    given(*SHOP).when(SetReorderLevel(product_id=NOTHING, level=1)).refused(NotFound, "productId")
    given(*SHOP).when(SetReorderLevel(product_id=TRAY, level=1)).refused(ProductDiscontinuedRefusal, "productId")


def test_a_level_stays_whatever_happens_to_the_stock() -> None:
    shop = given(*SHOP, (STOCK.of(POT), ReorderLevelSet(level=4)), *shipped(pots(4))).when(correct(9)).after

    assert shop.state(STOCK.of(POT)) == Stock(on_hand=9, reorder_level=4)


def test_the_target_is_the_stock_and_not_the_product() -> None:
    assert correct(1).target == STOCK.of(POT)
    assert ReceiveStock(product_id=CUP, quantity=1).target == STOCK.of(CUP)


@pytest.mark.parametrize("quantity", [0, -1, 10_001, "1.5", None])
def test_a_delivery_is_1_to_10000_units(quantity: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ReceiveStock.model_validate({"productId": POT, "quantity": quantity})
    assert refused.value.errors()[0]["loc"] == ("quantity",)


@pytest.mark.parametrize("on_hand", [-1, MOST + 1])
def test_a_count_is_0_to_1000000000_units(on_hand: int) -> None:
    with pytest.raises(ValidationError) as refused:
        CorrectStock.model_validate({"productId": POT, "onHand": on_hand, "reason": "count"})
    assert refused.value.errors()[0]["loc"] == ("onHand",)


@pytest.mark.parametrize("level", [-1, MOST + 1])
def test_a_level_is_0_to_1000000000_units(level: int) -> None:
    with pytest.raises(ValidationError) as refused:
        SetReorderLevel(product_id=POT, level=level)
    assert refused.value.errors()[0]["loc"] == ("level",)
