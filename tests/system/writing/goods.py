"""What is written about: a customer, a few products with few units, and the orders for them."""

import secrets
from random import Random

from tests.write_side.shop import BERLIN, customer, customer_id, money, product, product_id
from write_side.kernel.commands import Command
from write_side.kernel.scenario import Fact
from write_side.orders.payment import CancelOrder
from write_side.orders.placing import PlaceOrder
from write_side.stock.commands import ReceiveStock
from write_side.terms.ids import OrderId

CUSTOMER = customer_id(1)
PRODUCTS = [product_id(number) for number in range(1, 7)]
FEW = 20
"""Units of each product."""

PAST: list[Fact] = [
    *customer(CUSTOMER, "Ann", "ann@shop.test", BERLIN),
    *(fact for key in PRODUCTS for fact in product(key, str(key), "Pot", money("30.00"), on_hand=FEW)),
]
"""What has happened before."""


class Goods:
    """Makes commands. More units are ordered than come in, so that some are refused."""

    def __init__(self) -> None:
        self._open: list[OrderId] = []

    def command(self, random: Random) -> Command:
        """A command under an id of its own."""
        given = {"commandId": secrets.token_hex(12)}
        chance = random.random()
        if chance < 0.2 and self._open:
            order = self._open.pop(random.randrange(len(self._open)))
            return CancelOrder.model_validate({"orderId": order, "reason": "because", **given})
        if chance < 0.35:
            units = {"productId": random.choice(PRODUCTS), "quantity": random.randint(1, 4)}
            return ReceiveStock.model_validate({**units, **given})
        wanted = random.sample(PRODUCTS, random.randint(1, 2))
        items = [{"productId": key, "quantity": random.randint(1, 3)} for key in wanted]
        # The ids of the others are the service's affair.
        named = {"id": OrderId.new()} if random.random() < 0.5 else {}
        return PlaceOrder.model_validate({**named, "customerId": CUSTOMER, "items": items, **given})

    def accepted(self, command: Command) -> None:
        """Remembers an order that can be cancelled."""
        if isinstance(command, PlaceOrder) and command.id is not None:
            self._open.append(command.id)
