"""The purchaser's list: what has to be ordered again, with what there is of it now.

One document for each product that ever fell under its reorder level. Bounded: numbers, names and times.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from write_side.catalogue.events import ProductRenamed
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.reorders.events import ReorderCovered, ReorderNeeded
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)
from write_side.terms.ids import ProductId


class ReorderId(Id, prefix="reo"):
    """The reorders of the product with the same digits."""


class ReorderStatus(StrEnum):
    """Whether a product has to be ordered again."""

    NEEDED = "NEEDED"
    COVERED = "COVERED"


@document(
    many="reorders",
    stream="reorder",
    filters=(Filter("product_id"), Filter("sku", folded=True), Filter("status"), Filter("needed_at")),
    orders=(
        OrderBy("needed_at", DESC),
        OrderBy("needed_at", ASC),
        OrderBy("missing", DESC),
        OrderBy("name", ASC),
    ),
    search=("name", "sku"),
    watch=("many",),
)
class Reorder(StreamDocument):
    """A product that fell under its reorder level, with what there is of it now."""

    id: ReorderId
    product_id: ProductId
    sku: str
    name: str
    status: Annotated[
        ReorderStatus,
        Doc("COVERED: enough can be sold again, the level was lowered, or the product is sold no more."),
    ]
    level: Annotated[int, Doc("Fewer units than this are too few.")]
    on_hand: Annotated[int, Doc("Units on the shelf.")]
    reserved: Annotated[int, Doc("Units on the shelf that are promised to orders.")]
    available: Annotated[int, Doc("Units that can be sold: on the shelf and not reserved.")]
    missing: Annotated[int, Doc("Units that it takes to get to the level; 0 from there on.")]
    needed_at: Annotated[datetime, Doc("When it fell under its level last.")]
    covered_at: datetime | None = None


REORDERS = Projection(Reorder, version=1)


@REORDERS.starts(ReorderNeeded)
def needed(event: Recorded[ReorderNeeded]) -> Reorder:
    """Too little can be sold, for the first time or again."""
    what, product_id = event.event, ProductId(event.key)
    reorder = Reorder(
        id=ReorderId.of(product_id),
        product_id=product_id,
        sku=what.sku,
        name=what.name,
        status=ReorderStatus.NEEDED,
        level=what.level,
        on_hand=what.on_hand,
        reserved=what.reserved,
        available=0,
        missing=0,
        needed_at=event.occurred_at,
    )
    return _counted(reorder)


@REORDERS.on(ReorderCovered)
def covered(reorder: Reorder, event: Recorded[ReorderCovered]) -> Reorder:
    """It need not be ordered again."""
    return replace(reorder, status=ReorderStatus.COVERED, covered_at=event.occurred_at)


# Of a product that never fell under its level there is no document, and none is made.
@REORDERS.on(ProductRenamed, optional=True)
def renamed(reorder: Reorder, event: Recorded[ProductRenamed]) -> Reorder:
    """The product is called otherwise."""
    return replace(reorder, name=event.event.name)


@REORDERS.on(ReorderLevelSet, optional=True)
def level_set(reorder: Reorder, event: Recorded[ReorderLevelSet]) -> Reorder:
    """More or fewer units are too few."""
    return _counted(replace(reorder, level=event.event.level))


@REORDERS.on(StockReceived, optional=True)
def received(reorder: Reorder, event: Recorded[StockReceived]) -> Reorder:
    """More on the shelf."""
    return _counted(replace(reorder, on_hand=reorder.on_hand + event.event.quantity))


@REORDERS.on(StockCorrected, optional=True)
def corrected(reorder: Reorder, event: Recorded[StockCorrected]) -> Reorder:
    """So much is on the shelf."""
    return _counted(replace(reorder, on_hand=event.event.on_hand))


@REORDERS.on(StockReserved, optional=True)
def reserved(reorder: Reorder, event: Recorded[StockReserved]) -> Reorder:
    """More is promised."""
    return _counted(replace(reorder, reserved=reorder.reserved + event.event.quantity))


@REORDERS.on(StockReleased, optional=True)
def released(reorder: Reorder, event: Recorded[StockReleased]) -> Reorder:
    """Less is promised."""
    return _counted(replace(reorder, reserved=reorder.reserved - event.event.quantity))


@REORDERS.on(StockShipped, optional=True)
def shipped(reorder: Reorder, event: Recorded[StockShipped]) -> Reorder:
    """What was promised left the shelf."""
    quantity = event.event.quantity
    return _counted(replace(reorder, on_hand=reorder.on_hand - quantity, reserved=reorder.reserved - quantity))


def _counted(reorder: Reorder) -> Reorder:
    available = reorder.on_hand - reorder.reserved
    return replace(reorder, available=available, missing=max(0, reorder.level - available))
