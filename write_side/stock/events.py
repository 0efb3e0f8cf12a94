"""What happens to a product's stock. Its stream's key is the product's id, and it begins with nothing on the shelf."""

from write_side.kernel.events import Event
from write_side.terms.ids import OrderId


class StockReceived(Event, name="stock-received"):
    """Units came in and are on the shelf."""

    quantity: int
    reference: str | None = None


class StockCorrected(Event, name="stock-corrected"):
    """A count found `on_hand` units on the shelf."""

    on_hand: int
    reason: str


class StockReserved(Event, name="stock-reserved"):
    """Units on the shelf are promised to an order."""

    order_id: OrderId
    quantity: int


class StockReleased(Event, name="stock-released"):
    """Units that were promised to an order can be sold again."""

    order_id: OrderId
    quantity: int


class StockShipped(Event, name="stock-shipped"):
    """Units that were promised to an order left the shelf."""

    order_id: OrderId
    quantity: int


class ReorderLevelSet(Event, name="reorder-level-set"):
    """The product is to be ordered again when fewer than `level` units can be sold; 0 for never."""

    level: int


StockEvent = StockReceived | StockCorrected | StockReserved | StockReleased | StockShipped | ReorderLevelSet
