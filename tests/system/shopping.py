"""People who shop while something else goes on."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from server.wiring import Backend
from tests.system.orders import a_customer, a_product, accepted

RENAMED = 10
"""One in so many orders is followed by a new name."""


@asynccontextmanager
async def shopping(backend: Backend, shoppers: int = 1) -> AsyncIterator[Sequence[str]]:
    """Commands come in meanwhile, some sixty a second from each of `shoppers`, for the customers that it gives."""
    customers = [await a_customer(backend) for _ in range(10)]
    products = [await a_product(backend, units=10_000) for _ in range(3)]
    closing = asyncio.Event()
    load = [asyncio.create_task(_shop(backend, customers, products, closing)) for _ in range(shoppers)]
    try:
        yield customers
    finally:
        # Not cancelled: what is being appended would come when nobody expects it any more.
        closing.set()
        await asyncio.gather(*load)


async def _shop(backend: Backend, customers: Sequence[str], products: Sequence[str], closing: asyncio.Event) -> None:
    """Orders until it is closed, and customers who are renamed."""
    number = 0
    while not closing.is_set():
        number += 1
        customer = random.choice(customers)
        items = [{"productId": random.choice(products), "quantity": 1}]
        order = (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key
        await accepted(backend, "PayOrder", orderId=order, method="CARD")
        if number % RENAMED == 0:
            await accepted(backend, "RenameCustomer", customerId=customer, name=f"Ann {number}")
        await asyncio.sleep(0.02)
