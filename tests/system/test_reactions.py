"""What the shop does by itself, seen through the API, with its reactions running as `oneread project` has them run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from server.embedded import DatabaseUrls
from server.runs import rebuild
from server.settings import Settings
from server.shop import DOMAIN, PROJECTIONS
from server.wiring import Backend, open_stores, reacting
from tests.system.client import Client, client_of
from tests.system.orders import a_customer, a_product, accepted
from tests.system.paper import Paper
from tests.system.verify import assert_documents_equal_the_log, caught_up
from write_side.kernel.positions import LogPosition

PATIENCE = 20.0
"""How long what happens by itself may take at most, in seconds."""

ORDER = """query ($id: ID!, $history: ID!) {
  order(id: $id) { status cancellation { reason } }
  orderHistory(orderId: $history) { entries { event actor summary } }
}"""
REORDERS = """{
  reorders(filter: { status: { eq: NEEDED } }) { totalCount nodes { productId name level available missing neededAt } }
}"""
SET_LEVEL = """mutation ($input: SetReorderLevelInput!) {
  setReorderLevel(input: $input) { version product { stock { reorderLevel available } } userErrors { code path } }
}"""
REVIEW = """mutation ($input: ReviewStockInput!) {
  reviewStock(input: $input) { version product { name } userErrors { code path } }
}"""


@pytest.fixture
def settings(mongo_database: str) -> Settings:
    """A shop that does not wait long for its money."""
    return Settings(mongo_database=mongo_database, payment_deadline=timedelta(seconds=1))


@pytest.fixture
async def shop(backend: Backend, settings: Settings) -> AsyncIterator[Client]:
    """A client of a shop whose reactions run."""
    async with reacting(backend, settings), client_of(backend, settings) as client:
        yield client


async def an_order(backend: Backend, *items: Mapping[str, Any]) -> str:
    customer = await a_customer(backend)
    return (await accepted(backend, "PlaceOrder", customerId=customer, items=list(items))).key


async def a_sale(backend: Backend, product: str, units: int) -> None:
    """So many units of a product are promised to an order that is paid."""
    order = await an_order(backend, {"productId": product, "quantity": units})
    await accepted(backend, "PayOrder", orderId=order, method="CARD", reference="r")


async def reacted(backend: Backend) -> None:
    """Waits until everything that was to be done is done, and to be seen."""

    async def everywhere() -> bool:
        head = await backend.log.head()
        places = [await backend.places.begin(reaction.name) for reaction in DOMAIN.reactions]
        return all(place == head for place in places)

    async with asyncio.timeout(PATIENCE):
        while not await everywhere():  # noqa: ASYNC110 - it is asked of a database
            await asyncio.sleep(0.02)
    await caught_up(backend)


async def test_an_order_that_is_not_paid_in_time_is_cancelled(backend: Backend, shop: Client) -> None:
    product = await a_product(backend, units=5)
    unpaid = await an_order(backend, {"productId": product, "quantity": 2})
    paid = await an_order(backend, {"productId": product, "quantity": 1})
    await accepted(backend, "PayOrder", orderId=paid, method="CARD", reference="r")

    await reacted(backend)

    told = await shop.data(ORDER, {"id": unpaid, "history": unpaid})
    assert told["order"] == {"status": "CANCELLED", "cancellation": {"reason": "not paid in time"}}
    entry = told["orderHistory"]["entries"][-1]
    assert (entry["event"], entry["actor"]) == ("OrderCancelled", "reaction:cancel-unpaid")
    assert "not paid in time" in entry["summary"]
    assert (await shop.data(ORDER, {"id": paid, "history": paid}))["order"]["status"] == "PAID"
    placed, cancelled = [each for each in await backend.log.read(LogPosition(0), 100) if each.key == unpaid]
    assert cancelled.metadata.causation_id == str(placed.event_id)


async def test_a_product_that_falls_under_its_level_is_to_be_ordered_again(backend: Backend, shop: Client) -> None:
    product = await a_product(backend, units=10)
    answer = await shop.data(SET_LEVEL, {"input": {"productId": product, "level": 6}})
    assert answer["setReorderLevel"] == {
        "version": 2,
        "product": {"stock": {"reorderLevel": 6, "available": 10}},
        "userErrors": [],
    }
    await reacted(backend)
    assert (await shop.data(REORDERS))["reorders"]["nodes"] == []

    await a_sale(backend, product, 5)
    await reacted(backend)

    [needed] = (await shop.data(REORDERS))["reorders"]["nodes"]
    assert needed.pop("neededAt")
    assert needed == {"productId": product, "name": "Teapot", "level": 6, "available": 5, "missing": 1}

    await accepted(backend, "ReceiveStock", productId=product, quantity=3)
    await reacted(backend)

    assert (await shop.data(REORDERS))["reorders"]["totalCount"] == 0
    await assert_documents_equal_the_log(backend)


async def test_whoever_looks_at_the_stock_finds_what_the_shop_has_found(backend: Backend, shop: Client) -> None:
    product = await a_product(backend, units=1)
    await accepted(backend, "SetReorderLevel", productId=product, level=2)
    await reacted(backend)

    answer = await shop.data(REVIEW, {"input": {"productId": product}})

    assert answer["reviewStock"] == {"version": 1, "product": {"name": "Teapot"}, "userErrors": []}


async def test_a_rebuild_does_nothing_about_what_it_reads(
    backend: Backend, shop: Client, settings: Settings, urls: DatabaseUrls
) -> None:
    product = await a_product(backend, units=5)
    await accepted(backend, "SetReorderLevel", productId=product, level=5)
    await a_sale(backend, product, 1)
    await reacted(backend)
    head = await backend.log.head()

    async with open_stores(settings, urls) as stores:
        assert await rebuild(stores, list(PROJECTIONS), Paper().console, back=False, force=False)
    await accepted(backend, "ReceiveStock", productId=product, quantity=1)
    await reacted(backend)

    since = await backend.log.read(head, 100)
    assert [type(each.event).__name__ for each in since] == ["StockReceived", "ReorderCovered"]
