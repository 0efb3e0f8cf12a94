"""What a client may send at all. Each rule takes what was sent and returns what is meant, or raises INVALID_INPUT."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.system.model.state import DIGITS, Refusal, Row

Rule = Callable[[Any], Any]
COUNTRIES = {"CH", "DE", "FR"}


def _demand(condition: bool) -> None:
    if not condition:
        raise Refusal("INVALID_INPUT")


def _id(prefix: str) -> Rule:
    def rule(text: str) -> str:
        _demand(re.fullmatch(rf"{prefix}_[0-9a-fA-F]{{32}}", text) is not None)
        return text.lower()

    return rule


def _text(text: str) -> str:
    _demand(bool(text.strip()))
    return text.strip()


def _maybe_empty(text: str) -> str:
    return text.strip()


def _one_word(text: str) -> str:
    _demand(re.fullmatch(r"\S+", text) is not None)
    return text


def _email(text: str) -> str:
    _demand(re.fullmatch(r"\S+@\S+\.\S+", text.strip()) is not None)
    return text.strip()


def _number(least: int, most: int) -> Rule:
    def rule(number: int) -> int:
        _demand(least <= number <= most)
        return number

    return rule


def _money(given: Row) -> Row:
    amount, currency = Decimal(given["amount"]), given["currencyCode"]
    _demand(currency in DIGITS and amount > 0)
    _demand(amount == round(amount, DIGITS[currency]))
    return {"amount": round(amount, DIGITS[currency]), "currencyCode": currency}


def _address(given: Row) -> Row:
    _demand(given["countryCode"] in COUNTRIES)
    return {
        "line1": _text(given["line1"]),
        "line2": given.get("line2", "").strip() or None,
        "city": _text(given["city"]),
        "postcode": given["postcode"].strip(),
        "countryCode": given["countryCode"],
    }


def _tags(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(_text(tag) for tag in tags))


def _items(items: list[Row]) -> list[Row]:
    _demand(len(items) <= 100)
    return [{"productId": PRODUCT(item["productId"]), "quantity": QUANTITY(item["quantity"])} for item in items]


def _method(method: str) -> str:
    _demand(method in {"CARD", "BANK_TRANSFER", "WALLET"})
    return method


CUSTOMER, PRODUCT, ORDER = _id("cus"), _id("prd"), _id("ord")
QUANTITY = _number(1, 10_000)
ON_HAND = _number(0, 1_000_000_000)
RULES: dict[str, Rule] = {
    "customerId": CUSTOMER,
    "productId": PRODUCT,
    "orderId": ORDER,
    "email": _email,
    "phone": _maybe_empty,
    "address": _address,
    "shippingAddress": _address,
    "amount": _money,
    "price": _money,
    "description": str,
    "tags": _tags,
    "quantity": QUANTITY,
    "onHand": ON_HAND,
    "level": ON_HAND,
    "items": _items,
    "method": _method,
}
IDS = {"RegisterCustomer": CUSTOMER, "AddProduct": PRODUCT, "PlaceOrder": ORDER}


def validated(command: str, given: Row) -> Row:
    """The input as it is meant. Raises `Refusal`."""
    rules = {**RULES, "id": IDS.get(command), "commandId": _one_word, "expectedVersion": _number(0, 10**9)}
    return {name: (rules.get(name) or _text)(value) for name, value in given.items() if value is not None}
