"""The leaderboard: what was sold of each product, by units.

Bounded: one sum per currency. Counted at payment and taken back at refund; a product that was never paid for has no place.
"""

from datetime import datetime
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import DESC, Document, OrderBy, document
from projections.kernel.projection import Key, Projection
from projections.kernel.replacing import replace
from projections.parts import Money, OrderProduct, added
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import OrderLine, OrderPaid, OrderRefunded
from write_side.terms.ids import ProductId


class BestSellerId(Id, prefix="bst"):
    """The place on the leaderboard of the product with the same digits."""


@document(many="bestSellers", one=False, orders=(OrderBy("units_sold", DESC),))
class BestSeller(Document):
    """One product's place on the leaderboard."""

    id: BestSellerId
    product: Annotated[OrderProduct, Doc("As it was in the order that was paid last.")]
    units_sold: Annotated[int, Doc("Paid less refunded.")] = 0
    revenue: Annotated[tuple[Money, ...], Doc("Paid less refunded, one entry per currency.")] = ()


def unsold(key: Key, _at: datetime) -> BestSeller:
    """A product without sales. The line of its first sale says what it is called."""
    id_ = BestSellerId(key)
    return BestSeller(id=id_, product=OrderProduct(product_id=ProductId.of(id_), sku="", name=""))


BEST_SELLERS = Projection(BestSeller, version=1, initial=unsold)


def _products(event: Recorded[OrderPaid | OrderRefunded]) -> tuple[BestSellerId, ...]:
    return tuple(BestSellerId.of(line.product_id) for line in event.event.lines)


@BEST_SELLERS.on(OrderPaid, keys=_products)
def paid(seller: BestSeller, event: Recorded[OrderPaid]) -> BestSeller:
    """Units sold, and money taken."""
    for line in event.event.lines:
        if line.product_id == seller.product.product_id:
            seller = replace(_counted(seller, line, 1), product=OrderProduct.of(line))
    return seller


@BEST_SELLERS.on(OrderRefunded, keys=_products)
def refunded(seller: BestSeller, event: Recorded[OrderRefunded]) -> BestSeller:
    """Units and money taken back."""
    for line in event.event.lines:
        if line.product_id == seller.product.product_id:
            seller = _counted(seller, line, -1)
    return seller


def _counted(seller: BestSeller, line: OrderLine, sign: int) -> BestSeller:
    return replace(
        seller,
        units_sold=seller.units_sold + sign * line.quantity,
        revenue=added(seller.revenue, line.total, sign),
    )
