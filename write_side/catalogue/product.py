"""The state of a product, as far as decisions read it."""

from dataclasses import dataclass, replace
from typing import assert_never

from write_side.catalogue.events import (
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductEvent,
    ProductPriceChanged,
    ProductRenamed,
)
from write_side.kernel.refusals import Refusal
from write_side.kernel.streams import StreamKind
from write_side.terms.ids import ProductId
from write_side.terms.money import Money


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the catalogue."""

    sku: str
    name: str
    description: str
    tags: tuple[str, ...]
    price: Money
    active: bool = True


class ProductDiscontinuedRefusal(Refusal, code="PRODUCT_DISCONTINUED"):
    """The product is not sold any more."""


def check_active(product: Product, *path: str) -> None:
    """The product must still be sold. Raises `ProductDiscontinuedRefusal`."""
    if not product.active:
        raise ProductDiscontinuedRefusal(f"{product.name} is discontinued", *path)


def evolve(product: Product | None, event: ProductEvent) -> Product | None:
    """The product after `event`."""
    if isinstance(event, ProductAdded):
        return Product(event.sku, event.name, event.description, event.tags, event.price)
    if product is None:
        raise ValueError("a product's stream begins with its addition")
    match event:
        case ProductRenamed():
            return replace(product, name=event.name)
        case ProductDescribed():
            return replace(product, description=event.description, tags=event.tags)
        case ProductPriceChanged():
            return replace(product, price=event.price)
        case ProductDiscontinued():
            return replace(product, active=False)
        case _:
            assert_never(event)


PRODUCT: StreamKind[Product | None] = StreamKind("product", ProductId, ProductEvent, initial=None, evolve=evolve)
