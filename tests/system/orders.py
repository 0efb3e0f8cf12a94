"""Short ways to set the scene: customers, products with stock, orders."""

import secrets
from typing import Any

from server.shop import COMMANDS
from server.wiring import Backend
from write_side.kernel.outcomes import Accepted, Caller, Outcome

CALLER = Caller(actor="test", correlation_id="test")
ADDRESS = {"line1": "Lindenweg 4", "city": "Bern", "postcode": "3006", "countryCode": "CH"}


async def send(backend: Backend, command: str, **given: Any) -> Outcome:
    """The outcome of a command, its input named as a client would."""
    return await backend.bus.execute(COMMANDS[command].model_validate(given), CALLER)


async def accepted(backend: Backend, command: str, **given: Any) -> Accepted:
    """The outcome of a command that must be accepted."""
    outcome = await send(backend, command, **given)
    assert isinstance(outcome, Accepted), outcome
    return outcome


async def a_customer(backend: Backend) -> str:
    """A customer with an address."""
    email = f"{secrets.token_hex(6)}@shop.test"
    return (await accepted(backend, "RegisterCustomer", name="Ann", email=email, address=ADDRESS)).key


async def a_product(backend: Backend, units: int, price: str = "10.00") -> str:
    """A product with so many units on the shelf."""
    money = {"amount": price, "currencyCode": "EUR"}
    key = (await accepted(backend, "AddProduct", sku=secrets.token_hex(6), name="Teapot", price=money)).key
    await accepted(backend, "ReceiveStock", productId=key, quantity=units)
    return key
