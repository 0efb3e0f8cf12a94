"""Projectors that are killed under load: nothing lost, nothing twice."""

import asyncio
import os
import random
import signal
import sys
from pathlib import Path

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, migrate, open_backend
from tests.system.orders import a_customer, a_product, accepted
from tests.system.verify import assert_documents_equal_the_log

ROOT = Path(__file__).parents[2]
KILLS = 20


def environment(settings: Settings, urls: DatabaseUrls) -> dict[str, str]:
    return {
        **os.environ,
        "ONEREAD_POSTGRES_URL": urls.postgres,
        "ONEREAD_MONGO_URL": urls.mongo,
        "ONEREAD_MONGO_DATABASE": settings.mongo_database,
        "ONEREAD_LEASE": "0.4",
    }


async def start_projector(env: dict[str, str]) -> asyncio.subprocess.Process:
    command = "from server.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", command, "project", cwd=ROOT, env=env, stderr=asyncio.subprocess.DEVNULL
    )


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
    env = environment(settings, urls)
    async with open_backend(settings, urls, project=False) as backend:
        customers = [await a_customer(backend) for _ in range(5)]
        products = [await a_product(backend, units=10_000) for _ in range(5)]
        load = [asyncio.create_task(shop_for(backend, customers, products)) for _ in range(2)]
        projected_under_fire = 0
        for _ in range(KILLS):
            before = furthest(backend)
            process = await start_projector(env)
            # At least once it has got somewhere, and then at any moment.
            for _ in range(300):
                if furthest(backend) > before:
                    projected_under_fire += 1
                    break
                await asyncio.sleep(0.05)
            await asyncio.sleep(random.uniform(0, 0.3))
            assert process.returncode is None, "the projector ended by itself"
            process.send_signal(signal.SIGKILL)
            await process.wait()
        for task in load:
            task.cancel()
        await asyncio.gather(*load, return_exceptions=True)
        assert projected_under_fire == KILLS
        last = await start_projector(env)
        try:
            await assert_documents_equal_the_log(backend)
        finally:
            last.terminate()
            assert await last.wait() == 0
