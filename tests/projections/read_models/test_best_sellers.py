"""The leaderboard."""

from projections.kernel.scenario import POSITIONS, given
from projections.parts import Money, OrderProduct
from projections.read_models.best_sellers import BEST_SELLERS, BestSeller, BestSellerId
from tests.projections.shop import MUG, POT, Log, eur, jpy, mugs, order_id, paid, placed, pots, refunded

MUGS, POTS = BestSellerId.of(MUG), BestSellerId.of(POT)


def test_each_product_of_a_paid_order_has_its_place() -> None:
    log = Log()
    scenario = given(BEST_SELLERS, log.order(placed(mugs(2), pots(1))), log.order(paid(mugs(2), pots(1))))
    assert scenario.document(MUGS) == BestSeller(
        id=MUGS,
        position=POSITIONS.token(log.events[1].position),
        product=OrderProduct(product_id=MUG, sku="MUG-1", name="Blue mug"),
        units_sold=2,
        revenue=(Money.of(eur("24.80")),),
    )
    assert scenario.document(POTS).units_sold == 1
    assert scenario.document(POTS).revenue == (Money.of(eur("30.00")),)


def test_an_order_that_is_not_paid_counts_nothing() -> None:
    assert given(BEST_SELLERS, Log().order(placed(mugs(2)))).documents == {}


def test_a_refund_takes_back() -> None:
    log = Log()
    before = given(BEST_SELLERS, log.order(paid(mugs(2), pots(1))), log.order(paid(mugs(3)), order_id(2)))
    after = before.when(log.order(refunded(mugs(2), pots(1))))
    assert (after.document(MUGS).units_sold, after.document(MUGS).revenue) == (3, (Money.of(eur("37.20")),))
    assert (after.document(POTS).units_sold, after.document(POTS).revenue) == (0, ())
    assert after.document(POTS).product.name == "Tea pot"


def test_revenue_is_per_currency() -> None:
    log = Log()
    yens = mugs(2).model_copy(update={"unit_price": jpy("900")})
    scenario = given(BEST_SELLERS, log.order(paid(yens)), log.order(paid(mugs(1)), order_id(2)))
    seller = scenario.document(MUGS)
    assert (seller.units_sold, seller.revenue) == (3, (Money.of(eur("12.40")), Money.of(jpy("1800"))))
    assert scenario.when(log.order(refunded(yens))).document(MUGS).revenue == (Money.of(eur("12.40")),)


def test_a_product_is_called_as_it_was_when_last_sold() -> None:
    log = Log()
    renamed = mugs(1).model_copy(update={"name": "Mug, blue"})
    before = given(BEST_SELLERS, log.order(paid(mugs(2))), log.order(paid(renamed), order_id(2)))
    assert before.document(MUGS).product.name == "Mug, blue"
    assert before.when(log.order(refunded(mugs(2)))).document(MUGS).product.name == "Mug, blue"
