"""The operations that are measured, with the variables of each request and the answer that the shop's orders ask for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from bench.shop import Shop
from projections.kernel.texts import datetime_text, decimal_text
from projections.parts import Money, OrderStatus
from projections.read_models.orders import Order, OrderItem

Json = dict[str, Any]
"""An object of JSON."""

PAGE = 20
CURSOR = "a cursor"
"""Stands for every cursor in answers that are compared: what is in a cursor is its server's own affair."""

ORDER_FIELDS = """
  id status placedAt
  customer { customerId name email }
  items {
    product { productId sku name }
    quantity
    unitPrice { amount currencyCode }
    lineTotal { amount currencyCode }
  }
  itemCount
  total { amount currencyCode }
"""
"""What is asked for of an order."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `count` says how many requests differ, `variables` and `answer` are those of one of them, by number.

    Of many different requests `most` are sent.
    """

    name: str
    title: str
    text: str
    count: Callable[[Shop], int]
    most: int
    variables: Callable[[Shop, int], Json]
    answer: Callable[[Shop, int], Json]

    def numbers(self, shop: Shop, as_many_as: Shop | None = None) -> Sequence[int]:
        """The requests that are sent, spread evenly over the shop; `as_many_as` are sent to another one."""
        count = self.count(shop)
        taken = min(count, self.most, self.count(as_many_as or shop))
        return [index * count // taken for index in range(taken)]

    def body(self, shop: Shop, number: int) -> bytes:
        """A request's body."""
        return orjson.dumps({"query": self.text, "variables": self.variables(shop, number)})


def _order(order: Order) -> Json:
    return {
        "id": order.id,
        "status": order.status.value,
        "placedAt": datetime_text(order.placed_at),
        "customer": {
            "customerId": order.customer.customer_id,
            "name": order.customer.name,
            "email": order.customer.email,
        },
        "items": [_item(item) for item in order.items],
        "itemCount": order.item_count,
        "total": _money(order.total),
    }


def _item(item: OrderItem) -> Json:
    return {
        "product": {"productId": item.product.product_id, "sku": item.product.sku, "name": item.product.name},
        "quantity": item.quantity,
        "unitPrice": _money(item.unit_price),
        "lineTotal": _money(item.line_total),
    }


def _money(money: Money) -> Json:
    return {"amount": decimal_text(money.amount), "currencyCode": money.currency_code}


def _latest_of_customer(shop: Shop, customer: int) -> Json:
    numbers = list(islice(shop.orders_of(customer), PAGE))
    page_info = {"hasNextPage": True, "endCursor": CURSOR}
    return {"orders": {"nodes": [_order(shop.order(number)) for number in numbers], "pageInfo": page_info}}


def _latest_paid(shop: Shop, _: int) -> Json:
    orders = [shop.order(number) for number in islice(shop.in_status(OrderStatus.PAID), PAGE)]
    return {
        "orders": {
            "nodes": [
                {
                    "id": order.id,
                    "placedAt": datetime_text(order.placed_at),
                    "itemCount": order.item_count,
                    "total": _money(order.total),
                }
                for order in orders
            ]
        }
    }


R1 = Operation(
    "R1",
    "an order by id, with its 5 lines",
    f"query R1($id: ID!) {{ order(id: $id) {{ {ORDER_FIELDS} }} }}",
    count=lambda shop: shop.orders,
    most=4_000,
    variables=lambda shop, number: {"id": shop.order_id(number)},
    answer=lambda shop, number: {"order": _order(shop.order(number))},
)
R2 = Operation(
    "R2",
    "a customer's latest 20 orders, with their lines",
    f"""query R2($customer: ID!) {{
  orders(filter: {{ customerId: {{ eq: $customer }} }}, orderBy: PLACED_AT_DESC, first: {PAGE}) {{
    nodes {{ {ORDER_FIELDS} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}""",
    count=lambda shop: shop.customers,
    most=2_000,
    variables=lambda shop, customer: {"customer": shop.customer_id(customer)},
    answer=_latest_of_customer,
)
R3 = Operation(
    "R3",
    "the first 20 PAID orders, four fields each",
    f"""query R3($status: OrderStatus!) {{
  orders(filter: {{ status: {{ eq: $status }} }}, first: {PAGE}) {{
    nodes {{ id placedAt itemCount total {{ amount currencyCode }} }}
  }}
}}""",
    count=lambda _: 1,
    most=1,
    variables=lambda _, __: {"status": OrderStatus.PAID.value},
    answer=_latest_paid,
)
OPERATIONS = {operation.name: operation for operation in (R1, R2, R3)}
