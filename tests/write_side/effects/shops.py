"""Commands on a few orders of the last units, in a shop of which a log may hold any number."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.write_side.shop import BERLIN, customer, customer_id, money, product, product_id
from write_side.kernel.commands import Command
from write_side.kernel.ids import CommandId
from write_side.kernel.scenario import Fact
from write_side.orders.payment import CancelOrder
from write_side.orders.placing import PlaceOrder
from write_side.stock.commands import CorrectStock, ReceiveStock
from write_side.terms.ids import OrderId

ORDERS, PRODUCTS = range(3), range(2)
FEW = 3
"""Units of each product."""


@dataclass(frozen=True)
class Wish:
    """A command, with numbers in the place of what it names. `command_id` is the number of its id."""

    kind: str
    command_id: int
    order: int
    product: int
    quantity: int
    expected: int | None


wishes = st.builds(
    Wish,
    kind=st.sampled_from(["place", "place any", "place any", "cancel", "receive", "correct"]),
    # Few have the same: that must be refused for all but one.
    command_id=st.integers(0, 50),
    order=st.sampled_from(ORDERS),
    product=st.sampled_from(PRODUCTS),
    quantity=st.integers(1, FEW),
    expected=st.sampled_from([None, None, None, None, 0, 1]),
)


class Shop:
    """A customer and two products that nobody has touched. `number` makes them others than those of any other shop."""

    def __init__(self, number: int) -> None:
        self._number = number << 8
        self._customer = customer_id(self._number)
        self._products = [product_id(self._number + one) for one in PRODUCTS]
        self._orders = [OrderId(f"ord_{self._number + one:032x}") for one in ORDERS]

    @property
    def past(self) -> list[Fact]:
        """What has happened before."""
        facts = customer(self._customer, "Ann", f"{self._number}@shop.test", BERLIN)
        for key in self._products:
            facts += product(key, str(key), "Pot", money("30.00"), on_hand=FEW)
        return facts

    def command_id(self, number: int) -> CommandId:
        """The command id of a number."""
        return CommandId(f"{self._number}-{number}")

    def command(self, wish: Wish) -> Command:
        """The command that was wished for."""
        product = self._products[wish.product]
        given: dict[str, Any] = {"commandId": self.command_id(wish.command_id), "expectedVersion": wish.expected}
        items = [{"productId": product, "quantity": wish.quantity}]
        match wish.kind:
            case "place":
                named = {"id": self._orders[wish.order], "customerId": self._customer}
                return PlaceOrder.model_validate({**named, "items": items, **given})
            case "place any":
                return PlaceOrder.model_validate({"customerId": self._customer, "items": items, **given})
            case "cancel":
                return CancelOrder.model_validate({"orderId": self._orders[wish.order], "reason": "because", **given})
            case "receive":
                return ReceiveStock.model_validate({"productId": product, "quantity": wish.quantity, **given})
            case _:
                counted = {"onHand": wish.quantity, "reason": "counted"}
                return CorrectStock.model_validate({"productId": product, **counted, **given})
