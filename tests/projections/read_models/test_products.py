"""The catalogue entry and its stock."""

from projections.kernel.scenario import POSITIONS, Scenario, given
from projections.parts import Money
from projections.read_models.products import PRODUCTS, Product, ProductStatus, Stock
from tests.projections.shop import MUG, NOON, ORDER, Log, eur, mug_added, mugs, placed
from write_side.catalogue.events import (
    ProductDescribed,
    ProductDiscontinued,
    ProductPriceChanged,
    ProductRenamed,
)
from write_side.kernel.events import Event
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)


def mug(log: Log) -> Scenario[Product]:
    return given(PRODUCTS, log.product(mug_added(), at=NOON))


def test_added_with_nothing_on_the_shelf() -> None:
    log = Log()
    assert mug(log).document(MUG) == Product(
        id=MUG,
        version=1,
        position=POSITIONS.token(log.events[0].position),
        sku="MUG-1",
        name="Blue mug",
        description="Holds tea.",
        tags=("kitchen",),
        price=Money.of(eur("12.40")),
        status=ProductStatus.ACTIVE,
        stock=Stock(version=0, on_hand=0, reserved=0, available=0),
        added_at=NOON,
        updated_at=NOON,
    )


def test_each_change_of_the_catalogue_shows() -> None:
    log = Log()
    product = mug(log)
    steps: list[tuple[Event, dict[str, object]]] = [
        (ProductRenamed(name="Mug"), {"name": "Mug"}),
        (
            ProductDescribed(description="Holds coffee.", tags=("a", "b")),
            {"description": "Holds coffee.", "tags": ("a", "b")},
        ),
        (ProductPriceChanged(price=eur("9.00")), {"price": Money.of(eur("9.00"))}),
        (ProductDiscontinued(reason="breaks"), {"status": ProductStatus.DISCONTINUED}),
    ]
    for version, (what, expected) in enumerate(steps, start=2):
        event = log.product(what)
        before, product = product.document(MUG), product.when(event)
        after = product.document(MUG)
        assert {name: getattr(after, name) for name in expected} == expected
        assert (after.version, after.updated_at, after.added_at) == (version, event.occurred_at, NOON)
        assert after.stock == before.stock


def test_stock_follows_its_own_stream() -> None:
    log = Log()
    product = mug(log)
    steps: list[tuple[Event, Stock]] = [
        (StockReceived(quantity=10), Stock(version=1, on_hand=10, reserved=0, available=10)),
        (StockReserved(order_id=ORDER, quantity=4), Stock(version=2, on_hand=10, reserved=4, available=6)),
        (StockReleased(order_id=ORDER, quantity=1), Stock(version=3, on_hand=10, reserved=3, available=7)),
        (StockShipped(order_id=ORDER, quantity=3), Stock(version=4, on_hand=7, reserved=0, available=7)),
        (StockReserved(order_id=ORDER, quantity=2), Stock(version=5, on_hand=7, reserved=2, available=5)),
        (StockCorrected(on_hand=2, reason="count"), Stock(version=6, on_hand=2, reserved=2, available=0)),
        (ReorderLevelSet(level=3), Stock(version=7, on_hand=2, reserved=2, available=0, reorder_level=3)),
        (StockReceived(quantity=5), Stock(version=8, on_hand=7, reserved=2, available=5, reorder_level=3)),
    ]
    for what, expected in steps:
        event = log.stock(what)
        product = product.when(event)
        assert product.document(MUG).stock == expected
        assert product.document(MUG).version == 1, "the product's own stream has not moved"
        assert product.document(MUG).updated_at == event.occurred_at


def test_a_shelf_can_be_counted_empty() -> None:
    log = Log()
    counted = mug(log).when(log.stock(StockReceived(quantity=3)), log.stock(StockCorrected(on_hand=0, reason="stolen")))
    assert counted.document(MUG).stock == Stock(version=2, on_hand=0, reserved=0, available=0)


def test_orders_touch_no_product() -> None:
    log = Log()
    before = mug(log)
    assert before.when(log.order(placed(mugs(1)))) == before


def test_the_lower_case_sku_is_what_filters_compare() -> None:
    stored = PRODUCTS.shape.encode(mug(Log()).document(MUG))
    assert stored["_keys"]["sku"] == "mug-1"
    assert stored["sku"] == "MUG-1"
