"""A dead letter in the database, and all who tell of it: /health, the API's status, and the answers that it is about."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from projections.kernel.dead_letters import DeadLetter
from projections.kernel.mongo.dead_letters import encode_letter, letter_id
from projections.kernel.projection import Key
from projections.read_models.customers import CUSTOMERS
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend
from tests.system.client import Client, client_of
from tests.system.orders import a_customer
from tests.system.verify import caught_up
from write_side.kernel.positions import LogPosition

READ = "query ($id: ID!, $p: Position) { customer(id: $id, atLeast: $p) { name } customers { nodes { id } } }"
STATUS = "{ projections { name state deadLetters problems } }"
RENAME = """mutation ($id: ID!) {
  renameCustomer(input: { customerId: $id, name: "Berta" }) { position userErrors { code } customer { id } }
}"""
NOBODY = Key(f"cus_{'f' * 32}")


@pytest.fixture
async def client(backend: Backend, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(backend, settings) as client:
        yield client


async def health(client: Client) -> tuple[int, str, dict[str, Any]]:
    """The status code, the status, and what is said of customers."""
    response = await client.http.get("/health")
    found = response.json()
    return response.status_code, found["status"], found["projections"].get("customers", {})


async def until(client: Client, status: str) -> dict[str, Any]:
    """What is said of customers once the health is as expected."""
    for _ in range(200):
        code, found, of_customers = await health(client)
        if (code, found) == (200, status):
            return of_customers
        await asyncio.sleep(0.05)
    raise AssertionError(await health(client))


async def until_parked(backend: Backend, *keys: Key) -> None:
    """Waits until this process has heard that these customers are parked, and no others."""
    for _ in range(200):
        if set(backend.serving.parked(CUSTOMERS)) == set(keys):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(backend.serving.parked(CUSTOMERS))


async def test_a_dead_letter_is_told_of_until_it_is_gone(backend: Backend, client: Client) -> None:
    customer = Key(await a_customer(backend))
    await caught_up(backend)
    assert (await until(client, "ok"))["deadLetters"] == 0
    assert len((await client.http.get("/health")).json()["projections"]) == len(PROJECTIONS)
    head = await backend.log.head()
    generation = backend.serving.generation(CUSTOMERS)
    letters = backend.collections.dead_letters

    for key in (customer, NOBODY):
        letter = DeadLetter(key, head, "customer-registered", "ValueError", "x.py:1 fold", 3, datetime.now(UTC))
        await letters.insert_one(encode_letter(generation, letter))
    await until_parked(backend, customer, NOBODY)

    assert await until(client, "degraded") == {
        "generation": 1,
        "checkpoint": head,
        "behind": 0,
        "deadLetters": 2,
        "failure": None,
        "problems": ["2 dead letters"],
    }
    assert (await client.http.get("/health/ready")).json() == {"ready": True, "missing": []}
    told = {one["name"]: one for one in (await client.data(STATUS))["projections"]}
    assert (told["customers"]["deadLetters"], told["orders"]["deadLetters"]) == (2, 0)

    token = backend.log.positions.token
    lacking = {"type": "Customer", "id": customer, "position": token(head)}
    read = await client.send(READ, {"id": customer, "p": token(head)})
    assert read["data"] == {"customer": {"name": "Ann"}, "customers": {"nodes": [{"id": customer}]}}
    stale = {"stale": True, "position": token(LogPosition(head - 1)), "behind": 1}
    assert read["extensions"] == {"consistency": stale, "degraded": [lacking]}
    nobody = await client.send(READ, {"id": NOBODY})
    assert nobody["data"]["customer"] is None
    assert nobody["extensions"] == {"degraded": [{**lacking, "id": NOBODY}, lacking]}

    await letters.delete_many({"_id": {"$in": [letter_id(generation, key) for key in (customer, NOBODY)]}})
    await until_parked(backend)
    assert (await until(client, "ok"))["problems"] == []
    assert "extensions" not in await client.send(READ, {"id": customer})


async def test_what_a_command_wrote_is_not_waited_for(backend: Backend, client: Client) -> None:
    customer = Key(await a_customer(backend))
    await caught_up(backend)
    head = await backend.log.head()
    letter = DeadLetter(customer, LogPosition(head + 1), "customer-renamed", "ValueError", "", 3, datetime.now(UTC))
    await backend.collections.dead_letters.insert_one(encode_letter(backend.serving.generation(CUSTOMERS), letter))
    await until_parked(backend, customer)

    answer = await client.send(RENAME, {"id": customer})

    payload, lacks = answer["data"]["renameCustomer"], answer["extensions"]
    token = backend.log.positions.token
    assert (payload["userErrors"], payload["customer"]) == ([], {"id": customer})
    assert lacks == {
        "consistency": {"stale": True, "position": token(head), "behind": 1},
        "degraded": [{"type": "Customer", "id": customer, "position": token(LogPosition(head + 1))}],
    }
