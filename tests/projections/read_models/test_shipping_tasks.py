"""The warehouse's work list."""

from projections.kernel.scenario import POSITIONS, Scenario, given
from projections.parts import Address
from projections.read_models.shipping_tasks import (
    SHIPPING_TASKS,
    ShippingLine,
    ShippingStatus,
    ShippingTask,
    ShippingTaskId,
)
from tests.projections.shop import ADA, BERLIN, NOON, ORDER, PARIS, Log, mugs, paid, placed, pots, refunded
from write_side.orders.events import OrderCancelled, OrderDelivered, OrderShipped, ShippingAddressChanged

TASK = ShippingTaskId.of(ORDER)
SHIPPED = OrderShipped(customer_id=ADA, carrier="DHL", tracking_number="T-1")


def ready(log: Log) -> Scenario[ShippingTask]:
    return given(SHIPPING_TASKS, log.order(placed(mugs(2), pots(1))), log.order(paid(mugs(2), pots(1)), at=NOON))


def test_a_paid_order_is_a_task() -> None:
    log = Log()
    assert ready(log).document(TASK) == ShippingTask(
        id=TASK,
        order_id=ORDER,
        version=2,
        position=POSITIONS.token(log.events[1].position),
        status=ShippingStatus.READY,
        recipient="Ada Lovelace",
        address=Address.of(BERLIN),
        lines=(
            ShippingLine(sku="MUG-1", name="Blue mug", quantity=2),
            ShippingLine(sku="POT-1", name="Tea pot", quantity=1),
        ),
        paid_at=NOON,
        shipped_at=None,
    )


def test_an_order_that_is_not_paid_is_no_task() -> None:
    log = Log()
    scenario = given(
        SHIPPING_TASKS,
        log.order(placed(mugs(1))),
        log.order(ShippingAddressChanged(address=PARIS)),
        log.order(OrderCancelled(customer_id=ADA, reason="too late", currency_code="EUR")),
    )
    assert scenario.documents == {}


def test_the_address_follows_the_order() -> None:
    log = Log()
    task = ready(log).when(log.order(ShippingAddressChanged(address=PARIS))).document(TASK)
    assert task.address == Address.of(PARIS)
    assert task.version == 3


def test_shipped() -> None:
    log = Log()
    before = ready(log)
    event = log.order(SHIPPED)
    task = before.when(event).document(TASK)
    assert (task.status, task.shipped_at) == (ShippingStatus.SHIPPED, event.occurred_at)


def test_delivery_moves_its_version_and_nothing_else() -> None:
    log = Log()
    shipped = ready(log).when(log.order(SHIPPED))
    delivered = shipped.when(log.order(OrderDelivered(customer_id=ADA))).document(TASK)
    assert (delivered.status, delivered.version) == (ShippingStatus.SHIPPED, 4)


def test_refunded_before_it_was_shipped() -> None:
    log = Log()
    task = ready(log).when(log.order(refunded(mugs(2), pots(1)))).document(TASK)
    assert (task.status, task.shipped_at, task.version) == (ShippingStatus.CANCELLED, None, 3)


def test_refunded_after_it_was_shipped() -> None:
    log = Log()
    before = ready(log)
    leaving = log.order(SHIPPED)
    task = before.when(leaving, log.order(refunded(mugs(2), pots(1), shipped=True))).document(TASK)
    assert (task.status, task.shipped_at, task.version) == (ShippingStatus.SHIPPED, leaving.occurred_at, 4)
