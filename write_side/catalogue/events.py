"""What happens to a product in the catalogue."""

from write_side.kernel.events import Event
from write_side.terms.money import Money


class ProductAdded(Event, name="product-added"):
    """The shop sells something new."""

    sku: str
    name: str
    description: str
    tags: tuple[str, ...]
    price: Money


class ProductRenamed(Event, name="product-renamed"):
    """The product is called otherwise. What was ordered before keeps its name."""

    name: str


class ProductDescribed(Event, name="product-described"):
    """The product has another description or other tags."""

    description: str
    tags: tuple[str, ...]


class ProductPriceChanged(Event, name="product-price-changed"):
    """The product costs something else from now on."""

    price: Money


class ProductDiscontinued(Event, name="product-discontinued"):
    """The product is not sold any more."""

    reason: str


ProductEvent = ProductAdded | ProductRenamed | ProductDescribed | ProductPriceChanged | ProductDiscontinued
