"""A log of the time before addresses were lists of lines: it folds, decides, rebuilds and verifies as any other."""

import json
from collections.abc import AsyncIterator

import asyncpg
import pytest
from pydantic import ConfigDict

from projections.kernel.projection import AnyProjection
from projections.read_models.customers import CUSTOMERS
from projections.read_models.order_histories import ORDER_HISTORIES
from projections.read_models.orders import ORDERS
from projections.read_models.shipping_tasks import SHIPPING_TASKS
from server.embedded import DatabaseUrls
from server.runs import rebuild, verify
from server.settings import Settings
from server.wiring import Backend, open_stores
from tests.system.client import Client, client_of
from tests.system.orders import accepted
from tests.system.paper import Paper
from tests.system.verify import assert_documents_equal_the_log
from tests.write_side.kernel.postgres.requests import request
from tests.write_side.test_history import CUSTOMER, ORDER, PRODUCT, STORED
from write_side.claims.claim import email_claim, sku_claim
from write_side.kernel.events import Event, StreamName

WITH_ADDRESSES: list[AnyProjection] = [CUSTOMERS, ORDERS, ORDER_HISTORIES, SHIPPING_TASKS]
HOME = {"line1": "Hauptstr. 1", "city": "Berlin", "postcode": "10827", "countryCode": "DE"}
ABROAD = {"line1": "2 rue Cler", "line2": "3e", "city": "Paris", "postcode": "75007", "countryCode": "FR"}
QUERY = """query($customer: ID!, $order: ID!, $task: ID!) {
  customer(id: $customer) { address { ...lines } }
  order(id: $order) { shippingAddress { ...lines } }
  shippingTask(id: $task) { address { ...lines } }
  orderHistory(orderId: $order) { entries { summary } }
}
fragment lines on Address { line1 line2 city postcode countryCode }"""
IDS = {"customer": CUSTOMER, "order": ORDER, "task": ORDER.replace("ord_", "shp_")}


def as_first_stored(name: str, **other: object) -> Event:
    """An event that is stored in its first version, as it stands in the history, but for what is `other`."""

    class First(Event, name=name, schema=1):
        model_config = ConfigDict(extra="allow")

    [data] = [data for stored, schema, data in STORED if (stored, schema) == (name, 1)]
    return First.model_validate({**data, **other})


@pytest.fixture
async def old(backend: Backend) -> Backend:
    """A shop whose log was written by the code of that time: a customer, and an order that was placed and paid."""
    to_paris = {**as_first_stored("shipping-address-changed").model_dump()["address"], **ABROAD}
    streams = {
        f"customer-{CUSTOMER}": [as_first_stored("customer-registered")],
        email_claim("ann@shop.test").name: [as_first_stored("value-claimed")],
        f"product-{PRODUCT}": [as_first_stored("product-added")],
        sku_claim("POT-1").name: [as_first_stored("value-claimed", holder=PRODUCT)],
        f"stock-{PRODUCT}": [as_first_stored("stock-received"), as_first_stored("stock-reserved")],
        f"order-{ORDER}": [
            as_first_stored("order-placed"),
            as_first_stored("shipping-address-changed", address=to_paris),
            as_first_stored("order-paid", shippingAddress=to_paris),
        ],
    }
    for stream, events in streams.items():
        await backend.log.append([request(StreamName(stream), *events)])
    return backend


@pytest.fixture
async def client(old: Backend, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(old, settings) as client:
        yield client


async def test_it_folds_to_the_documents_of_before(old: Backend, client: Client) -> None:
    await assert_documents_equal_the_log(old)

    found = await client.data(QUERY, IDS)

    assert found["customer"]["address"] == {**HOME, "line2": None}
    assert found["order"]["shippingAddress"] == found["shippingTask"]["address"] == ABROAD
    assert [entry["summary"] for entry in found["orderHistory"]["entries"]] == [
        "Placed by Ann: 2 x Tea pot; 60.00 EUR in all",
        "Changed the shipping address to 2 rue Cler, 3e, 75007 Paris, FR",
        "Paid 60.00 EUR by bank transfer",
    ]


async def test_decisions_build_on_it(old: Backend, client: Client) -> None:
    same = await accepted(old, "ChangeShippingAddress", orderId=ORDER, address=ABROAD)
    same_home = await accepted(old, "ChangeCustomerAddress", customerId=CUSTOMER, address=HOME)
    assert (same.version, same_home.version) == (3, 1)

    changed = await accepted(old, "ChangeShippingAddress", orderId=ORDER, address={**HOME, "line2": "2nd floor"})
    shipped = await accepted(old, "ShipOrder", orderId=ORDER, carrier="DHL", trackingNumber="JD1")
    placed = await accepted(old, "PlaceOrder", customerId=CUSTOMER, items=[{"productId": PRODUCT, "quantity": 1}])

    assert (changed.version, shipped.version) == (4, 5)
    found = await client.data(QUERY, IDS, oneread_at_least=old.log.positions.token(placed.position))
    assert found["order"]["shippingAddress"] == {**HOME, "line2": "2nd floor"}
    ordered = await client.data(
        "query($id: ID!) { order(id: $id) { shippingAddress { line1 line2 } } }", {"id": placed.key}
    )
    assert ordered["order"]["shippingAddress"] == {"line1": "Hauptstr. 1", "line2": None}


async def test_it_is_rebuilt_and_verified(old: Backend, settings: Settings, urls: DatabaseUrls) -> None:
    await accepted(old, "ChangeShippingAddress", orderId=ORDER, address=HOME)
    await assert_documents_equal_the_log(old)
    paper = Paper()
    async with open_stores(settings, urls) as stores:
        assert await rebuild(stores, WITH_ADDRESSES, paper.console, back=False, force=False), paper.text
        assert await verify(stores, WITH_ADDRESSES, paper.console, paper.console), paper.text

    assert "differ" not in paper.text.replace("no difference", "")
    await assert_documents_equal_the_log(old)


async def test_what_was_stored_stays_beside_what_is_stored_now(old: Backend, postgres_url: str) -> None:
    await accepted(old, "ChangeShippingAddress", orderId=ORDER, address=ABROAD | {"line2": ""})

    connection = await asyncpg.connect(postgres_url)
    try:
        rows = await connection.fetch(
            "select schema_version, data::text from oneread.events where stream = $1 order by version", f"order-{ORDER}"
        )
    finally:
        await connection.close()

    assert [row["schema_version"] for row in rows] == [1, 1, 1, 2]
    assert json.loads(rows[0]["data"]) == as_first_stored("order-placed").model_dump()
    assert json.loads(rows[-1]["data"])["address"]["lines"] == ["2 rue Cler"]
