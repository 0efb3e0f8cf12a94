"""The commands on stock, each with its decision. The target is the stock's stream, which a product has from the start."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import Doc

from write_side.catalogue.product import PRODUCT, check_active
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.refusals import InvalidInput
from write_side.kernel.streams import Loaded, Stream
from write_side.stock.events import ReorderLevelSet, StockCorrected, StockReceived
from write_side.stock.stock import MOST, STOCK, InsufficientStock
from write_side.terms.ids import ProductId
from write_side.terms.quantity import Quantity
from write_side.terms.text import Reason, Reference


class ReceiveStock(Command, target=STOCK):
    """Note that units of a product came in and are on the shelf."""

    product_id: ProductId
    quantity: Quantity
    reference: Reference | None = None

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_active(product, "productId")
        stock = STOCK.of(self.product_id)
        if loaded[stock].on_hand + self.quantity > MOST:
            raise InvalidInput(f"there may be at most {MOST} on hand", "quantity")
        return [(stock, StockReceived(quantity=self.quantity, reference=self.reference))]


class CorrectStock(Command, target=STOCK):
    """Note what a count on the shelf found. It cannot be less than what is reserved."""

    product_id: ProductId
    on_hand: Annotated[int, Field(ge=0, le=MOST)]
    reason: Reason

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        existing(loaded, PRODUCT.of(self.product_id), "productId")
        stream = STOCK.of(self.product_id)
        stock = loaded[stream]
        if self.on_hand < stock.reserved:
            raise InsufficientStock(f"{stock.reserved} are reserved by orders", "onHand")
        return [] if self.on_hand == stock.on_hand else [(stream, StockCorrected(on_hand=self.on_hand, reason=self.reason))]


class SetReorderLevel(Command, target=STOCK):
    """Have a product ordered again when fewer units than this can be sold: it is among `reorders` then."""

    product_id: ProductId
    level: Annotated[int, Field(ge=0, le=MOST), Doc("0 for never.")]

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_active(product, "productId")
        stock = STOCK.of(self.product_id)
        return [] if loaded[stock].reorder_level == self.level else [(stock, ReorderLevelSet(level=self.level))]
