"""The catalogue entry, with what can be sold now.

Its one list, the tags, is bounded by what a command accepts.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.projection import Projection
from projections.kernel.replacing import replace
from projections.parts import Money
from write_side.catalogue.events import (
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductPriceChanged,
    ProductRenamed,
)
from write_side.kernel.events import Recorded
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockEvent,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)
from write_side.terms.ids import ProductId


class ProductStatus(StrEnum):
    """Whether a product is sold."""

    ACTIVE = "ACTIVE"
    DISCONTINUED = "DISCONTINUED"


@part
class Stock:
    """A stream of its own, so that selling does not get in the way of editing the catalogue."""

    version: Annotated[int, Doc("Version of the stock's own stream; 0 before anything came in.")]
    on_hand: Annotated[int, Doc("Units on the shelf.")]
    reserved: Annotated[int, Doc("Units on the shelf that are promised to orders.")]
    available: Annotated[int, Doc("Units that can be sold: on the shelf and not reserved.")]
    reorder_level: Annotated[int, Doc("When fewer units can be sold, the product is to be ordered again; 0 for never.")] = 0


@document(
    many="products",
    stream="product",
    filters=(
        Filter("sku", folded=True),
        Filter("status"),
        Filter("tags", name="tag"),
        Filter("stock.available"),
    ),
    orders=(
        OrderBy("name", ASC),
        OrderBy("added_at", DESC),
        OrderBy("price.amount", ASC, name="PRICE"),
        OrderBy("price.amount", DESC, name="PRICE"),
    ),
    search=("name", "description", "tags", "sku"),
    watch=("one", "many"),
)
class Product(StreamDocument):
    """The catalogue entry, with what can be sold now."""

    id: ProductId
    sku: str
    name: str
    description: str
    tags: tuple[str, ...]
    price: Money
    status: ProductStatus
    stock: Stock
    added_at: datetime
    updated_at: datetime


PRODUCTS = Projection(Product, version=1)


@PRODUCTS.starts(ProductAdded)
def product_added(event: Recorded[ProductAdded]) -> Product:
    """Something new in the catalogue, and nothing of it on the shelf."""
    what = event.event
    return Product(
        id=ProductId(event.key),
        sku=what.sku,
        name=what.name,
        description=what.description,
        tags=what.tags,
        price=Money.of(what.price),
        status=ProductStatus.ACTIVE,
        stock=Stock(version=0, on_hand=0, reserved=0, available=0),
        added_at=event.occurred_at,
        updated_at=event.occurred_at,
    )


@PRODUCTS.on(ProductRenamed)
def renamed(product: Product, event: Recorded[ProductRenamed]) -> Product:
    """The product is called otherwise."""
    return replace(product, name=event.event.name, updated_at=event.occurred_at)


@PRODUCTS.on(ProductDescribed)
def described(product: Product, event: Recorded[ProductDescribed]) -> Product:
    """Another description or other tags."""
    return replace(product, description=event.event.description, tags=event.event.tags, updated_at=event.occurred_at)


@PRODUCTS.on(ProductPriceChanged)
def price_changed(product: Product, event: Recorded[ProductPriceChanged]) -> Product:
    """The product costs something else."""
    return replace(product, price=Money.of(event.event.price), updated_at=event.occurred_at)


@PRODUCTS.on(ProductDiscontinued)
def discontinued(product: Product, event: Recorded[ProductDiscontinued]) -> Product:
    """The product is not sold any more; what is on the shelf stays there."""
    return replace(product, status=ProductStatus.DISCONTINUED, updated_at=event.occurred_at)


@PRODUCTS.on(StockReceived)
def stock_received(product: Product, event: Recorded[StockReceived]) -> Product:
    """More on the shelf."""
    return _with_stock(product, event, on_hand=product.stock.on_hand + event.event.quantity)


@PRODUCTS.on(StockCorrected)
def stock_corrected(product: Product, event: Recorded[StockCorrected]) -> Product:
    """So much is on the shelf."""
    return _with_stock(product, event, on_hand=event.event.on_hand)


@PRODUCTS.on(StockReserved)
def stock_reserved(product: Product, event: Recorded[StockReserved]) -> Product:
    """More is promised."""
    return _with_stock(product, event, reserved=product.stock.reserved + event.event.quantity)


@PRODUCTS.on(StockReleased)
def stock_released(product: Product, event: Recorded[StockReleased]) -> Product:
    """Less is promised."""
    return _with_stock(product, event, reserved=product.stock.reserved - event.event.quantity)


@PRODUCTS.on(StockShipped)
def stock_shipped(product: Product, event: Recorded[StockShipped]) -> Product:
    """What was promised left the shelf."""
    stock, quantity = product.stock, event.event.quantity
    return _with_stock(product, event, on_hand=stock.on_hand - quantity, reserved=stock.reserved - quantity)


@PRODUCTS.on(ReorderLevelSet)
def reorder_level_set(product: Product, event: Recorded[ReorderLevelSet]) -> Product:
    """It is to be ordered again sooner or later."""
    return _with_stock(product, event, reorder_level=event.event.level)


def _with_stock(
    product: Product,
    event: Recorded[StockEvent],
    *,
    on_hand: int | None = None,
    reserved: int | None = None,
    reorder_level: int | None = None,
) -> Product:
    shelf = product.stock.on_hand if on_hand is None else on_hand
    promised = product.stock.reserved if reserved is None else reserved
    stock = Stock(
        version=event.version,
        on_hand=shelf,
        reserved=promised,
        available=shelf - promised,
        reorder_level=product.stock.reorder_level if reorder_level is None else reorder_level,
    )
    return replace(product, stock=stock, updated_at=event.occurred_at)
