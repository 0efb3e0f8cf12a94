"""What becomes of orders by themselves."""

from datetime import timedelta

from write_side.kernel.commands import Command
from write_side.kernel.events import Recorded
from write_side.kernel.reactions import Reaction
from write_side.orders.events import OrderPlaced
from write_side.orders.payment import CancelOrder
from write_side.terms.ids import OrderId

CANCEL_UNPAID = Reaction("cancel-unpaid", after=timedelta(hours=24))


@CANCEL_UNPAID.on(OrderPlaced)
def unpaid(placed: Recorded[OrderPlaced]) -> Command | None:
    """An order waits so long for its payment, and no longer. One that was paid refuses."""
    return CancelOrder(order_id=OrderId(placed.key), reason="not paid in time")
