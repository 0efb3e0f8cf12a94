"""Deciding whether a product has to be ordered again, and what has it looked at."""

import pytest

from tests.write_side.shop import NOTHING, POT, SHOP, discontinued, placed, pots, released, reserved
from write_side.catalogue.events import ProductDiscontinued, ProductRenamed
from write_side.catalogue.product import PRODUCT
from write_side.kernel.events import Event
from write_side.kernel.refusals import NotFound
from write_side.kernel.scenario import Fact, given
from write_side.kernel.streams import StreamKind
from write_side.reorders.commands import ReviewStock
from write_side.reorders.events import ReorderCovered, ReorderNeeded
from write_side.reorders.reactions import REVIEW_STOCK
from write_side.reorders.reorder import REORDER
from write_side.stock.events import ReorderLevelSet, StockCorrected, StockReceived, StockReleased, StockReserved
from write_side.stock.stock import STOCK
from write_side.terms.ids import OrderId

REVIEW = ReviewStock(product_id=POT)
ORDER = OrderId(f"ord_{1:032x}")
NEEDED = (
    REORDER.of(POT),
    ReorderNeeded(sku="POT-1", name="Tea pot", on_hand=10, reserved=7, level=4),
)
COVERED = (REORDER.of(POT), ReorderCovered())


def level(units: int) -> Fact:
    return (STOCK.of(POT), ReorderLevelSet(level=units))


def test_the_product_must_exist() -> None:
    given(*SHOP).when(ReviewStock(product_id=NOTHING)).refused(NotFound, "productId")


def test_without_a_level_nothing_is_ordered_again() -> None:
    given(*SHOP, *placed(pots(10))).when(REVIEW).nothing()


def test_as_much_as_the_level_is_enough() -> None:
    given(*SHOP, level(4), *placed(pots(6))).when(REVIEW).nothing()


def test_what_is_promised_cannot_be_sold_and_is_noted_once() -> None:
    shop = given(*SHOP, level(4), *placed(pots(7))).when(REVIEW).then(NEEDED)

    shop.when(REVIEW).nothing()


def test_a_delivery_covers_it_and_it_may_be_needed_again() -> None:
    shop = given(*SHOP, level(4), *placed(pots(7)), NEEDED, (STOCK.of(POT), StockReceived(quantity=1)))

    covered = shop.when(REVIEW).then(COVERED)

    covered.when(REVIEW).nothing()
    again = given(*SHOP, level(4), *placed(pots(7)), NEEDED, COVERED)
    again.when(REVIEW).then(NEEDED)


def test_a_lower_level_covers_it() -> None:
    given(*SHOP, level(4), *placed(pots(7)), NEEDED, level(3)).when(REVIEW).then(COVERED)


def test_what_is_sold_no_more_is_ordered_no_more() -> None:
    given(*SHOP, level(4), *placed(pots(7)), discontinued(POT)).when(REVIEW).nothing()
    given(*SHOP, level(4), *placed(pots(7)), NEEDED, discontinued(POT)).when(REVIEW).then(COVERED)


def test_it_is_noted_under_the_name_of_this_moment() -> None:
    shop = given(*SHOP, level(4), *placed(pots(7)), (PRODUCT.of(POT), ProductRenamed(name="Pot")))

    shop.when(REVIEW).then((NEEDED[0], NEEDED[1].model_copy(update={"name": "Pot"})))


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (STOCK, StockReserved(order_id=ORDER, quantity=7)),
        (STOCK, StockReleased(order_id=ORDER, quantity=7)),
        (STOCK, StockReceived(quantity=1)),
        (STOCK, StockCorrected(on_hand=1, reason="count")),
        (STOCK, ReorderLevelSet(level=9)),
        (PRODUCT, ProductDiscontinued(reason="out of fashion")),
    ],
)
def test_whatever_may_change_it_has_the_stock_reviewed(kind: StreamKind[object], event: Event) -> None:
    given(*SHOP).on(REVIEW_STOCK, kind.of(POT), event).sends(REVIEW).nothing()


def test_an_order_too_many_and_its_end() -> None:
    shop = given(*SHOP, level(4), *placed(pots(7)))

    needed = shop.on(REVIEW_STOCK, *reserved(pots(7))).sends(REVIEW).then(NEEDED)

    assert needed.state(REORDER.of(POT)).needed
    given(*SHOP, level(4), *placed(pots(7)), NEEDED, released(pots(7))).on(REVIEW_STOCK, *released(pots(7))).sends(
        REVIEW
    ).then(COVERED)
