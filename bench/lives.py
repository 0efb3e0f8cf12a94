"""A shop's day, as it is measured: orders that are placed, paid, shipped, delivered, and what else goes on.

Of twenty commands five place an order of three lines, four pay one, three ship, three confirm a delivery, one changes an
address, one cancels; two receive stock, and one renames a product. Which order is next is whichever has waited longest.
"""

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from bench.requests import CommandInput, command

CUSTOMERS = 100
PRODUCTS = 100
LINES = 3
STOCK = 1_000_000
PLACE, PAY, SHIP, DELIVER, MOVE, CANCEL, RECEIVE, RENAME = (
    *("placeOrder", "payOrder", "shipOrder", "confirmDelivery"),
    *("changeShippingAddress", "cancelOrder", "receiveStock", "renameProduct"),
)
MIX = {PLACE: 5, PAY: 4, SHIP: 3, DELIVER: 3, MOVE: 1, CANCEL: 1, RECEIVE: 2, RENAME: 1}
ADDRESS = {"line1": "1 Quay Street", "city": "Bristol", "postcode": "BS1 4ST", "countryCode": "GB"}


@dataclass(frozen=True, slots=True)
class Step:
    """One command: its name, the document that shows what it did, by type and id, and its request."""

    name: str
    document: str
    key: str
    request: bytes


class Lives:
    """What happens next, the same for the same seed. An order goes on once `accepted` was told of its last step."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        # Ids that neither another run nor the example shop has.
        self._ids = f"be{seed:06x}"
        self._numbers = count(1)
        self._turns: list[str] = []
        self._waiting: Mapping[str, deque[str]] = {name: deque() for name in (PAY, SHIP, DELIVER)}

    def next(self) -> Step:
        """The next command. A step for which no order waits places one."""
        if not self._turns:
            self._turns = [name for name, times in MIX.items() for _ in range(times)]
            self._dice.shuffle(self._turns)
        name = self._turns.pop()
        if name in (RECEIVE, RENAME):
            return self._of_product(name)
        queue = self._waiting[PAY if name in (MOVE, CANCEL) else name] if name != PLACE else deque()
        return self._of_order(name, queue.popleft()) if queue else self._placed()

    def accepted(self, step: Step) -> None:
        """The order of a step waits for its next one."""
        after = {PLACE: PAY, MOVE: PAY, PAY: SHIP, SHIP: DELIVER}.get(step.name)
        if after is not None:
            self._waiting[after].append(step.key)

    def _placed(self) -> Step:
        key = f"ord_{self._ids}{next(self._numbers):024x}"
        products = self._dice.sample(range(PRODUCTS), LINES)
        items = [{"productId": product_id(number), "quantity": self._dice.randint(1, 3)} for number in products]
        given = {"id": key, "customerId": customer_id(self._dice.randrange(CUSTOMERS)), "items": items}
        return Step(PLACE, "order", key, command(PLACE, given))

    def _of_order(self, name: str, key: str) -> Step:
        more: Mapping[str, CommandInput] = {
            PAY: {"method": "CARD", "reference": "PAY-1"},
            SHIP: {"carrier": "Post", "trackingNumber": key[-12:]},
            DELIVER: {},
            MOVE: {"address": {**ADDRESS, "line2": f"Floor {self._dice.randrange(10**6)}"}},
            CANCEL: {"reason": "changed their mind"},
        }
        return Step(name, "order", key, command(name, {"orderId": key, **more[name]}))

    def _of_product(self, name: str) -> Step:
        key = product_id(self._dice.randrange(PRODUCTS))
        more: CommandInput = {"quantity": 1} if name == RECEIVE else {"name": f"Lamp {next(self._numbers)}"}
        return Step(name, "product", key, command(name, {"productId": key, **more}))


def opening(customers: int = CUSTOMERS, products: int = PRODUCTS) -> Sequence[bytes]:
    """The commands that open the shop, in any order: its customers and products."""
    return [*map(_registered, range(customers)), *map(added, range(products))]


def stocking(products: int = PRODUCTS) -> Sequence[bytes]:
    """The commands that come next, in any order: there is plenty of every product."""
    return [stocked(number, STOCK) for number in range(products)]


def added(number: int) -> bytes:
    """The command that adds a product, numbered from 0."""
    price = {"amount": f"{number + 1}.50", "currencyCode": "EUR"}
    good = {"sku": f"BENCH-{number:04d}", "name": f"Lamp {number}", "price": price}
    return command("addProduct", {"id": product_id(number), **good})


def stocked(number: int, on_hand: int) -> bytes:
    """The command that puts so many units of a product on the shelf."""
    return command("correctStock", {"productId": product_id(number), "onHand": on_hand, "reason": "opening"})


def customer_id(number: int) -> str:
    """The id of a customer, numbered from 0. The example shop has others."""
    return f"cus_be{number:030x}"


def product_id(number: int) -> str:
    """The id of a product, numbered from 0."""
    return f"prd_be{number:030x}"


def _registered(number: int) -> bytes:
    person = {"name": f"Robin Weaver {number}", "email": f"robin.{number}@bench.example", "address": ADDRESS}
    return command("registerCustomer", {"id": customer_id(number), **person})
