"""Events as they are stored. What stands here was written once and loads for ever: add to it, and change nothing.

An event whose shape changes gets a new schema version and an upcaster; its line here stays, and its new shape gets another.
"""

from typing import Any

import orjson
import pytest

import write_side
from write_side.kernel.codec import encode
from write_side.kernel.domain import discover

CODEC = discover(write_side).codec()

CUSTOMER, PRODUCT, ORDER = (f"{prefix}_{1:032x}" for prefix in ("cus", "prd", "ord"))
PRICE = {"amount": "30.00", "currencyCode": "EUR"}
ADDRESS = {"line1": "Hauptstr. 1", "line2": None, "city": "Berlin", "postcode": "10827", "countryCode": "DE"}
"""As of the first version of what carries one."""
IN_LINES = {"lines": ["Hauptstr. 1", "2nd floor"], "city": "Berlin", "postcode": "10827", "countryCode": "DE"}
LINE = {"productId": PRODUCT, "sku": "POT-1", "name": "Tea pot", "quantity": 2, "unitPrice": PRICE}

STORED: list[tuple[str, int, dict[str, Any]]] = [
    ("customer-registered", 1, {"name": "Ann", "email": "ann@shop.test", "phone": None, "address": ADDRESS}),
    ("customer-registered", 2, {"name": "Ann", "email": "ann@shop.test", "phone": None, "address": IN_LINES}),
    ("customer-renamed", 1, {"name": "Anna"}),
    ("customer-email-changed", 1, {"email": "anna@shop.test"}),
    ("customer-phone-changed", 1, {"phone": None}),
    ("customer-address-changed", 1, {"address": ADDRESS}),
    ("customer-address-changed", 2, {"address": IN_LINES}),
    ("wallet-credited", 1, {"amount": PRICE, "reason": "gift", "orderId": None}),
    ("wallet-debited", 1, {"amount": PRICE, "reason": "order paid", "orderId": ORDER}),
    (
        "product-added",
        1,
        {"sku": "POT-1", "name": "Tea pot", "description": "", "tags": ["tea"], "price": PRICE},
    ),
    ("product-renamed", 1, {"name": "Pot"}),
    ("product-described", 1, {"description": "Round.", "tags": []}),
    ("product-price-changed", 1, {"price": PRICE}),
    ("product-discontinued", 1, {"reason": "fragile"}),
    ("stock-received", 1, {"quantity": 5, "reference": "PO 7"}),
    ("stock-corrected", 1, {"onHand": 0, "reason": "count"}),
    ("stock-reserved", 1, {"orderId": ORDER, "quantity": 2}),
    ("stock-released", 1, {"orderId": ORDER, "quantity": 2}),
    ("stock-shipped", 1, {"orderId": ORDER, "quantity": 2}),
    ("reorder-level-set", 1, {"level": 4}),
    ("reorder-needed", 1, {"sku": "POT-1", "name": "Tea pot", "onHand": 10, "reserved": 7, "level": 4}),
    ("reorder-covered", 1, {}),
    (
        "order-placed",
        1,
        {
            "customerId": CUSTOMER,
            "customerName": "Ann",
            "customerEmail": "ann@shop.test",
            "lines": [LINE],
            "shippingAddress": ADDRESS,
        },
    ),
    (
        "order-placed",
        2,
        {
            "customerId": CUSTOMER,
            "customerName": "Ann",
            "customerEmail": "ann@shop.test",
            "lines": [LINE],
            "shippingAddress": IN_LINES,
        },
    ),
    ("order-item-added", 1, {"customerId": CUSTOMER, "line": LINE}),
    ("order-item-removed", 1, {"customerId": CUSTOMER, "line": LINE}),
    ("order-item-quantity-changed", 1, {"customerId": CUSTOMER, "line": LINE, "previousQuantity": 3}),
    ("shipping-address-changed", 1, {"address": ADDRESS}),
    ("shipping-address-changed", 2, {"address": IN_LINES}),
    (
        "order-paid",
        1,
        {
            "customerId": CUSTOMER,
            "recipient": "Ann",
            "lines": [LINE],
            "total": {"amount": "60.00", "currencyCode": "EUR"},
            "shippingAddress": ADDRESS,
            "method": "BANK_TRANSFER",
            "reference": None,
        },
    ),
    (
        "order-paid",
        2,
        {
            "customerId": CUSTOMER,
            "recipient": "Ann",
            "lines": [LINE],
            "total": {"amount": "60.00", "currencyCode": "EUR"},
            "shippingAddress": IN_LINES,
            "method": "BANK_TRANSFER",
            "reference": None,
        },
    ),
    ("order-shipped", 1, {"customerId": CUSTOMER, "carrier": "DHL", "trackingNumber": "JD1"}),
    ("order-delivered", 1, {"customerId": CUSTOMER}),
    ("order-cancelled", 1, {"customerId": CUSTOMER, "reason": "no need", "currencyCode": "EUR"}),
    (
        "order-refunded",
        1,
        {
            "customerId": CUSTOMER,
            "reason": "late",
            "lines": [LINE],
            "total": {"amount": "60.00", "currencyCode": "EUR"},
            "method": "WALLET",
            "shipped": True,
        },
    ),
    ("value-claimed", 1, {"holder": CUSTOMER}),
    ("value-released", 1, {"holder": CUSTOMER}),
]


@pytest.mark.parametrize(("name", "schema", "data"), STORED)
def test_history_loads(name: str, schema: int, data: dict[str, Any]) -> None:
    event = CODEC.decode(name, schema, orjson.dumps(data).decode())

    assert type(event).event_name == name
    if schema == type(event).schema_version:
        assert orjson.loads(encode(event)) == data


def test_every_event_is_here_as_it_is_stored_now() -> None:
    now = {(event.event_name, event.schema_version) for event in CODEC.classes}

    assert now <= {(name, schema) for name, schema, _ in STORED}
