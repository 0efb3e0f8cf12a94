"""Projectors that do not work: writes go on, who asks for freshness has it from the log, and answers say what they are."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import get_named_type

from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import fold_all
from server.api import graphql_schema
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, migrate, open_backend
from tests.system.client import Client, client_of
from tests.system.orders import a_customer, a_product, accepted
from tests.system.projectors import Projectors, a_process
from tests.system.selecting import everything, nested_in_node
from tests.system.verify import caught_up, stored, whole_log
from write_side.kernel.positions import LogPosition

DOCUMENTS, LOG = {"source": "documents"}, {"source": "log"}
LONG = 60.0
ORDER = everything(get_named_type(graphql_schema()._schema.type_map["Order"]))
PLACE = f"mutation($input: PlaceOrderInput!) {{ placeOrder(input: $input) {{ version position order {ORDER} }} }}"
ADD = """mutation($input: AddOrderItemInput!) { addOrderItem(input: $input) {
    version position order { version itemCount total { amount } } } }"""
READ = f"query($id: ID!, $p: Position, $v: Int) {{ order(id: $id, atLeast: $p, minVersion: $v) {ORDER} }}"


@pytest.fixture
def settings(mongo_database: str) -> Settings:
    """The wait is as good as over at once."""
    return Settings(mongo_database=mongo_database, fresh_wait=0.02, lease=0.4)


@pytest.fixture
async def api(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Backend]:
    """An empty shop, in a process without projectors."""
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=False) as opened:
        yield opened


@pytest.fixture
async def projectors(api: Backend, settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Projectors]:
    """The shop's projectors, not working yet."""
    made = Projectors(settings, urls)
    yield made
    await made.stop()


@pytest.fixture
async def client(api: Backend, settings: Settings) -> AsyncIterator[Client]:
    async with client_of(api, settings) as client:
        yield client


async def told(client: Client, query: str, variables: dict[str, Any] | None = None, **headers: str) -> tuple[Any, Any]:
    """The data of an answer without errors, and what it says of its consistency."""
    body = await client.send(query, variables, **headers)
    assert "errors" not in body, body["errors"]
    return body["data"], body.get("extensions", {}).get("consistency")


async def projected(api: Backend, projectors: Projectors) -> LogPosition:
    """Has the projectors work until all is projected, and stop. The position that they got to."""
    await projectors.start()
    await caught_up(api)
    await projectors.stop()
    return await api.log.head()


async def test_who_writes_sees_the_write_all_the_same(api: Backend, client: Client, projectors: Projectors) -> None:
    customer, tea, pot = await a_customer(api), await a_product(api, 10, "2.50"), await a_product(api, 10, "12.00")
    reached = await projected(api, projectors)

    placed, said = await told(client, PLACE, {"input": {"customerId": customer, "items": [line(tea, 3), line(pot, 1)]}})

    order = placed["placeOrder"]["order"]
    assert said == LOG
    assert (order["version"], order["status"], order["itemCount"]) == (1, "PLACED", 4)
    assert order["total"] == {"amount": "19.50", "currencyCode": "EUR"}
    assert order["customer"]["name"] == "Ann"
    assert [item["lineTotal"]["amount"] for item in order["items"]] == ["7.50", "12.00"]

    added, said = await told(client, ADD, {"input": {"orderId": order["id"], "productId": pot, "quantity": 2}})

    assert said == LOG
    assert added["addOrderItem"]["order"] == {"version": 2, "itemCount": 6, "total": {"amount": "43.50"}}
    # What is stored knows nothing of it, and who does not ask for more gets that, without a word.
    assert api.checkpoints.checkpoint(PROJECTIONS[0]) == reached
    assert await told(client, READ, {"id": order["id"]}) == ({"order": None}, None)


async def test_whoever_shows_a_position_sees_it(api: Backend, client: Client, projectors: Projectors) -> None:
    customer, product = await a_customer(api), await a_product(api, 10)
    order = (await accepted(api, "PlaceOrder", customerId=customer, items=[line(product, 2)])).key
    before = token(api, await projected(api, projectors))
    await accepted(api, "RenameCustomer", customerId=customer, name="Berta")
    await accepted(api, "PayOrder", orderId=order, method="CARD")
    now = token(api, await api.log.head())

    seen, said = await told(client, READ, {"id": order, "p": before})
    assert (seen["order"]["status"], seen["order"]["customer"]["name"], said) == ("PLACED", "Ann", DOCUMENTS)
    by_argument, said = await told(client, READ, {"id": order, "p": now})
    assert (by_argument["order"]["status"], by_argument["order"]["customer"]["name"], said) == ("PAID", "Berta", LOG)
    assert by_argument["order"]["payment"]["amount"] == {"amount": "20.00", "currencyCode": "EUR"}
    assert await told(client, READ, {"id": order}, oneread_at_least=now) == (by_argument, LOG)
    assert await told(client, READ, {"id": order, "p": before}, oneread_at_least=now) == (seen, DOCUMENTS)

    query = "query($c: ID!) { storeOverview { ordersPaid } customer(id: $c) { name orderCount } }"
    both, said = await told(client, query, {"c": customer}, oneread_at_least=now)
    assert both == {"storeOverview": {"ordersPaid": 1}, "customer": {"name": "Berta", "orderCount": 1}}
    assert said == {**LOG, "fields": {"storeOverview": LOG, "customer": LOG}}

    await projectors.start()
    await caught_up(api)

    assert await told(client, READ, {"id": order, "p": now}) == (by_argument, DOCUMENTS)


async def test_whoever_shows_a_version_sees_it(api: Backend, client: Client, projectors: Projectors) -> None:
    customer, product = await a_customer(api), await a_product(api, 10)
    order = (await accepted(api, "PlaceOrder", customerId=customer, items=[line(product, 2)])).key
    await projected(api, projectors)
    await accepted(api, "PayOrder", orderId=order, method="CARD")
    node = "query($id: ID!, $v: Int) { node(id: $id, minVersion: $v) { id ... on Order { version status } } }"
    history = "query($id: ID!, $v: Int) { orderHistory(orderId: $id, minVersion: $v) { version entries { event } } }"

    for version, status, said in ((1, "PLACED", DOCUMENTS), (2, "PAID", LOG)):
        given = {"id": order, "v": version}
        seen = {"id": order, "version": version, "status": status}
        assert await told(client, node, given) == ({"node": seen}, said)
        found, how = await told(client, READ, given)
        assert (found["order"]["version"], found["order"]["status"], how) == (version, status, said)
        found, how = await told(client, history, given)
        assert (len(found["orderHistory"]["entries"]), how) == (version, said)
    assert (await client.code(READ, {"id": order, "v": 3}))[0] == "POSITION_UNKNOWN"


async def test_a_page_says_how_many_events_it_lacks(api: Backend, client: Client, projectors: Projectors) -> None:
    customer, product = await a_customer(api), await a_product(api, 100)
    await accepted(api, "PlaceOrder", customerId=customer, items=[line(product, 1)])
    reached = await projected(api, projectors)
    for _ in range(3):
        await accepted(api, "PlaceOrder", customerId=customer, items=[line(product, 1)])
    head = await api.log.head()
    page = "query($p: Position) { orders(atLeast: $p) { totalCount position } }"

    found, said = await told(client, page, {"p": token(api, head)})

    assert found["orders"] == {"totalCount": 1, "position": token(api, reached)}
    assert said == {"stale": True, "position": token(api, reached), "behind": head - reached}
    _, said = await told(client, page, {"p": token(api, LogPosition(reached + 2))})
    assert said == {"stale": True, "position": token(api, reached), "behind": 2}
    assert (await told(client, page, {"p": token(api, reached)}))[1] == DOCUMENTS
    assert (await told(client, page))[1] is None

    await projectors.start()
    await caught_up(api)

    found, said = await told(client, page, {"p": token(api, head)})
    assert (found["orders"]["totalCount"], said) == (4, DOCUMENTS)


async def test_a_position_that_is_none_of_this_log_yet(api: Backend, client: Client) -> None:
    ahead = token(api, LogPosition(await api.log.head() + 1))
    for position in (ahead, "f" * 12 + ahead[12:]):
        assert (await client.code("{ storeOverview { id } }", oneread_at_least=position))[0] == "POSITION_UNKNOWN"
        assert (await client.code("{ orders { position } }", oneread_at_least=position))[0] == "POSITION_UNKNOWN"


async def test_the_client_may_wait_less_than_the_server_would(
    api: Backend, settings: Settings, projectors: Projectors
) -> None:
    customer = await a_customer(api)
    position = token(api, await api.log.head())
    patient = settings.model_copy(update={"fresh_wait": LONG})
    query = "query($id: ID!, $p: Position) { customer(id: $id, atLeast: $p) { name } }"
    async with client_of(api, patient) as client:
        for wait in ("0ms", "20ms", "0.02s"):
            seen, said = await told(client, query, {"id": customer, "p": position}, oneread_wait=wait)
            assert (seen, said) == ({"customer": {"name": "Ann"}}, LOG)
        assert (await client.code(query, {"id": customer, "p": position}, oneread_wait="soon"))[0] == "BAD_USER_INPUT"

        # Who does not say so waits on, and is woken.
        waiting = asyncio.create_task(told(client, query, {"id": customer, "p": position}))
        await projectors.start()

        assert await waiting == ({"customer": {"name": "Ann"}}, DOCUMENTS)


async def test_what_the_log_says_is_what_is_stored_afterwards(api: Backend, client: Client, projectors: Projectors) -> None:
    await go_shopping(api)
    await projected(api, projectors)
    await go_shopping(api)
    head, events = await api.log.head(), await whole_log(api)
    keys = {one: list(fold_all(one, events, api.log.positions, api.log.created_at)) for one in PROJECTIONS}

    whole = {one: {key: await api.replays.find(one, key, head) for key in keys[one]} for one in PROJECTIONS}
    answered = await nodes(api, client, keys)
    await projectors.start()
    await caught_up(api)

    for projection in PROJECTIONS:
        assert whole[projection] == await stored(api, projection), projection.name
    later = await nodes(api, client, keys)
    assert {key: data for key, (data, _) in answered.items()} == {key: data for key, (data, _) in later.items()}
    assert [said for _, said in answered.values()] == [LOG] * len(answered)
    assert [said for _, said in later.values()] == [DOCUMENTS] * len(later)


async def nodes(api: Backend, client: Client, keys: dict[AnyProjection, list[Key]]) -> dict[Key, tuple[Any, Any]]:
    """All documents as a client gets them, as fresh as the log is now, and what their answers say of it."""
    now = token(api, await api.log.head())
    query = f"query($id: ID!) {{ node(id: $id) {nested_in_node()} }}"
    each = [key for several in keys.values() for key in several]
    return {key: await told(client, query, {"id": key}, oneread_at_least=now) for key in each}


async def health(client: Client) -> tuple[int, str, set[str]]:
    """The status code, the status, and what is wrong with the projections."""
    response = await client.http.get("/health")
    found = response.json()
    problems = {problem for one in found["projections"].values() for problem in one["problems"]}
    return response.status_code, found["status"], problems


async def test_health_says_that_nobody_projects(api: Backend, client: Client, projectors: Projectors) -> None:
    nobody = (200, "degraded", {"no projector works on it"})
    assert await health(client) == nobody

    await projectors.start()
    await eventually(client, (200, "ok", set()))
    await projectors.stop()
    assert await health(client) == nobody


async def test_health_says_so_of_one_that_was_killed(client: Client, settings: Settings, urls: DatabaseUrls) -> None:
    with a_process(settings, urls, settings.lease):
        await eventually(client, (200, "ok", set()))
    # It cannot say so itself: its leases run out, by the clock of the database.
    await eventually(client, (200, "degraded", {"no projector works on it"}))


async def eventually(client: Client, expected: tuple[int, str, set[str]]) -> None:
    """Waits until the health is as expected."""
    for _ in range(200):
        if await health(client) == expected:
            return
        await asyncio.sleep(0.1)
    assert await health(client) == expected


async def go_shopping(api: Backend) -> None:
    """Orders in every state, of customers who are renamed."""
    customer, product = await a_customer(api), await a_product(api, 100, "3.30")
    orders = [
        (await accepted(api, "PlaceOrder", customerId=customer, items=[line(product, number)])).key
        for number in range(1, 6)
    ]
    await accepted(api, "CancelOrder", orderId=orders[0], reason="too late")
    await accepted(
        api, "CreditWallet", customerId=customer, amount={"amount": "9.00", "currencyCode": "EUR"}, reason="sorry"
    )
    await accepted(api, "PayOrder", orderId=orders[1], method="WALLET")
    for order in orders[2:]:
        await accepted(api, "PayOrder", orderId=order, method="CARD")
    for order in orders[3:]:
        await accepted(api, "ShipOrder", orderId=order, carrier="UPS", trackingNumber="1")
    await accepted(api, "RenameCustomer", customerId=customer, name="Berta")
    await accepted(api, "ConfirmDelivery", orderId=orders[4])
    await accepted(api, "RefundOrder", orderId=orders[4], reason="broken")
    await accepted(api, "RenameProduct", productId=product, name="Kettle")


def line(product: str, quantity: int) -> dict[str, Any]:
    """A line of an order."""
    return {"productId": product, "quantity": quantity}


def token(api: Backend, position: LogPosition) -> str:
    """A position as clients hold it."""
    return api.log.positions.token(position)
