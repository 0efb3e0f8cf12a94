"""Many at once, in two processes: exactly what the rules allow."""

import asyncio

from projections.kernel.projection import Key
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, open_backend
from tests.system.orders import a_customer, a_product, send
from tests.system.verify import assert_documents_equal_the_log, caught_up
from write_side.kernel.outcomes import Accepted, Refused

PRODUCTS = next(projection for projection in PROJECTIONS if projection.name == "products")


async def test_two_hundred_buyers_of_the_last_ten_units(backend: Backend, settings: Settings, urls: DatabaseUrls) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=10)
    async with open_backend(settings, urls, project=False) as other:
        items = [{"productId": product, "quantity": 1}]

        outcomes = await asyncio.gather(
            *(send((backend, other)[number % 2], "PlaceOrder", customerId=customer, items=items) for number in range(200))
        )

    sold = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    refusals = [outcome.refusals[0].code for outcome in outcomes if isinstance(outcome, Refused)]
    assert (len(sold), set(refusals), len(refusals)) == (10, {"INSUFFICIENT_STOCK"}, 190)
    await caught_up(backend)
    document = await backend.documents.find(PRODUCTS, Key(product))
    assert document is not None
    assert document["stock"] == {"version": 11, "onHand": 10, "reserved": 10, "available": 0, "reorderLevel": 0}
    await assert_documents_equal_the_log(backend)


async def test_one_wallet_pays_for_what_is_in_it(backend: Backend) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=100)
    credit = {"amount": "35.00", "currencyCode": "EUR"}
    await send(backend, "CreditWallet", customerId=customer, amount=credit, reason="gift")
    items = [{"productId": product, "quantity": 1}]
    placed = [await send(backend, "PlaceOrder", customerId=customer, items=items) for _ in range(10)]

    paid = await asyncio.gather(
        *(send(backend, "PayOrder", orderId=order.key, method="WALLET") for order in placed if isinstance(order, Accepted))
    )

    assert sum(isinstance(outcome, Accepted) for outcome in paid) == 3
    assert {o.refusals[0].code for o in paid if isinstance(o, Refused)} == {"INSUFFICIENT_FUNDS"}
    await assert_documents_equal_the_log(backend)


async def test_cancelling_and_paying_at_once_is_one_of_the_two(backend: Backend) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=1000)
    items = [{"productId": product, "quantity": 2}]
    for _ in range(10):
        placed = await send(backend, "PlaceOrder", customerId=customer, items=items)
        assert isinstance(placed, Accepted)

        both = await asyncio.gather(
            send(backend, "PayOrder", orderId=placed.key, method="CARD"),
            send(backend, "CancelOrder", orderId=placed.key, reason="changed my mind"),
        )

        assert sorted(type(outcome).__name__ for outcome in both) == ["Accepted", "Refused"]
    await assert_documents_equal_the_log(backend)
