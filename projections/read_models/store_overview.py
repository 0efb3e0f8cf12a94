"""The whole shop at a glance: one document, there from the first migration, all zero.

Bounded: counts, and one sum per currency. Counts are of events: an order that was paid and then refunded counts as both,
and a product that was discontinued is in the catalogue still.
"""

from datetime import datetime
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.documents import Document, document
from projections.kernel.projection import Key, Projection
from projections.kernel.replacing import replace
from projections.parts import Money, added
from write_side.catalogue.events import ProductAdded
from write_side.customers.events import CustomerRegistered
from write_side.kernel.events import Recorded
from write_side.kernel.ids import Id
from write_side.orders.events import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
)


class StoreOverviewId(Id, prefix="ovw", form="shop"):
    """The shop itself: there is one."""


SHOP = StoreOverviewId("ovw_shop")
"""The id of the only store overview."""


@document(singleton=SHOP, watch=("one",))
class StoreOverview(Document):
    """The whole shop at a glance: one document."""

    id: StoreOverviewId
    customers: int = 0
    products: Annotated[int, Doc("In the catalogue, discontinued ones included.")] = 0
    orders_placed: int = 0
    orders_paid: int = 0
    orders_shipped: int = 0
    orders_delivered: int = 0
    orders_cancelled: int = 0
    orders_refunded: int = 0
    revenue: Annotated[tuple[Money, ...], Doc("Paid less refunded, one entry per currency.")] = ()
    updated_at: datetime


def opened(key: Key, at: datetime) -> StoreOverview:
    """A shop in which nothing has happened."""
    return StoreOverview(id=StoreOverviewId(key), updated_at=at)


STORE_OVERVIEW = Projection(StoreOverview, version=1, initial=opened, seeds=(SHOP,))


def _shop(_event: Recorded) -> tuple[StoreOverviewId]:
    return (SHOP,)


@STORE_OVERVIEW.on(CustomerRegistered, keys=_shop)
def customer_registered(shop: StoreOverview, event: Recorded[CustomerRegistered]) -> StoreOverview:
    """One more customer."""
    return replace(shop, customers=shop.customers + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(ProductAdded, keys=_shop)
def product_added(shop: StoreOverview, event: Recorded[ProductAdded]) -> StoreOverview:
    """One more product."""
    return replace(shop, products=shop.products + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderPlaced, keys=_shop)
def order_placed(shop: StoreOverview, event: Recorded[OrderPlaced]) -> StoreOverview:
    """One more order."""
    return replace(shop, orders_placed=shop.orders_placed + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderPaid, keys=_shop)
def order_paid(shop: StoreOverview, event: Recorded[OrderPaid]) -> StoreOverview:
    """Money came in."""
    revenue = added(shop.revenue, event.event.total)
    return replace(shop, orders_paid=shop.orders_paid + 1, revenue=revenue, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderShipped, keys=_shop)
def order_shipped(shop: StoreOverview, event: Recorded[OrderShipped]) -> StoreOverview:
    """One more parcel on its way."""
    return replace(shop, orders_shipped=shop.orders_shipped + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderDelivered, keys=_shop)
def order_delivered(shop: StoreOverview, event: Recorded[OrderDelivered]) -> StoreOverview:
    """One more parcel arrived."""
    return replace(shop, orders_delivered=shop.orders_delivered + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderCancelled, keys=_shop)
def order_cancelled(shop: StoreOverview, event: Recorded[OrderCancelled]) -> StoreOverview:
    """One more order given up."""
    return replace(shop, orders_cancelled=shop.orders_cancelled + 1, updated_at=event.occurred_at)


@STORE_OVERVIEW.on(OrderRefunded, keys=_shop)
def order_refunded(shop: StoreOverview, event: Recorded[OrderRefunded]) -> StoreOverview:
    """Money went back."""
    revenue = added(shop.revenue, event.event.total, -1)
    return replace(shop, orders_refunded=shop.orders_refunded + 1, revenue=revenue, updated_at=event.occurred_at)
