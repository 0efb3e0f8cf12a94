"""The command about reorders, with its decision."""

from collections.abc import Iterable
from typing import Any

from write_side.catalogue.product import PRODUCT
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing
from write_side.kernel.streams import Loaded, Stream
from write_side.reorders.events import ReorderCovered, ReorderNeeded
from write_side.reorders.reorder import REORDER
from write_side.stock.stock import STOCK
from write_side.terms.ids import ProductId


class ReviewStock(Command, target=REORDER):
    """Look whether a product has to be ordered again. The shop does so by itself whenever that may have changed."""

    product_id: ProductId

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [PRODUCT.of(self.product_id), STOCK.of(self.product_id)]

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        stock = loaded[STOCK.of(self.product_id)]
        reorder = REORDER.of(self.product_id)
        # Nobody orders what is sold no more.
        needed = product.active and stock.available < stock.reorder_level
        if needed == loaded[reorder].needed:
            return []
        if not needed:
            return [(reorder, ReorderCovered())]
        found = ReorderNeeded(
            sku=product.sku,
            name=product.name,
            on_hand=stock.on_hand,
            reserved=stock.reserved,
            level=stock.reorder_level,
        )
        return [(reorder, found)]
