"""The commands on the catalogue, each with its decision. A SKU is unique in the shop, by claiming it."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from write_side.catalogue.events import (
    ProductAdded,
    ProductDescribed,
    ProductDiscontinued,
    ProductPriceChanged,
    ProductRenamed,
)
from write_side.catalogue.product import PRODUCT, check_active
from write_side.claims.claim import sku_claim
from write_side.claims.events import ValueClaimed
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing, not_yet
from write_side.kernel.refusals import AlreadyExists
from write_side.kernel.streams import Loaded, Stream
from write_side.terms.ids import ProductId
from write_side.terms.money import MoneyInput
from write_side.terms.text import Description, Name, Reason, Sku, Tag


def _each_once(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tags))


Tags = Annotated[tuple[Tag, ...], Field(max_length=50), AfterValidator(_each_once)]


class AddProduct(Command, starts=PRODUCT):
    """Add a product to the catalogue. Its SKU must not be another product's, in whatever case."""

    id: ProductId | None = None
    sku: Sku
    name: Name
    description: Description | None = None
    tags: Tags | None = None
    price: MoneyInput

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        return [sku_claim(self.sku)]

    def decide(self, loaded: Loaded) -> Events:
        product = not_yet(loaded, self.target)
        claim = sku_claim(self.sku)
        if loaded[claim] is not None:
            raise AlreadyExists("another product has this SKU", "sku")
        added = ProductAdded(
            sku=self.sku,
            name=self.name,
            description=self.description or "",
            tags=self.tags or (),
            price=self.price.value,
        )
        return [(product, added), (claim, ValueClaimed(holder=self.key))]


class RenameProduct(Command, target=PRODUCT):
    """Give a product another name. Orders that have been placed keep the old one."""

    product_id: ProductId
    name: Name

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        return [] if product.name == self.name else [(self.target, ProductRenamed(name=self.name))]


class DescribeProduct(Command, target=PRODUCT):
    """Describe a product anew. Without tags, those that it has stay."""

    product_id: ProductId
    description: Description
    tags: Tags | None = None

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        tags = product.tags if self.tags is None else self.tags
        if (product.description, product.tags) == (self.description, tags):
            return []
        return [(self.target, ProductDescribed(description=self.description, tags=tags))]


class ChangeProductPrice(Command, target=PRODUCT):
    """Sell a product at another price from now on."""

    product_id: ProductId
    price: MoneyInput

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        price = self.price.value
        return [] if product.price == price else [(self.target, ProductPriceChanged(price=price))]


class DiscontinueProduct(Command, target=PRODUCT):
    """Sell a product no more. Orders that have it are served still."""

    product_id: ProductId
    reason: Reason

    def decide(self, loaded: Loaded) -> Events:
        product = existing(loaded, PRODUCT.of(self.product_id), "productId")
        check_active(product, "productId")
        return [(self.target, ProductDiscontinued(reason=self.reason))]
