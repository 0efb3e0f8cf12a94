"""Histories of commands that meet one another, because there are few customers, products and orders; valid ones and not.

Ids are fixed, and what depends on the state (the version to expect) is said as a wish, so that a history is plain data: the
same one runs again the same. A history comes of one seed and is cut to a length: hypothesis, choosing each value, would try
odd ones and repetitions first, and an order that gets as far as being delivered takes many usual ones. What it makes
smaller is the length, so that the last command of a history that it reports is the one to look at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.system.model.state import Row

CUSTOMERS = [f"cus_{'a' * 31}{number}" for number in range(3)]
PRODUCTS = [f"prd_{'b' * 31}{number}" for number in range(4)]
ORDERS = [f"ord_{'c' * 31}{number}" for number in range(8)]
BERN = {"line1": "Lindenweg 4", "city": "Bern", "postcode": "3006", "countryCode": "CH"}
PARIS = {"line1": "2 rue Cler", "line2": "3e ", "city": "Paris", "postcode": "75007", "countryCode": "FR"}
ATLANTIS = {**BERN, "countryCode": "XX"}
AGAIN = "again"
MOST = 200
"""The most commands of a history."""


@dataclass(frozen=True)
class Step:
    """A command `minutes` after the one before. `expect`: the right version of its target, or a `wrong` one.

    The command AGAIN sends an earlier one once more, just as it was: that at `number`, counted among those with an id.
    """

    command: str
    given: Row
    minutes: int = 0
    expect: str = ""
    actor: str = "ann"
    number: int = 0


def eur(amount: str) -> Row:
    return {"amount": amount, "currencyCode": "EUR"}


def jpy(amount: str) -> Row:
    return {"amount": amount, "currencyCode": "JPY"}


Pick = Callable[[Random], Any]


def _mostly(usual: list[Any], *odd: Any) -> Pick:
    """One of `usual`, and in one of twenty cases one of `odd`."""
    return lambda random: random.choice(odd if odd and random.random() < 0.05 else usual)


def _ids(known: list[str]) -> Pick:
    prefix = known[0][:3]
    spelled = f"{prefix}_{known[0][4:].upper()}"
    return _mostly(known, f"{prefix}_{'0' * 32}", f"{prefix}_12", f"xyz_{'0' * 32}", spelled)


customers, products, orders = _ids(CUSTOMERS), _ids(PRODUCTS), _ids(ORDERS)
names = _mostly(["Ann", "Bo", " Cy "], "  ")
emails = _mostly(["ann@shop.test", "ANN@shop.test", "bo@shop.test", "cy@shop.test", "Cy@Shop.test"], "nobody")
phones = _mostly(["", "+41 31 1", "117"])
addresses = _mostly([BERN, PARIS], ATLANTIS)
skus = _mostly(["MUG-1", "mug-1", "POT-1", "CUP-1", "PEN-1"], " ")
things = _mostly(["Mug", "Pot", "Pen"], "")
prices = _mostly([eur("2.50"), eur("10"), eur("10.00"), jpy("500")], eur("0.001"), jpy("1.5"), eur("0"), eur("-1"))
credits = _mostly([eur("25"), eur("12.5"), eur("12.50"), jpy("1000")], eur("0"), {"amount": "1", "currencyCode": "ABC"})
quantities = _mostly([1, 2, 3, 7], 0, 10_000, 10_001)
reasons = _mostly(["it broke", "it is late"], " ")
texts = _mostly(["for tea", "for two\nor three", ""])
tags = _mostly([["tea", "new"], ["tea", "tea"], []], [" "])


def _items(random: Random) -> list[Row]:
    count = random.choice([0, 3] if random.random() < 0.2 else [1, 2])
    return [{"productId": products(random), "quantity": quantities(random)} for _ in range(count)]


BY_COMMAND: dict[str, tuple[int, dict[str, Pick], dict[str, Pick]]] = {
    # how often, what must be given, what may be
    "RegisterCustomer": (
        3,
        {"id": _mostly(CUSTOMERS, None, "cus_12"), "name": names, "email": emails},
        {"phone": phones, "address": addresses},
    ),
    "RenameCustomer": (2, {"customerId": customers, "name": names}, {}),
    "ChangeCustomerEmail": (2, {"customerId": customers, "email": emails}, {}),
    "ChangeCustomerPhone": (1, {"customerId": customers, "phone": phones}, {}),
    "ChangeCustomerAddress": (2, {"customerId": customers, "address": addresses}, {}),
    "CreditWallet": (3, {"customerId": customers, "amount": credits, "reason": reasons}, {}),
    "DebitWallet": (6, {"customerId": customers, "amount": credits, "reason": reasons}, {}),
    "AddProduct": (
        3,
        {"id": _mostly(PRODUCTS, None, "prd_12"), "sku": skus, "name": things, "price": prices},
        {"description": texts, "tags": tags},
    ),
    "RenameProduct": (2, {"productId": products, "name": things}, {}),
    "DescribeProduct": (2, {"productId": products, "description": texts}, {"tags": tags}),
    "ChangeProductPrice": (2, {"productId": products, "price": prices}, {}),
    "DiscontinueProduct": (1, {"productId": products, "reason": reasons}, {}),
    "ReceiveStock": (3, {"productId": products, "quantity": quantities}, {"reference": names}),
    "CorrectStock": (
        2,
        {"productId": products, "onHand": _mostly([0, 1, 2, 3, 5, 40], 10**9, 10**9 + 1, -1), "reason": reasons},
        {},
    ),
    "SetReorderLevel": (3, {"productId": products, "level": _mostly([0, 2, 5, 28, 40], 10**9, 10**9 + 1, -1)}, {}),
    "ReviewStock": (6, {"productId": products}, {}),
    "PlaceOrder": (
        9,
        {"id": _mostly(ORDERS, None, "ord_12"), "customerId": customers, "items": _items},
        {"shippingAddress": addresses},
    ),
    "AddOrderItem": (6, {"orderId": orders, "productId": products, "quantity": quantities}, {}),
    "RemoveOrderItem": (6, {"orderId": orders, "productId": products}, {}),
    "ChangeOrderItemQuantity": (6, {"orderId": orders, "productId": products, "quantity": quantities}, {}),
    "ChangeShippingAddress": (3, {"orderId": orders, "address": addresses}, {}),
    "PayOrder": (
        11,
        {"orderId": orders, "method": _mostly(["CARD", "WALLET"], "BANK_TRANSFER", "SHELLS")},
        {"reference": names},
    ),
    "ShipOrder": (12, {"orderId": orders, "carrier": names, "trackingNumber": names}, {}),
    "ConfirmDelivery": (12, {"orderId": orders}, {}),
    "CancelOrder": (2, {"orderId": orders, "reason": reasons}, {}),
    "RefundOrder": (4, {"orderId": orders, "reason": reasons}, {}),
}


COMMAND_IDS = _mostly([None] * 30 + ["one", "two", "three"], "not one word")
EXPECTED = _mostly(["", "", "", "", "", "", "right"], "wrong")


def _step(random: Random) -> Step:
    names = [AGAIN, *BY_COMMAND]
    (name,) = random.choices(names, [3, *(often for often, _, _ in BY_COMMAND.values())])
    if name == AGAIN:
        return Step(AGAIN, {}, number=random.randrange(20))
    _, needed, optional = BY_COMMAND[name]
    fields = needed | {field: pick for field, pick in optional.items() if random.random() < 0.5}
    given = {field: pick(random) for field, pick in {**fields, "commandId": COMMAND_IDS}.items()}
    return Step(name, given, random.choice([0, 1, 300]), EXPECTED(random), random.choice(["ann", "bo"]))


def opening(*, busy: bool) -> list[Step]:
    """What histories begin with, so that they have something to work on; `busy`: one customer with a dozen orders."""
    people = [("Ann", "ann@shop.test", BERN), ("Bo", "bo@shop.test", None)]
    goods = [("MUG-1", "Mug", eur("2.50")), ("POT-1", "Pot", eur("10")), ("CUP-1", "Cup", jpy("500"))]
    started = [
        *(
            Step("RegisterCustomer", {"id": key, "name": name, "email": email, "address": address})
            for key, (name, email, address) in zip(CUSTOMERS, people, strict=False)
        ),
        *(
            Step("AddProduct", {"id": key, "sku": sku, "name": name, "price": price})
            for key, (sku, name, price) in zip(PRODUCTS, goods, strict=False)
        ),
        # Plenty of mugs and pots, and exactly the cups that are ordered below.
        *(
            Step("ReceiveStock", {"productId": key, "quantity": quantity})
            for key, quantity in zip(PRODUCTS, [30, 30, 2], strict=False)
        ),
        # Exactly enough for two of her orders.
        Step("CreditWallet", {"customerId": CUSTOMERS[0], "amount": eur("25"), "reason": "welcome"}),
    ]
    ids = [*ORDERS[:4], *([f"ord_{'d' * 30}{number:02d}" for number in range(9)] if busy else [])]
    mugs_and_pots = [{"productId": PRODUCTS[0], "quantity": 1}, {"productId": PRODUCTS[1], "quantity": 1}]
    cups = [{"productId": PRODUCTS[2], "quantity": 2}]
    placed = [
        Step("PlaceOrder", {"id": key, "customerId": CUSTOMERS[0], "items": mugs_and_pots, "commandId": key}, 1)
        for key in ids
    ]
    elsewhere = {"id": ORDERS[4], "customerId": CUSTOMERS[1], "items": cups, "shippingAddress": PARIS}
    return [*started, *placed, Step("PlaceOrder", elsewhere, 1)]


def _history(seed: int, length: int) -> list[Step]:
    random = Random(seed)
    return [*opening(busy=seed % 3 == 0), *(_step(random) for _ in range(MOST))][:length]


LENGTHS = [*range(1, MOST, 5), *[MOST] * 400]
histories = st.builds(_history, st.integers(0, 2**32 - 1), st.sampled_from(LENGTHS))
"""Mostly of the full length; they become smaller by becoming shorter."""
