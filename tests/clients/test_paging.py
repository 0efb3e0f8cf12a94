"""Connections and nodes as clients after Relay's specifications expect them."""

from server.wiring import Backend
from tests.clients.node import Programs
from tests.system.orders import a_customer, a_product, accepted
from tests.system.verify import caught_up


async def test_pages_are_joined_by_apollos_policy_for_connections(programs: Programs, backend: Backend, shop: str) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=5)
    items = [{"productId": product, "quantity": 1}]
    orders = [(await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key for _ in range(5)]
    await caught_up(backend)

    told = await programs.run("paging-apollo", shop)

    assert told["ids"] == orders
    assert told["node"] == {"__typename": "Order", "id": orders[0], "status": "PLACED"}
