"""The purchaser's list."""

from projections.kernel.scenario import POSITIONS, Scenario, given
from projections.read_models.reorders import REORDERS, Reorder, ReorderId, ReorderStatus
from tests.projections.shop import LATER, MUG, NOON, ORDER, POT, Log, mug_added
from write_side.catalogue.events import ProductRenamed
from write_side.reorders.events import ReorderCovered, ReorderNeeded
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)

MUGS = ReorderId.of(MUG)
NEEDED = ReorderNeeded(sku="MUG-1", name="Blue mug", on_hand=10, reserved=7, level=5)


def needed(log: Log) -> Scenario[Reorder]:
    return given(REORDERS, log.product(mug_added()), log.reorder(NEEDED, at=NOON))


def numbers(reorder: Reorder) -> tuple[int, int, int, int]:
    return (reorder.on_hand, reorder.reserved, reorder.available, reorder.missing)


def test_a_product_of_which_too_little_can_be_sold() -> None:
    log = Log()
    assert needed(log).document(MUGS) == Reorder(
        id=MUGS,
        version=1,
        position=POSITIONS.token(log.events[1].position),
        product_id=MUG,
        sku="MUG-1",
        name="Blue mug",
        status=ReorderStatus.NEEDED,
        level=5,
        on_hand=10,
        reserved=7,
        available=3,
        missing=2,
        needed_at=NOON,
        covered_at=None,
    )


def test_a_product_that_never_fell_under_its_level_is_not_on_the_list() -> None:
    log = Log()
    scenario = given(
        REORDERS,
        log.product(mug_added()),
        log.product(ProductRenamed(name="Mug")),
        log.stock(ReorderLevelSet(level=5)),
        log.stock(StockReceived(quantity=10)),
        log.stock(StockReserved(order_id=ORDER, quantity=2)),
        log.stock(StockShipped(order_id=ORDER, quantity=2)),
    )
    assert scenario.documents == {}


def test_it_tells_what_there_is_now() -> None:
    log = Log()
    scenario = needed(log)
    for event, expected in (
        (StockReserved(order_id=ORDER, quantity=1), (10, 8, 2, 3)),
        (StockShipped(order_id=ORDER, quantity=3), (7, 5, 2, 3)),
        (StockReleased(order_id=ORDER, quantity=2), (7, 3, 4, 1)),
        (StockReceived(quantity=6), (13, 3, 10, 0)),
        (StockCorrected(on_hand=3, reason="count"), (3, 3, 0, 5)),
        (ReorderLevelSet(level=2), (3, 3, 0, 2)),
    ):
        scenario = scenario.when(log.stock(event))
        assert numbers(scenario.document(MUGS)) == expected
    assert scenario.document(MUGS).status is ReorderStatus.NEEDED  # until that was looked at
    assert scenario.document(MUGS).version == 1


def test_covered_and_needed_again() -> None:
    log = Log()
    covered = needed(log).when(log.stock(StockReceived(quantity=6))).when(log.reorder(ReorderCovered(), at=LATER))
    document = covered.document(MUGS)
    assert (document.status, document.needed_at, document.covered_at) == (ReorderStatus.COVERED, NOON, LATER)
    assert document.version == 2

    again = covered.when(log.reorder(NEEDED, at=LATER)).document(MUGS)

    assert (again.status, again.needed_at, again.covered_at, again.version) == (ReorderStatus.NEEDED, LATER, None, 3)
    assert numbers(again) == (10, 7, 3, 2)


def test_it_is_called_as_the_product_is() -> None:
    log = Log()
    renamed = needed(log).when(log.product(ProductRenamed(name="Mug")))
    assert renamed.document(MUGS).name == "Mug"
    assert renamed.when(log.product(ProductRenamed(name="Pot"), key=POT)).document(MUGS).name == "Mug"
