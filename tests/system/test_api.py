"""The API as a client uses it, on a whole backend."""

from collections.abc import AsyncIterator
from typing import get_args

import pytest

from projections.kernel.mongo.drivers import Driver
from server.settings import Settings
from server.wiring import Backend
from tests.system.client import Client, client_of
from tests.system.orders import a_customer, a_product
from tests.system.verify import caught_up

PLACE = """mutation($input: PlaceOrderInput!) { placeOrder(input: $input) {
    commandId version position
    order { id version position status itemCount total { amount currencyCode } customer { name }
      items { product { name } quantity lineTotal { amount } } }
    userErrors { code message path } } }"""


@pytest.fixture(params=get_args(Driver))
def driver(request: pytest.FixtureRequest) -> Driver:
    chosen: Driver = request.param
    return chosen


@pytest.fixture
async def client(backend: Backend, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(backend, settings) as client:
        yield client


@pytest.fixture
async def visitor(standing: Backend) -> AsyncIterator[Client]:
    """A client of a shop in which nothing happens."""
    async with client_of(standing, Settings()) as client:
        yield client


async def test_who_writes_sees_the_write(backend: Backend, client: Client) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10, price="12.50")
    given = {"customerId": customer, "items": [{"productId": product, "quantity": 3}], "commandId": "mine"}

    payload = (await client.data(PLACE, {"input": given}))["placeOrder"]

    order = payload["order"]
    assert (payload["commandId"], payload["version"], payload["userErrors"]) == ("mine", 1, [])
    assert (order["version"], order["status"], order["itemCount"]) == (1, "PLACED", 3)
    assert order["total"] == {"amount": "37.50", "currencyCode": "EUR"}
    assert client.last.headers["oneread-position"] == payload["position"]
    again = (await client.data(PLACE, {"input": given}))["placeOrder"]
    assert again == payload


async def test_a_mutation_is_answered_as_the_document_is_now(backend: Backend, client: Client) -> None:
    """The other read models too: a position from one answer makes any read as fresh."""
    customer, product = await a_customer(backend), await a_product(backend, 10)
    given = {"customerId": customer, "items": [{"productId": product, "quantity": 3}]}
    for number in range(1, 4):
        position = (await client.data(PLACE, {"input": given}))["placeOrder"]["position"]
        query = """query($p: Position, $c: ID!, $q: ID!) {
            customer(id: $c, atLeast: $p) { orderCount } product(id: $q, atLeast: $p) { stock { available } }
            storeOverview(atLeast: $p) { ordersPlaced } orders(atLeast: $p) { totalCount position } }"""

        seen = await client.data(query, {"p": position, "c": customer, "q": product})

        assert seen["customer"] == {"orderCount": number}
        assert seen["product"] == {"stock": {"available": 10 - 3 * number}}
        assert seen["storeOverview"] == {"ordersPlaced": number}
        assert seen["orders"]["totalCount"] == number
        assert seen["orders"]["position"] >= position


async def test_the_header_stands_for_at_least(backend: Backend, client: Client) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10)
    given = {"customerId": customer, "items": [{"productId": product, "quantity": 1}]}
    for number in range(1, 4):
        position = (await client.data(PLACE, {"input": given}))["placeOrder"]["position"]

        seen = await client.data("{ storeOverview { ordersPlaced } }", oneread_at_least=position)

        assert seen == {"storeOverview": {"ordersPlaced": number}}


async def test_pages_are_walked_by_cursors_in_both_directions(backend: Backend, client: Client) -> None:
    keys = [await a_product(backend, 1, price=f"{price}.00") for price in (5, 40, 300)]
    query = """query($after: String, $before: String, $first: Int, $last: Int) {
        products(orderBy: PRICE_ASC, first: $first, after: $after, last: $last, before: $before) {
          totalCount edges { cursor node { id } } nodes { id }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    await caught_up(backend)

    first = (await client.data(query, {"first": 2}))["products"]
    second = (await client.data(query, {"first": 2, "after": first["pageInfo"]["endCursor"]}))["products"]
    back = (await client.data(query, {"last": 1, "before": second["pageInfo"]["startCursor"]}))["products"]

    assert [node["id"] for node in first["nodes"] + second["nodes"]] == keys
    assert [edge["node"] for edge in first["edges"]] == first["nodes"]
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert [node["id"] for node in back["nodes"]] == [keys[1]]
    assert (back["pageInfo"]["hasPreviousPage"], first["totalCount"]) == (True, 3)


async def test_filters_compare_addresses_and_skus_without_regard_to_case(backend: Backend, client: Client) -> None:
    await client.data('mutation { registerCustomer(input: {name: "Ann", email: "Ann.Lee@Shop.test"}) { version } }', {})
    query = "query($f: CustomerFilter) { customers(filter: $f) { totalCount nodes { email } } }"

    for email in ({"eq": "ann.lee@shop.TEST"}, {"startsWith": "ANN."}, {"in": ["x@y.z", "ANN.LEE@SHOP.TEST"]}):
        head = await backend.log.head()
        at_least = backend.log.positions.token(head)
        found = await client.data(query, {"f": {"email": email}}, oneread_at_least=at_least)
        assert found["customers"]["nodes"] == [{"email": "Ann.Lee@Shop.test"}]


async def test_every_document_is_a_node(backend: Backend, client: Client) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10)
    placed = await client.data(PLACE, {"input": {"customerId": customer, "items": [{"productId": product, "quantity": 1}]}})
    order = placed["placeOrder"]["order"]["id"]
    await client.data(f'mutation {{ payOrder(input: {{orderId: "{order}", method: CARD}}) {{ version }} }}')
    at_least = backend.log.positions.token(await backend.log.head())
    digits = order.removeprefix("ord_")
    ids = {
        order: "Order",
        customer: "Customer",
        product: "Product",
        f"his_{digits}": "OrderHistory",
        f"shp_{digits}": "ShippingTask",
        f"bst_{product.removeprefix('prd_')}": "BestSeller",
        "ovw_shop": "StoreOverview",
    }
    for id_, name in ids.items():
        found = await client.data(
            "query($id: ID!) { node(id: $id) { __typename id } }", {"id": id_}, oneread_at_least=at_least
        )
        assert found == {"node": {"__typename": name, "id": id_}}
    days = await client.data("{ dailySales { nodes { id } } }", oneread_at_least=at_least)
    [day] = days["dailySales"]["nodes"]
    assert (await client.data(f'{{ node(id: "{day["id"]}") {{ __typename }} }}'))["node"]["__typename"] == "DailySales"


@pytest.mark.parametrize(
    ("accept", "status", "media"),
    [
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("application/graphql-response+json", 400, "application/graphql-response+json"),
        ("application/graphql-response+json, application/json;q=0.9", 400, "application/graphql-response+json"),
        ("text/csv", 406, "application/json"),
    ],
)
async def test_what_is_no_valid_operation_by_media_type(visitor: Client, accept: str, status: int, media: str) -> None:
    body = await visitor.send("{ nope }", accept=accept)

    assert (visitor.last.status_code, visitor.last.headers["content-type"]) == (status, f"{media}; charset=utf-8")
    assert "data" not in body


async def test_queries_by_get(visitor: Client) -> None:
    params = {"query": "query($n: Int) { products(first: $n) { totalCount } }", "variables": '{"n": 5}'}

    response = await visitor.http.get("/graphql", params=params, headers={"accept": "application/json"})

    assert response.json() == {"data": {"products": {"totalCount": 0}}}


async def test_a_browser_gets_graphiql(visitor: Client) -> None:
    response = await visitor.http.get("/graphql", headers={"accept": "text/html,*/*"})

    assert response.headers["content-type"].startswith("text/html")
    assert "GraphiQL" in response.text
