"""Documents that were not made, or were made for another log, are not served as if they were this shop's."""

import asyncio

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import migrate, open_backend
from tests.system.client import Client, client_of
from tests.system.orders import a_customer
from tests.system.verify import caught_up
from write_side.kernel.postgres.migrate import migrate as migrate_log

PAGE = "{ customers { totalCount } }"


async def test_documents_that_were_never_made(settings: Settings, urls: DatabaseUrls) -> None:
    await migrate_log(urls.postgres)
    async with open_backend(settings, urls, project=False) as backend, client_of(backend, settings) as client:
        assert (await client.code(PAGE))[0] == "SERVICE_UNAVAILABLE"
        assert (await client.code("{ storeOverview { id } }"))[0] == "SERVICE_UNAVAILABLE"
        health = await client.http.get("/health")
        assert (health.status_code, health.json()["status"]) == (503, "down")
        missing = (await client.http.get("/health/ready")).json()["missing"]
        assert [one.partition(" ")[0] for one in missing] == [projection.name for projection in PROJECTIONS]

        await migrate(settings, urls)
        await until_ready(client)

        assert (await client.data(PAGE)) == {"customers": {"totalCount": 0}}
        assert (await client.http.get("/health")).status_code == 200


async def until_ready(client: Client) -> None:
    """Waits until what was migrated is served."""
    for _ in range(200):
        if (await client.http.get("/health/ready")).status_code == 200:
            return
        await asyncio.sleep(0.05)
    raise AssertionError((await client.http.get("/health/ready")).json())


async def test_documents_of_the_log_before_a_restore(settings: Settings, urls: DatabaseUrls) -> None:
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as before:
        await a_customer(before)
        await caught_up(before)
    await migrate_log(urls.postgres, renew_log_id=True)

    async with open_backend(settings, urls, project=True) as after, client_of(after, settings) as client:
        assert (await client.code(PAGE))[0] == "SERVICE_UNAVAILABLE"
        assert (await client.http.get("/health")).status_code == 503
        assert (await client.http.get("/health/ready")).status_code == 503
