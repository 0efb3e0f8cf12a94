"""A page that is followed from its position on: what the guide shows for lists."""

from server.wiring import Backend
from tests.clients.api import Api
from tests.clients.node import Program, Programs
from tests.system.orders import a_customer, a_product, accepted
from tests.system.verify import caught_up


async def shown(program: Program, expected: dict[str, str]) -> None:
    """Waits until the list shows that: totals by order."""
    while await program.told() != expected:
        pass


async def test_a_list_shows_what_comes_changes_and_leaves(programs: Programs, backend: Backend, api: Api) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=10)
    await caught_up(backend)

    async def placed() -> str:
        items = [{"productId": product, "quantity": 1}]
        return (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key

    async with programs.started("live-list", api.url, filter={"status": {"eq": "PLACED"}}) as program:
        await shown(program, {})
        first = await placed()
        await shown(program, {first: "10.00"})
        await accepted(backend, "AddOrderItem", orderId=first, productId=product, quantity=2)
        await shown(program, {first: "30.00"})
        second = await placed()
        await shown(program, {first: "30.00", second: "10.00"})
        await accepted(backend, "PayOrder", orderId=first, method="CARD")
        await shown(program, {second: "10.00"})

        await api.stop()
        await accepted(backend, "CancelOrder", orderId=second, reason="too late")
        third = await placed()
        await api.start()

        await shown(program, {third: "10.00"})
        await program.go_on()
