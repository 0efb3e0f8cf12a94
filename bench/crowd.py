"""The shop whose orders are subscribed to: all of one customer, so that one new name is a change of every one of them."""

from collections.abc import Iterator, Sequence
from itertools import count

import orjson

from bench.lives import ADDRESS, customer_id, opening, product_id, stocking
from bench.opening import carry_out
from bench.operations import ORDER_FIELDS
from bench.requests import command
from bench.wire.http import Pool, post
from bench.wire.subscriber import subscribe

LINES = 5
_READ = f"query($id: ID!) {{ order(id: $id) {{ {ORDER_FIELDS} }} }}"
_WATCH = f"subscription($id: ID!) {{ orderChanged(id: $id) {{ kind position id order {{ {ORDER_FIELDS} }} }} }}"


def order_id(number: int) -> str:
    """The id of an order, numbered from 0."""
    return f"ord_be{number:030x}"


def watching(number: int) -> bytes:
    """The message that subscribes to an order."""
    return subscribe("1", _WATCH, {"id": order_id(number)})


async def fill(url: str, orders: int) -> None:
    """Opens a shop and places so many orders in it, of five lines each. Raises `BenchError`."""
    items = [{"productId": product_id(number), "quantity": 1 + number % 3} for number in range(LINES)]
    placed = [
        command("placeOrder", {"id": order_id(number), "customerId": customer_id(0), "items": items})
        for number in range(orders)
    ]
    await carry_out(url, opening(), stocking(), placed)


async def stored(url: str, orders: int) -> bytes:
    """The orders, as a list in JSON of what subscribers ask for. Raises `BenchError`."""
    pool = Pool(url, 1)
    found = []
    for number in range(orders):
        answer = await pool.ask(post("/graphql", orjson.dumps({"query": _READ, "variables": {"id": order_id(number)}})))
        found.append(answer.json()["data"]["order"])
    pool.close()
    return orjson.dumps(found)


def moves() -> Iterator[bytes]:
    """Commands that change the first order, and no other, again and again."""
    for number in count():
        address = {**ADDRESS, "line2": f"Floor {number}"}
        yield command("changeShippingAddress", {"orderId": order_id(0), "address": address})


def renames() -> Iterator[bytes]:
    """Commands each of which changes all orders."""
    for number in count():
        yield command("renameCustomer", {"customerId": customer_id(0), "name": f"Robin Weaver the {number}th"})


def changed(orders: Sequence[int]) -> bytes:
    """The request that makes strawberry's own server say that orders have changed."""
    return post("/changed", orjson.dumps([order_id(number) for number in orders]))
