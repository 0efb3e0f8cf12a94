"""The same operations as one writes them with strawberry on an ordinary day: types, resolvers, motor, graphql-core.

Over the same documents in the same collection. Types and arguments are those of the API, as far as the operations go.
"""

from base64 import urlsafe_b64encode
from enum import Enum
from typing import Any, NewType, Self

import strawberry
from motor.motor_asyncio import AsyncIOMotorCollection
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from projections.parts import OrderStatus

Stored = dict[str, Any]
Collection = AsyncIOMotorCollection[Stored]

DateTime = NewType("DateTime", str)
Decimal = NewType("Decimal", str)
TEXT_SCALARS: dict[object, Any] = {
    DateTime: strawberry.scalar(name="DateTime", serialize=str, parse_value=str),
    Decimal: strawberry.scalar(name="Decimal", serialize=str, parse_value=str),
}
"""Scalars that are stored as they are sent."""

strawberry.enum(OrderStatus)


@strawberry.type
class Money:
    """An exact amount in a currency."""

    amount: Decimal
    currency_code: str

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """From the document."""
        return cls(amount=stored["amount"], currency_code=stored["currencyCode"])


@strawberry.type
class OrderProduct:
    """A product as it was when it was ordered."""

    product_id: strawberry.ID
    sku: str
    name: str

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """From the document."""
        return cls(product_id=stored["productId"], sku=stored["sku"], name=stored["name"])


@strawberry.type
class OrderItem:
    """A line."""

    product: OrderProduct
    quantity: int
    unit_price: Money
    line_total: Money

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """From the document."""
        return cls(
            product=OrderProduct.of(stored["product"]),
            quantity=stored["quantity"],
            unit_price=Money.of(stored["unitPrice"]),
            line_total=Money.of(stored["lineTotal"]),
        )


@strawberry.type
class OrderCustomer:
    """Whose order it is."""

    customer_id: strawberry.ID
    name: str
    email: str

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """From the document."""
        return cls(customer_id=stored["customerId"], name=stored["name"], email=stored["email"])


@strawberry.type
class Order:
    """An order."""

    id: strawberry.ID
    status: OrderStatus
    placed_at: DateTime
    customer: OrderCustomer
    items: list[OrderItem]
    item_count: int
    total: Money

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """From the document."""
        return cls(
            id=stored["id"],
            status=OrderStatus(stored["status"]),
            placed_at=stored["placedAt"],
            customer=OrderCustomer.of(stored["customer"]),
            items=[OrderItem.of(item) for item in stored["items"]],
            item_count=stored["itemCount"],
            total=Money.of(stored["total"]),
        )


@strawberry.type
class PageInfo:
    """Where a page stands among the others."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class OrderConnection:
    """A page of orders."""

    nodes: list[Order]
    page_info: PageInfo


@strawberry.input
class IDFilter:
    """A condition on an id."""

    eq: strawberry.ID


@strawberry.input
class OrderStatusFilter:
    """A condition on a status."""

    eq: OrderStatus


@strawberry.input
class OrderFilter:
    """Which orders."""

    customer_id: IDFilter | None = None
    status: OrderStatusFilter | None = None


@strawberry.enum
class OrderOrderBy(Enum):
    """In which order."""

    PLACED_AT_DESC = -1
    PLACED_AT_ASC = 1


@strawberry.type
class Query:
    """The operations' two root fields."""

    @strawberry.field
    async def order(self, info: strawberry.Info, id: strawberry.ID) -> Order | None:
        """An order by id."""
        stored = await _orders(info).find_one({"_id": id})
        return None if stored is None else Order.of(stored)

    @strawberry.field
    async def orders(
        self,
        info: strawberry.Info,
        filter: OrderFilter,
        order_by: OrderOrderBy = OrderOrderBy.PLACED_AT_DESC,
        first: int = 20,
    ) -> OrderConnection:
        """A page of orders."""
        matching: Stored = {}
        if filter.customer_id is not None:
            matching["customer.customerId"] = filter.customer_id.eq
        if filter.status is not None:
            matching["status"] = filter.status.eq.value
        sort = [("placedAt", order_by.value), ("_id", order_by.value)]
        found = await _orders(info).find(matching).sort(sort).limit(first + 1).to_list(None)
        nodes = [Order.of(stored) for stored in found[:first]]
        end_cursor = urlsafe_b64encode(f"{nodes[-1].placed_at} {nodes[-1].id}".encode()).decode() if nodes else None
        return OrderConnection(nodes=nodes, page_info=PageInfo(has_next_page=len(found) > first, end_cursor=end_cursor))


class OrdinaryApp(GraphQL[Any, None]):
    """The ASGI application on a collection of orders."""

    def __init__(self, orders: Collection) -> None:
        super().__init__(strawberry.Schema(Query, config=StrawberryConfig(scalar_map=TEXT_SCALARS)))
        self._orders = orders

    async def get_context(self, request: Any, response: Any) -> Any:
        """The context of a request: where the orders are."""
        return {"request": request, "response": response, "orders": self._orders}


def _orders(info: strawberry.Info) -> Collection:
    orders: Collection = info.context["orders"]
    return orders
