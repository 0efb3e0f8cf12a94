"""Projectors that are killed under load: nothing lost, nothing twice."""

import asyncio
import random
import signal

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, migrate, open_backend
from tests.system.children import PATIENCE
from tests.system.orders import a_customer, a_product, accepted
from tests.system.projectors import a_process
from tests.system.verify import assert_documents_equal_the_log

KILLS = 20
LEASE = 0.3


def furthest(backend: Backend) -> int:
    """The checkpoint of the projection that has come furthest."""
    return max(backend.checkpoints.checkpoint(projection) for projection in PROJECTIONS)


async def shop_for(backend: Backend, customers: list[str], products: list[str]) -> None:
    """Orders without end, paid and shipped, renamed customers between them."""
    number = 0
    while True:
        await asyncio.sleep(0.03)
        number += 1
        customer, product = random.choice(customers), random.choice(products)
        items = [{"productId": product, "quantity": 1}]
        order = (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key
        await accepted(backend, "PayOrder", orderId=order, method="CARD")
        if number % 3 == 0:
            await accepted(backend, "ShipOrder", orderId=order, carrier="UPS", trackingNumber=str(number))
        if number % 5 == 0:
            await accepted(backend, "RefundOrder", orderId=order, reason="wrong size")
        if number % 7 == 0:
            await accepted(backend, "RenameCustomer", customerId=customer, name=f"Ann {number}")


async def test_killed_twenty_times_under_load(settings: Settings, urls: DatabaseUrls) -> None:
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=False) as backend:
        customers = [await a_customer(backend) for _ in range(5)]
        products = [await a_product(backend, units=10_000) for _ in range(5)]
        load = [asyncio.create_task(shop_for(backend, customers, products)) for _ in range(2)]
        for _ in range(KILLS):
            before = furthest(backend)
            with a_process(settings, urls, LEASE) as projector:
                # At least once it has got somewhere, and then at any moment.
                async with asyncio.timeout(PATIENCE):
                    while furthest(backend) <= before:  # noqa: ASYNC110 (any of eight may be the first)
                        await asyncio.sleep(0.02)
                await asyncio.sleep(random.uniform(0, 0.2))
                assert projector.is_alive, "the projector ended by itself"
                projector.signal(signal.SIGKILL)
                assert await projector.ended() == -signal.SIGKILL
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
        with a_process(settings, urls, LEASE) as last:
            await assert_documents_equal_the_log(backend)
            last.signal(signal.SIGTERM)
            assert await last.ended() == 0
