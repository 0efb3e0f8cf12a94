"""The warehouse's work list: one task per paid order, with what to pack and where to send it.

Bounded by the order itself: at most 100 lines.
"""

from datetime import datetime
from enum import StrEnum

from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from projections.parts import Address
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import OrderDelivered, OrderPaid, OrderRefunded, OrderShipped, ShippingAddressChanged
from write_side.terms.ids import OrderId


class ShippingTaskId(Id, prefix="shp"):
    """The shipping task of the order with the same digits."""


class ShippingStatus(StrEnum):
    """Where a shipping task stands."""

    READY = "READY"
    SHIPPED = "SHIPPED"
    CANCELLED = "CANCELLED"


@part
class ShippingLine:
    """So many units of a product to pack."""

    sku: str
    name: str
    quantity: int


@document(
    many="shippingTasks",
    stream="order",
    filters=(Filter("order_id"), Filter("status"), Filter("paid_at")),
    orders=(OrderBy("paid_at", ASC), OrderBy("paid_at", DESC)),
    watch=("many",),
)
class ShippingTask(StreamDocument):
    """The warehouse's work list: one task per paid order."""

    id: ShippingTaskId
    order_id: OrderId
    status: ShippingStatus
    recipient: str
    address: Address
    lines: tuple[ShippingLine, ...]
    paid_at: datetime
    shipped_at: datetime | None = None


SHIPPING_TASKS = Projection(ShippingTask, version=1)


@SHIPPING_TASKS.starts(OrderPaid)
def ready(event: Recorded[OrderPaid]) -> ShippingTask:
    """A paid order is the warehouse's to send."""
    what, order_id = event.event, OrderId(event.key)
    return ShippingTask(
        id=ShippingTaskId.of(order_id),
        order_id=order_id,
        status=ShippingStatus.READY,
        recipient=what.recipient,
        address=Address.of(what.shipping_address),
        lines=tuple(ShippingLine(sku=line.sku, name=line.name, quantity=line.quantity) for line in what.lines),
        paid_at=event.occurred_at,
    )


@SHIPPING_TASKS.on(ShippingAddressChanged, optional=True)
def address_changed(task: ShippingTask, event: Recorded[ShippingAddressChanged]) -> ShippingTask:
    """The order goes elsewhere. Before it is paid there is no task, and the payment brings the address along."""
    return replace(task, address=Address.of(event.event.address))


@SHIPPING_TASKS.on(OrderShipped)
def shipped(task: ShippingTask, event: Recorded[OrderShipped]) -> ShippingTask:
    """The task is done."""
    return replace(task, status=ShippingStatus.SHIPPED, shipped_at=event.occurred_at)


@SHIPPING_TASKS.on(OrderDelivered)
def delivered(task: ShippingTask, _event: Recorded[OrderDelivered]) -> ShippingTask:
    """Nothing to do; known so that the task's version stays that of its order."""
    return task


@SHIPPING_TASKS.on(OrderRefunded, optional=True)
def refunded(task: ShippingTask, event: Recorded[OrderRefunded]) -> ShippingTask:
    """There is nothing to send any more, unless it was sent before."""
    return task if event.event.shipped else replace(task, status=ShippingStatus.CANCELLED)
