"""A database that is down gives a clear error, and the service recovers by itself when it is back."""

import asyncio
from collections.abc import AsyncIterator
from typing import get_args

import pytest

from projections.kernel.mongo.drivers import Driver
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import Backend, migrate, open_backend
from tests.system.client import Client, client_of
from tests.system.orders import ADDRESS
from tests.system.proxy import Doors, doors_to
from tests.system.verify import assert_documents_equal_the_log, caught_up

REGISTER = """mutation($input: RegisterCustomerInput!) { registerCustomer(input: $input) {
    version customer { name } userErrors { code } } }"""


@pytest.fixture(params=get_args(Driver))
def driver(request: pytest.FixtureRequest) -> Driver:
    chosen: Driver = request.param
    return chosen


@pytest.fixture
async def doors(urls: DatabaseUrls) -> AsyncIterator[Doors]:
    """The ways to both databases, open."""
    async with doors_to(lambda: urls) as made:
        yield made


@pytest.fixture
async def behind(settings: Settings, urls: DatabaseUrls, doors: Doors) -> AsyncIterator[Backend]:
    await migrate(settings, urls)
    async with open_backend(settings, doors.urls, project=True) as backend:
        yield backend


async def register(client: Client, number: int) -> str:
    """`ok`, or the code of the error."""
    given = {"name": f"C{number}", "email": f"c{number}@shop.test", "address": ADDRESS, "commandId": f"c{number}"}
    body = await client.send(REGISTER, {"input": given})
    if "errors" in body:
        return str(body["errors"][0]["extensions"]["code"])
    assert body["data"]["registerCustomer"]["userErrors"] == []
    return "ok"


async def until_ok(client: Client, number: int) -> None:
    for _ in range(150):
        if await register(client, number) == "ok":
            return
        await asyncio.sleep(0.2)
    raise AssertionError("it has not recovered in half a minute")


async def test_the_log_is_down_for_a_while(settings: Settings, behind: Backend, doors: Doors) -> None:
    async with client_of(behind, settings) as client:
        assert await register(client, 1) == "ok"
        await caught_up(behind)

        await doors.postgres.shut()
        assert await register(client, 2) == "SERVICE_UNAVAILABLE"
        assert "asyncpg" not in client.last.text
        assert "Traceback" not in client.last.text
        assert (await client.http.get("/health")).status_code == 503
        # What needs no log is answered still.
        assert (await client.data("{ storeOverview { customers } }"))["storeOverview"]["customers"] == 1

        await doors.postgres.open()
        await until_ok(client, 2)
        await until_ok(client, 3)
        assert (await client.http.get("/health")).status_code == 200
    await assert_documents_equal_the_log(behind)
    assert await behind.log.head() == 6


async def test_the_documents_are_down_for_a_while(settings: Settings, behind: Backend, doors: Doors) -> None:
    impatient = settings.model_copy(update={"fresh_wait": 0.5})
    async with client_of(behind, impatient) as client:
        assert await register(client, 1) == "ok"

        await doors.mongo.shut()
        given = {"name": "C2", "email": "c2@shop.test", "address": ADDRESS, "commandId": "c2"}
        # All at once, since each looks for a server until it gives up.
        read, health, body = await asyncio.gather(
            client.code("{ storeOverview { id } }"), client.http.get("/health"), client.send(REGISTER, {"input": given})
        )
        assert read[0] == "SERVICE_UNAVAILABLE"
        assert health.status_code == 503
        # The command is done, and says so; only its document cannot be read.
        assert body["data"]["registerCustomer"] == {"version": 1, "customer": None, "userErrors": []}
        assert body["errors"][0]["path"] == ["registerCustomer", "customer"]
        assert body["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"

        await doors.mongo.open()
        await until_ok(client, 2)
        await until_ok(client, 3)
    await assert_documents_equal_the_log(behind)
