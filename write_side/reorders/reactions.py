"""What reorders make of the rest of the shop: whatever may change whether a product is needed has it looked at."""

from write_side.catalogue.events import ProductDiscontinued
from write_side.kernel.commands import Command
from write_side.kernel.events import Recorded
from write_side.kernel.reactions import Reaction
from write_side.reorders.commands import ReviewStock
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockReceived,
    StockReleased,
    StockReserved,
)
from write_side.terms.ids import ProductId

REVIEW_STOCK = Reaction("review-stock", coalesce=True)


# What is shipped was reserved before: it changes nothing about what can be sold.
@REVIEW_STOCK.on(StockReceived, StockCorrected, StockReserved, StockReleased, ReorderLevelSet, ProductDiscontinued)
def stock_changed(changed: Recorded) -> Command | None:
    """Less of the product can be sold, or more; or more of it is wanted, or less."""
    return ReviewStock(product_id=ProductId(changed.key))
