"""What a shopper may do next: a command, by the state of the order that the shopper is busy with."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.system.checker.subjects import CUSTOMER, ORDER, PRODUCT, SCARCE, Content, Model

CUSTOMERS = [f"cus_{'c' * 31}{one}" for one in "0123456789"]
PRODUCTS = [f"prd_{'d' * 31}{one}" for one in "0123456789ab"]
REGULAR = CUSTOMERS[0]
"""The customer with more orders than are pushed one by one when a new name reaches them all."""
SOLD, SCARCELY = PRODUCTS[:8], PRODUCTS[8:]


@dataclass(frozen=True, slots=True)
class Intent:
    """A command to send, and the model of the document that it answers with."""

    command: str
    model: Model
    input: Mapping[str, Any]


class Whims:
    """Makes intents. All that is sent is accepted: nobody else touches a shopper's order."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def next(self, order: str | None, now: Content | None) -> Intent:
        """What to do; `order` is None for one that is still to be placed, or has been dealt with."""
        if self._random.random() < 0.35:
            return self._aside()
        if order is None or now is None:
            return self._place()
        match now["status"]:
            case "PLACED":
                return self._change(order)
            case "PAID":
                return self._paid(order)
            case _:
                return Intent("confirmDelivery", ORDER, {"orderId": order})

    def _place(self) -> Intent:
        items = [{"productId": product, "quantity": 1} for product in self._random.sample(SOLD, 2)]
        return Intent("placeOrder", ORDER, {"customerId": self._random.choice(CUSTOMERS[1:]), "items": items})

    def _change(self, order: str) -> Intent:
        product = self._random.choice(SOLD)
        match self._random.choice("aaapppc" + "s"):
            case "a":
                return Intent("addOrderItem", ORDER, {"orderId": order, "productId": product, "quantity": 1})
            case "p":
                return Intent("payOrder", ORDER, {"orderId": order, "method": "CARD"})
            case "s":
                return Intent("changeShippingAddress", ORDER, {"orderId": order, "address": self._address()})
            case _:
                return Intent("cancelOrder", ORDER, {"orderId": order, "reason": "changed my mind"})

    def _paid(self, order: str) -> Intent:
        match self._random.choice("ssar"):
            case "s":
                return Intent("shipOrder", ORDER, {"orderId": order, "carrier": "UPS", "trackingNumber": "1"})
            case "a":
                return Intent("changeShippingAddress", ORDER, {"orderId": order, "address": self._address()})
            case _:
                return Intent("refundOrder", ORDER, {"orderId": order, "reason": "wrong size"})

    def _aside(self) -> Intent:
        """Something about customers and products, which others change as well."""
        customer, product = self._random.choice(CUSTOMERS[1:]), self._random.choice(SOLD)
        number = str(self._random.randrange(10**6))
        money = {"amount": f"{self._random.randrange(10**6)}.99", "currencyCode": "EUR"}
        match self._random.choices("rnwpst", weights=(0.25, 1, 4, 4, 4, 8))[0]:
            case "r":
                return Intent("renameCustomer", CUSTOMER, {"customerId": REGULAR, "name": f"Regular {number}"})
            case "n":
                return Intent("renameCustomer", CUSTOMER, {"customerId": customer, "name": f"Ann {number}"})
            case "w":
                return Intent("creditWallet", CUSTOMER, {"customerId": customer, "amount": money, "reason": "gift"})
            case "p":
                return Intent("changeProductPrice", PRODUCT, {"productId": product, "price": money})
            case "s":
                return Intent("receiveStock", PRODUCT, {"productId": product, "quantity": 1})
            case _:
                few_or_many = self._random.choice((1, 2 * SCARCE)) + self._random.randrange(SCARCE - 1)
                given = {"productId": self._random.choice(SCARCELY), "onHand": few_or_many, "reason": "counted"}
                return Intent("correctStock", PRODUCT, given)

    def _address(self) -> dict[str, str]:
        line = f"Lindenweg {self._random.randrange(10**6)}"
        return {"line1": line, "city": "Bern", "postcode": "3006", "countryCode": "CH"}
