"""What clients look at: documents and lists of the shop, and the part of a document that they select.

That part is small and flat, by dotted paths, so that what was seen is held against the log by comparing dictionaries.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from projections.kernel.projection import AnyProjection
from projections.read_models.customers import CUSTOMERS
from projections.read_models.orders import ORDERS
from projections.read_models.products import PRODUCTS
from projections.read_models.shipping_tasks import SHIPPING_TASKS
from projections.read_models.store_overview import SHOP, STORE_OVERVIEW

Content = Mapping[str, Any]
"""What is selected of a document, by dotted path."""


@dataclass(frozen=True)
class Model:
    """A read model. `name` is the document's in answers, `paths` are selected of it; `keyed` says that it takes an id."""

    name: str
    projection: AnyProjection
    paths: tuple[str, ...]
    keyed: bool = True

    @property
    def selection(self) -> str:
        """The paths as GraphQL, with the id and the position."""
        parts = ["id", "position"]
        for first, paths in groupby(self.paths, key=lambda path: path.partition(".")[0]):
            below = " ".join(path.partition(".")[2] for path in paths)
            parts.append(f"{first} {{ {below} }}" if below else first)
        return "{ " + " ".join(parts) + " }"

    def content(self, document: Mapping[str, Any]) -> Content:
        """The part of a document, answered or stored."""
        return {path: _at(document, path) for path in self.paths}


@dataclass(frozen=True)
class One:
    """One document."""

    model: Model
    key: str

    def matches(self, _content: Content) -> bool:
        return True


@dataclass(frozen=True)
class Listing:
    """All documents that meet a filter. `matches` says the same of a content, in Python.

    `order` is one in which documents keep their places, so that going through pages passes none by.
    """

    model: Model
    many: str
    filter_type: str
    order: str
    filter: Mapping[str, Any] = field(default_factory=dict, hash=False)
    matches: Callable[[Content], bool] = field(default=lambda _content: True, hash=False, compare=False)


Subject = One | Listing


ORDER = Model(
    "order",
    ORDERS,
    ("version", "status", "itemCount", "total.amount", "customer.customerId", "customer.name", "shippingAddress.line1"),
)
CUSTOMER = Model("customer", CUSTOMERS, ("version", "name", "phone", "walletVersion", "orderCount"))
PRODUCT = Model(
    "product", PRODUCTS, ("version", "name", "price.amount", "stock.version", "stock.onHand", "stock.available")
)
TASK = Model("shippingTask", SHIPPING_TASKS, ("version", "orderId", "status", "address.line1"))
OVERVIEW = Model(
    "storeOverview",
    STORE_OVERVIEW,
    ("customers", "products", "ordersPlaced", "ordersPaid", "ordersShipped", "ordersDelivered", "ordersRefunded"),
    keyed=False,
)
MODELS = (ORDER, CUSTOMER, PRODUCT, TASK, OVERVIEW)
THE_SHOP = One(OVERVIEW, SHOP)
SCARCE = 1_000_000
"""Fewer units than that are scarce. So many, that nobody counts the same number twice: a command would change nothing."""


def orders(**given: Any) -> Listing:
    """Orders; `status` names several, `customer` is an id."""
    conditions: dict[str, Any] = {}
    if "status" in given:
        conditions["status"] = {"in": list(given["status"])}
    if "customer" in given:
        conditions["customerId"] = {"eq": given["customer"]}

    def matches(content: Content) -> bool:
        return ("status" not in given or content["status"] in given["status"]) and (
            "customer" not in given or content["customer.customerId"] == given["customer"]
        )

    return Listing(ORDER, "orders", "OrderFilter", "PLACED_AT_ASC", conditions, matches)


def tasks(status: str | None = None) -> Listing:
    """Shipping tasks, of one status or all."""
    conditions = {} if status is None else {"status": {"eq": status}}
    return Listing(
        TASK,
        "shippingTasks",
        "ShippingTaskFilter",
        "PAID_AT_ASC",
        conditions,
        lambda content: status is None or content["status"] == status,
    )


def products(*, scarce: bool = False) -> Listing:
    """Products; the scarce ones, of which less than `SCARCE` can be sold, come and go."""
    conditions = {"available": {"lt": SCARCE}} if scarce else {}
    return Listing(
        PRODUCT,
        "products",
        "ProductFilter",
        "ADDED_AT_DESC",
        conditions,
        lambda content: not scarce or content["stock.available"] < SCARCE,
    )


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value[name]
    return value
