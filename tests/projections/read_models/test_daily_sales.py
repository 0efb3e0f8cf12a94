"""Sales figures per day and currency."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from projections.kernel.scenario import POSITIONS, given
from projections.parts import Money
from projections.read_models.daily_sales import DAILY_SALES, DailySales, DailySalesId
from tests.projections.shop import ADA, LATER, NOON, Log, eur, jpy, mugs, order_id, paid, placed, pots, refunded
from write_side.kernel.ids import MalformedId
from write_side.orders.events import OrderCancelled

TODAY, TOMORROW = DailySalesId("day_2026-01-31_EUR"), DailySalesId("day_2026-02-01_EUR")
CANCELLED = OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR")


def test_the_first_order_of_a_day() -> None:
    log = Log()
    assert given(DAILY_SALES, log.order(placed(mugs(2)), at=NOON)).document(TODAY) == DailySales(
        id=TODAY,
        position=POSITIONS.token(log.events[0].position),
        date=date(2026, 1, 31),
        currency_code="EUR",
        orders_placed=1,
        orders_paid=0,
        orders_cancelled=0,
        orders_refunded=0,
        units_sold=0,
        revenue=Money.of(eur("0.00")),
    )


def test_units_and_revenue_count_at_payment() -> None:
    log = Log()
    scenario = given(
        DAILY_SALES,
        log.order(placed(mugs(2)), at=NOON),
        log.order(paid(mugs(2)), at=LATER),
        log.order(placed(pots(1)), order_id(2), at=LATER),
        log.order(paid(pots(1)), order_id(2), at=LATER),
    )
    assert _figures(scenario.document(TODAY)) == (1, 0, 0, 0, 0, "0.00")
    assert _figures(scenario.document(TOMORROW)) == (1, 2, 0, 0, 3, "54.80")


def test_a_refund_counts_on_its_own_day() -> None:
    log = Log()
    before = given(DAILY_SALES, log.order(placed(mugs(2)), at=NOON), log.order(paid(mugs(2)), at=NOON))
    after = before.when(log.order(refunded(mugs(2)), at=LATER))
    assert after.document(TODAY) == before.document(TODAY)
    assert _figures(after.document(TODAY)) == (1, 1, 0, 0, 2, "24.80")
    assert _figures(after.document(TOMORROW)) == (0, 0, 0, 1, -2, "-24.80")


def test_a_cancellation_counts_on_its_own_day() -> None:
    log = Log()
    scenario = given(DAILY_SALES, log.order(placed(mugs(2)), at=NOON), log.order(CANCELLED, at=LATER))
    assert _figures(scenario.document(TODAY)) == (1, 0, 0, 0, 0, "0.00")
    assert _figures(scenario.document(TOMORROW)) == (0, 0, 1, 0, 0, "0.00")


def test_each_currency_has_a_day_of_its_own() -> None:
    log = Log()
    yens = mugs(2).model_copy(update={"unit_price": jpy("900")})
    scenario = given(
        DAILY_SALES,
        log.order(placed(mugs(2)), at=NOON),
        log.order(placed(yens), order_id(2), at=NOON),
        log.order(paid(yens), order_id(2), at=NOON),
    )
    assert _figures(scenario.document(TODAY)) == (1, 0, 0, 0, 0, "0.00")
    assert _figures(scenario.document("day_2026-01-31_JPY")) == (1, 1, 0, 0, 2, "1800")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC), TODAY),
        (datetime(2026, 2, 1, tzinfo=UTC), TOMORROW),
        (datetime(2026, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))), TODAY),
    ],
)
def test_a_day_is_one_in_utc(moment: datetime, expected: DailySalesId) -> None:
    assert list(given(DAILY_SALES, Log().order(placed(mugs(1)), at=moment)).documents) == [str(expected)]


def test_its_id_is_parsed() -> None:
    parsed = DailySalesId.parse("day_2026-01-31_EUR")
    assert (parsed.day, parsed.currency_code) == (date(2026, 1, 31), "EUR")
    for wrong in ("day_2026-1-31_EUR", "day_2026-01-31", "day_2026-01-31_eur", "bst_2026-01-31_EUR", "day_x"):
        with pytest.raises(MalformedId):
            DailySalesId.parse(wrong)


def _figures(day: DailySales) -> tuple[int, int, int, int, int, str]:
    assert day.revenue.currency_code == day.currency_code
    return (
        day.orders_placed,
        day.orders_paid,
        day.orders_cancelled,
        day.orders_refunded,
        day.units_sold,
        str(day.revenue.amount),
    )
