"""Sixty days of the example shop, as commands with the times at which they happened. The same every time but for the end.

Ids and command ids are fixed, so that filling a shop twice, or again after it was interrupted, has one effect.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from server.demo.goods import CARRIERS, GOODS, PEOPLE, REASONS_TO_CANCEL, REASONS_TO_REFUND, Good, Person

DAYS = 60
ORDERS = 400
DISCONTINUED = (18, 39)
WITH_CREDIT = 12


@dataclass(frozen=True, slots=True)
class Step:
    """A command of the history: the name of its class, its input as a client would write it, and when it happened."""

    at: datetime
    command: str
    input: dict[str, Any]


def customer_id(number: int) -> str:
    """The id of the example shop's customer `number`, from 1."""
    return f"cus_{number:032x}"


def product_id(number: int) -> str:
    """The id of the example shop's product `number`, from 1."""
    return f"prd_{number:032x}"


def order_id(number: int) -> str:
    """The id of the example shop's order `number`, from 1."""
    return f"ord_{number:032x}"


def history(until: datetime) -> list[Step]:
    """The shop's history up to `until` (UTC), in the order in which it happened."""
    random = Random(7)
    opening = until - timedelta(days=DAYS)
    steps = [*_catalogue(opening), *_customers(opening, random)]
    for number in range(1, ORDERS + 1):
        # More orders lately than at first, as in a shop that is getting known.
        share = (number / (ORDERS + 1)) ** 0.8
        placed = opening + timedelta(days=2) + share * (until - opening - timedelta(days=2, minutes=20))
        steps += _order(number, placed, until, random)
    steps.sort(key=lambda step: step.at)
    return [Step(step.at, step.command, {**step.input, "commandId": f"demo-{_name(step)}"}) for step in steps]


def _name(step: Step) -> str:
    subject = next(step.input[key] for key in ("id", "orderId", "customerId", "productId") if key in step.input)
    return f"{step.command}-{subject}-{step.input.get('reference', '')}".rstrip("-")


def _catalogue(opening: datetime) -> Iterator[Step]:
    for number, good in enumerate(GOODS, 1):
        at = opening + timedelta(minutes=number)
        price = {"amount": good.price, "currencyCode": "EUR"}
        yield Step(
            at,
            "AddProduct",
            {
                "id": product_id(number),
                "sku": good.sku,
                "name": good.name,
                "description": _description(good),
                "tags": list(good.tags),
                "price": price,
            },
        )
        for delivery, days in enumerate((0, 20, 40), 1):
            stock = {"productId": product_id(number), "quantity": 150, "reference": f"PO-{delivery}{number:03d}"}
            yield Step(at + timedelta(days=days, minutes=90), "ReceiveStock", stock)
        if number in DISCONTINUED:
            reason = {"productId": product_id(number), "reason": "the maker has closed"}
            yield Step(opening + timedelta(days=DAYS - 1), "DiscontinueProduct", reason)


def _description(good: Good) -> str:
    materials = ", ".join(good.tags[1:])
    return f"{good.name}. Made in small runs; {materials}. Ships within two working days."


def _customers(opening: datetime, random: Random) -> Iterator[Step]:
    for number, person in enumerate(PEOPLE, 1):
        # The first ten have been customers from the beginning, so that the first orders have someone to place them.
        day = 0.1 if number <= 10 else random.uniform(0.2, 2.0)
        at = opening + timedelta(days=day, seconds=number)
        yield Step(
            at,
            "RegisterCustomer",
            {
                "id": customer_id(number),
                "name": person.name,
                "email": _email(person),
                "phone": f"+49 30 555 {number:04d}",
                "address": {
                    "line1": person.street,
                    "city": person.city,
                    "postcode": person.postcode,
                    "countryCode": person.country,
                },
            },
        )
        if number <= WITH_CREDIT:
            credit = {
                "customerId": customer_id(number),
                "amount": {"amount": "2000.00", "currencyCode": "EUR"},
                "reason": "gift voucher",
            }
            yield Step(at + timedelta(hours=1), "CreditWallet", credit)


def _email(person: Person) -> str:
    return f"{person.name.lower().replace(' ', '.')}@oneread.test"


def _order(number: int, placed: datetime, until: datetime, random: Random) -> Iterator[Step]:
    customer = random.randint(1, len(PEOPLE))
    sold = [n for n in range(1, len(GOODS) + 1) if n not in DISCONTINUED]
    chosen = random.sample(sold, random.choice((1, 1, 2, 2, 3, 4)))
    items = [{"productId": product_id(n), "quantity": random.choice((1, 1, 1, 2, 3))} for n in chosen]
    key = {"orderId": order_id(number)}
    yield Step(placed, "PlaceOrder", {"id": order_id(number), "customerId": customer_id(customer), "items": items})
    paid = placed + timedelta(minutes=random.uniform(5, 600))
    shipped = paid + timedelta(hours=random.uniform(8, 60))
    delivered = shipped + timedelta(hours=random.uniform(20, 90))
    fate = random.random()
    # One order in twenty waits for its money still; about one in twelve is given up.
    if number % 20 == 0 or paid > until:
        return
    if fate < 0.08:
        yield Step(paid, "CancelOrder", {**key, "reason": random.choice(REASONS_TO_CANCEL)})
        return
    method = "WALLET" if customer <= WITH_CREDIT // 3 and fate > 0.8 else random.choice(("CARD", "CARD", "BANK_TRANSFER"))
    payment = (
        {**key, "method": method} if method == "WALLET" else {**key, "method": method, "reference": f"PAY-{number:05d}"}
    )
    yield Step(paid, "PayOrder", payment)
    if 0.08 <= fate < 0.12:
        yield Step(paid + timedelta(hours=2), "RefundOrder", {**key, "reason": random.choice(REASONS_TO_REFUND)})
        return
    if shipped > until:
        return
    parcel = {"carrier": random.choice(CARRIERS), "trackingNumber": f"{random.randint(10**11, 10**12 - 1)}"}
    yield Step(shipped, "ShipOrder", {**key, **parcel})
    if delivered > until:
        return
    yield Step(delivered, "ConfirmDelivery", key)
    if fate > 0.96 and delivered + timedelta(days=1) < until:
        refund = {**key, "reason": random.choice(REASONS_TO_REFUND)}
        yield Step(delivered + timedelta(days=1), "RefundOrder", refund)
