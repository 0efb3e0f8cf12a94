"""Orders: what each command does. `happens` is one event of an order; `facts` is what its history must mention."""

from typing import Any

from tests.system.model.catalogue import demand_active, demand_available, move_stock
from tests.system.model.customers import put_in, take_out
from tests.system.model.state import Now, Refusal, Row, State, found, happened, money

PAGE = 10
"""So many orders are on a customer's page."""
ON_EVERY_PAGE = {"OrderPlaced", "OrderPaid", "OrderRefunded"}
"""What a customer's page counts even when the order is not on it."""
ON_NO_PAGE = {"ShippingAddressChanged"}
IN_OVERVIEW = {"OrderPlaced", "OrderPaid", "OrderShipped", "OrderDelivered", "OrderCancelled", "OrderRefunded"}


def place_order(state: State, given: Row, now: Now) -> None:
    if given["id"] in state.orders:
        raise Refusal("ALREADY_EXISTS", "id")
    customer = found(state.customers, given["customerId"], "customerId")
    items: list[Row] = given["items"]
    if not items:
        raise Refusal("ORDER_EMPTY", "items")
    for number, item in enumerate(items):
        found(state.products, item["productId"], "items", str(number), "productId")
    wanted: dict[str, int] = {}
    for number, item in enumerate(items):
        wanted[item["productId"]] = wanted.get(item["productId"], 0) + item["quantity"]
        if wanted[item["productId"]] > 10_000:
            raise Refusal("INVALID_INPUT", "items", str(number), "quantity")
    first = {key: str([item["productId"] for item in items].index(key)) for key in wanted}
    lines = [_line(state, key, quantity) for key, quantity in wanted.items()]
    for line in lines:
        at = first[line["productId"]]
        demand_active(state.products[line["productId"]], "items", at, "productId")
        if _currency(line) != _currency(lines[0]):
            raise Refusal("CURRENCY_MISMATCH", "items", at, "productId")
    for line in lines:
        demand_available(state, line["productId"], line["quantity"], "items", first[line["productId"]], "quantity")
    address = given.get("shippingAddress", customer["address"])
    if address is None:
        raise Refusal("INVALID_INPUT", "shippingAddress")
    order = {
        "id": given["id"],
        "version": 0,
        "status": "PLACED",
        "customerId": given["customerId"],
        "lines": lines,
        "address": address,
        "payment": None,
        "shipment": None,
        "cancellation": None,
        "placedAt": now.at,
        "history": [],
    }
    state.orders[given["id"]] = order
    happens(state, order, "OrderPlaced", now, customer["name"], _text(total(order)))
    _reserve(state, lines, now)


def add_order_item(state: State, given: Row, now: Now) -> None:
    order, product_id, quantity = _open(state, given), given["productId"], given["quantity"]
    demand_active(state.products[product_id], "productId")
    added = _line(state, product_id, quantity)
    present = next((line for line in order["lines"] if line["productId"] == product_id), None)
    if _currency(present or added) != _currency(order["lines"][0]):
        raise Refusal("CURRENCY_MISMATCH", "productId")
    if present and present["quantity"] + quantity > 10_000:
        raise Refusal("INVALID_INPUT", "quantity")
    demand_available(state, product_id, quantity, "quantity")
    if present:
        present["quantity"] += quantity
    else:
        order["lines"].append(added)
    line = present or added
    happens(state, order, "OrderItemAdded", now, f"{quantity} x {line['name']}", _text(line["price"]))
    move_stock(state, product_id, now, reserved=quantity)


def remove_order_item(state: State, given: Row, now: Now) -> None:
    order = _open(state, given)
    line = _line_of(order, given["productId"])
    if len(order["lines"]) == 1:
        raise Refusal("ORDER_EMPTY", "productId")
    order["lines"].remove(line)
    happens(state, order, "OrderItemRemoved", now, f"{line['quantity']} x {line['name']}")
    move_stock(state, line["productId"], now, reserved=-line["quantity"])


def change_order_item_quantity(state: State, given: Row, now: Now) -> None:
    order = _open(state, given)
    line = _line_of(order, given["productId"])
    before, after = line["quantity"], given["quantity"]
    if after == before:
        return
    if after > before:
        demand_active(state.products[line["productId"]], "productId")
        demand_available(state, line["productId"], after - before, "quantity")
    line["quantity"] = after
    happens(state, order, "OrderItemQuantityChanged", now, line["name"], f"from {before} to {after}")
    move_stock(state, line["productId"], now, reserved=after - before)


def change_shipping_address(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    _demand_status(order, "PLACED PAID", SHIPPED="ORDER_ALREADY_SHIPPED", DELIVERED="ORDER_ALREADY_SHIPPED")
    if order["address"] != given["address"]:
        order["address"] = given["address"]
        happens(state, order, "ShippingAddressChanged", now, given["address"]["line1"], given["address"]["city"])


def pay_order(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    _demand_status(order, "PLACED", **dict.fromkeys(("PAID", "SHIPPED", "DELIVERED"), "ORDER_ALREADY_PAID"))
    if given["method"] == "WALLET":
        take_out(state, order["customerId"], total(order), now)
    state.payments += 1
    order["payment"] = {
        "method": given["method"],
        "reference": given.get("reference"),
        "amount": total(order),
        "paidAt": now.at,
        "refundedAt": None,
        "refundReason": None,
    }
    order["payments"] = state.payments
    order["recipient"] = state.customers[order["customerId"]]["name"]
    order["status"] = "PAID"
    happens(state, order, "OrderPaid", now, _text(total(order)), given.get("reference", ""))


def ship_order(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    gone = "ORDER_ALREADY_SHIPPED"
    _demand_status(order, "PAID", PLACED="ORDER_NOT_PAID", SHIPPED=gone, DELIVERED=gone)
    parcel = {"carrier": given["carrier"], "trackingNumber": given["trackingNumber"]}
    order["shipment"] = {**parcel, "shippedAt": now.at, "deliveredAt": None}
    order["status"] = "SHIPPED"
    happens(state, order, "OrderShipped", now, *parcel.values())
    for line in order["lines"]:
        move_stock(state, line["productId"], now, on_hand=-line["quantity"], reserved=-line["quantity"])


def confirm_delivery(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    if order["status"] != "SHIPPED":
        raise Refusal("ORDER_NOT_SHIPPED", "orderId")
    order["shipment"]["deliveredAt"] = now.at
    order["status"] = "DELIVERED"
    happens(state, order, "OrderDelivered", now)


def cancel_order(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    gone = "ORDER_ALREADY_SHIPPED"
    _demand_status(order, "PLACED", PAID="ORDER_ALREADY_PAID", SHIPPED=gone, DELIVERED=gone)
    order["cancellation"] = {"reason": given["reason"], "cancelledAt": now.at}
    order["status"] = "CANCELLED"
    happens(state, order, "OrderCancelled", now, given["reason"])
    _reserve(state, order["lines"], now, -1)


def refund_order(state: State, given: Row, now: Now) -> None:
    order = found(state.orders, given["orderId"], "orderId")
    _demand_status(order, "PAID SHIPPED DELIVERED", PLACED="ORDER_NOT_PAID")
    order["payment"].update(refundedAt=now.at, refundReason=given["reason"])
    order["status"] = "REFUNDED"
    happens(state, order, "OrderRefunded", now, _text(total(order)), given["reason"])
    if order["payment"]["method"] == "WALLET":
        put_in(state, order["customerId"], total(order), now)
    if order["shipment"] is None:
        _reserve(state, order["lines"], now, -1)


def happens(state: State, order: Row, event: str, now: Now, *facts: Any) -> None:
    """One event of the order, on every page that shows it."""
    happened(order, now)
    entry = {"version": order["version"], "event": event, "facts": facts, "actor": now.actor, "occurredAt": now.at}
    order["history"].append(entry)
    if event in IN_OVERVIEW:
        state.touched_at = now.at
    on_page = order["id"] in [recent["id"] for recent in recent_orders(state, order["customerId"])]
    if event in ON_EVERY_PAGE or (on_page and event not in ON_NO_PAGE):
        state.customers[order["customerId"]]["updatedAt"] = now.at


def recent_orders(state: State, customer_id: str) -> list[Row]:
    """The customer's latest ten, newest first; time never goes back in the model."""
    return [order for order in state.orders.values() if order["customerId"] == customer_id][::-1][:PAGE]


def total(order: Row) -> Row:
    """What the order costs."""
    amounts = [line["price"]["amount"] * line["quantity"] for line in order["lines"]]
    return money(sum(amounts), _currency(order["lines"][0]))


def _reserve(state: State, lines: list[Row], now: Now, sign: int = 1) -> None:
    for line in lines:
        move_stock(state, line["productId"], now, reserved=sign * line["quantity"])


def _open(state: State, given: Row) -> Row:
    order = found(state.orders, given["orderId"], "orderId")
    found(state.products, given["productId"], "productId")
    _demand_status(order, "PLACED")
    return order


def _demand_status(order: Row, allowed: str, **otherwise: str) -> None:
    if order["status"] not in allowed.split():
        raise Refusal(otherwise.get(order["status"], "ORDER_NOT_OPEN"), "orderId")


def _line(state: State, product_id: str, quantity: int) -> Row:
    product = state.products[product_id]
    copied = {name: product[name] for name in ("sku", "name", "price")}
    return {"productId": product_id, "quantity": quantity, **copied}


def _line_of(order: Row, product_id: str) -> Row:
    lines: list[Row] = order["lines"]
    for line in lines:
        if line["productId"] == product_id:
            return line
    raise Refusal("ITEM_NOT_IN_ORDER", "productId")


def _currency(line: Row) -> str:
    return str(line["price"]["currencyCode"])


def _text(amount: Row) -> str:
    return f"{amount['amount']:f} {amount['currencyCode']}"
