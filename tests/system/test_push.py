"""Subscriptions from end to end: a command in one connection is a change in another."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from server.settings import Settings
from server.wiring import Backend
from tests.system.orders import a_customer, a_product, accepted
from tests.system.serving import served
from tests.system.verify import caught_up
from tests.system.watchers import PATIENCE, by_events, by_socket, connected
from write_side.kernel.positions import LogId, LogPosition, Positions

ORDERS = """
subscription($filter: OrderFilter, $after: Position) {
  ordersChanged(filter: $filter, after: $after) { kind position id order { status itemCount customer { name } } }
}
"""
ORDER = (
    "subscription($id: ID!, $after: Position) { orderChanged(id: $id, after: $after) { kind position order { version } } }"
)
PLACE = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { position order { id } userErrors { code } } }"
PAGE = "{ orders { position nodes { id } } }"

STALLED = 0.5
CHANGES = 20


@pytest.fixture
def settings(mongo_database: str) -> Settings:
    """Clients lose the server's patience fast."""
    return Settings(mongo_database=mongo_database, socket_stalled=STALLED)


@pytest.fixture
async def site(backend: Backend, settings: Settings) -> AsyncIterator[str]:
    """Where the API is served."""
    async with served(backend, settings, stopping=backend.hub.close) as url:
        yield url


async def posted(site: str, query: str, variables: dict[str, Any] | None = None) -> Any:
    """The data of an answer."""
    async with httpx.AsyncClient(trust_env=False) as client:
        response = await client.post(f"{site}/graphql", json={"query": query, "variables": variables})
    body = response.json()
    assert "errors" not in body, body
    return body["data"]


async def an_order(backend: Backend, quantity: int = 1) -> str:
    """An order of one customer for one product."""
    customer, product = await a_customer(backend), await a_product(backend, units=100)
    items = [{"productId": product, "quantity": quantity}]
    return (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key


async def position_of(site: str) -> str:
    """Where the page of orders stands."""
    found: str = (await posted(site, PAGE))["orders"]["position"]
    return found


# ---------------------------------------------------------------- pushed


async def test_what_a_mutation_does_is_pushed_to_everyone_who_watches(site: str, backend: Backend) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=5)
    async with by_socket(site, ORDERS) as socket, by_events(site, ORDERS) as events:
        # Both are there once they have been told of something.
        first = await an_order(backend)
        for watcher in (socket, events):
            await watcher.until(id=first)

        items = [{"productId": product, "quantity": 2}]
        placed = (await posted(site, PLACE, {"input": {"customerId": customer, "items": items}}))["placeOrder"]

        assert placed["userErrors"] == []
        expected = {"status": "PLACED", "itemCount": 2, "customer": {"name": "Ann"}}
        change = await socket.until(id=placed["order"]["id"])
        assert change == {"kind": "UPDATED", "position": placed["position"], "id": placed["order"]["id"], "order": expected}
        body = await events.body()
        assert body == {"data": {"ordersChanged": change}, "id": placed["position"]}


async def test_a_document_is_watched_from_its_state_now(site: str, backend: Backend) -> None:
    order = await an_order(backend)
    await caught_up(backend)
    async with by_socket(site, ORDER, {"id": order}) as watcher:
        snapshot = await watcher.change()
        assert (snapshot["kind"], snapshot["order"]) == ("SNAPSHOT", {"version": 1})
        await accepted(backend, "PayOrder", orderId=order, method="CARD", reference="r")
        change = await watcher.change()
        assert (change["kind"], change["order"]) == ("UPDATED", {"version": 2})
        assert change["position"] > snapshot["position"]


async def test_one_that_is_not_there_yet_is_null_until_it_is(site: str, backend: Backend) -> None:
    unborn = f"ord_{'0' * 32}"
    async with by_socket(site, ORDER, {"id": unborn}) as watcher:
        assert (await watcher.change())["order"] is None


async def test_a_document_that_leaves_the_filter_is_told_so(site: str, backend: Backend) -> None:
    variables = {"filter": {"status": {"in": ["PLACED"]}}}
    order = await an_order(backend)
    after = await position_of(site)
    async with by_socket(site, ORDERS, {**variables, "after": after}) as watcher:
        other = await an_order(backend)
        await watcher.until(id=other, kind="UPDATED")
        await accepted(backend, "CancelOrder", orderId=order, reason="changed my mind")
        left = await watcher.until(id=order)
        assert (left["kind"], left["order"]) == ("LEFT", None)


# ---------------------------------------------------------------- resumed


async def test_whoever_comes_back_is_told_what_happened_meanwhile(site: str, backend: Backend) -> None:
    await an_order(backend)
    await caught_up(backend)
    after = await position_of(site)
    missed = [await an_order(backend) for _ in range(3)]
    await caught_up(backend)

    async with by_socket(site, ORDERS, {"after": after}) as socket, by_events(site, ORDERS, last_event_id=after) as events:
        changes = [await socket.change() for _ in missed]
        assert [change["id"] for change in changes] == missed
        assert [await events.change() for _ in missed] == changes

    async with by_socket(site, ORDERS, {"after": changes[1]["position"]}) as socket:
        assert (await socket.change())["id"] == missed[2]


async def test_a_position_of_another_log_is_refused(site: str) -> None:
    foreign = Positions(LogId(UUID(int=1))).token(LogPosition(1))
    async with by_socket(site, ORDERS, {"after": foreign}) as watcher:
        [error] = (await watcher.body())["errors"]
    assert error["extensions"]["code"] == "POSITION_UNKNOWN"
    async with by_events(site, ORDERS, last_event_id=foreign) as watcher:
        [error] = (await watcher.body())["errors"]
    assert error["extensions"]["code"] == "POSITION_UNKNOWN"
    assert error["message"].startswith("Last-Event-ID")


# ---------------------------------------------------------------- how it ends


async def test_a_client_that_stops_reading_is_closed_and_others_go_on(site: str, backend: Backend) -> None:
    order = await an_order(backend)
    await caught_up(backend)
    # A lot for each change: what is in buffers on the way counts as taken.
    copies = " ".join(f"a{number}: shippingAddress {{ line1 }}" for number in range(80))
    query = f"subscription($id: ID!) {{ orderChanged(id: $id) {{ order {{ {copies} }} }} }}"
    async with connected(site, received=4_096) as stuck, by_socket(site, ORDER, {"id": order}) as other:
        stuck.transport.pause_reading()
        for number in range(50):
            payload = {"query": query, "variables": {"id": order}}
            await stuck.send(json.dumps({"id": str(number), "type": "subscribe", "payload": payload}))

        for number in range(CHANGES):
            address = {"line1": f"{'x' * 150} {number}", "city": "Bern", "postcode": "3006", "countryCode": "CH"}
            await accepted(backend, "ChangeShippingAddress", orderId=order, address=address)
            while (await other.change())["order"]["version"] < number + 2:
                pass
        await asyncio.sleep(2 * STALLED)

        stuck.transport.resume_reading()
        await _drained(stuck)
        assert stuck.close_code == 4410
        await accepted(backend, "PayOrder", orderId=order, method="CARD", reference="r")
        await other.until(order={"version": CHANGES + 2})


async def _drained(socket: ClientConnection) -> None:
    """Reads all there is."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            while True:
                await socket.recv()


async def test_when_the_server_stops_clients_are_told_to_come_back(backend: Backend, settings: Settings) -> None:
    async with (
        served(backend, settings, stopping=backend.hub.close) as site,
        by_socket(site, ORDERS) as socket,
        by_events(site, ORDERS) as events,
    ):
        order = await an_order(backend)
        for watcher in (socket, events):
            await watcher.until(id=order)

        backend.hub.close()

        # Neither is told that it is complete.
        with pytest.raises(ConnectionClosed, match="1012"):
            await socket.body()
        with pytest.raises(StopAsyncIteration):
            await events.body()
