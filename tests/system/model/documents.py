"""The nine read models, computed from the state at one moment: sums are counted anew, nothing is folded."""

from decimal import Decimal
from typing import Any

from tests.system.model.orders import recent_orders, total
from tests.system.model.state import Row, Rows, State, money, sums


class Mentioning:
    """Equal to every text in which all of some facts occur: how a sentence puts them is not the model's to say."""

    def __init__(self, facts: tuple[str, ...]) -> None:
        self.facts = facts

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and all(fact in other for fact in self.facts)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<a text with {', '.join(map(repr, self.facts))}>"


def documents(state: State) -> dict[str, Rows]:
    """Every document that must be stored, without its position, by read model and id."""
    orders = list(state.orders.values())
    paid = [order for order in orders if order["payment"]]
    every = {
        "customers": [_customer(state, key) for key in state.customers],
        "products": [_product(state, key) for key in state.products],
        "orders": [_order(state, order) for order in orders],
        "orderHistory": [_history(order) for order in orders],
        "shippingTasks": [_task(order) for order in paid],
        "dailySales": _daily_sales(orders),
        "bestSellers": _best_sellers(paid),
        "reorders": [_reorder(state, key) for key, reorder in state.reorders.items() if reorder["neededAt"]],
        "storeOverview": [_overview(state, orders)],
    }
    return {name: {document["id"]: _plain(document) for document in found} for name, found in every.items()}


def _customer(state: State, key: str) -> Row:
    mine = [order for order in state.orders.values() if order["customerId"] == key]
    kept = [order["payment"]["amount"] for order in mine if _paid_and_kept(order)]
    return {
        **state.customers[key],
        "id": key,
        "walletBalance": state.wallets[key]["balance"],
        "walletVersion": state.wallets[key]["version"],
        "orderCount": len(mine),
        "lifetimeValue": sums(kept),
        "recentOrders": [
            {
                "orderId": order["id"],
                "status": order["status"],
                "itemCount": _units(order),
                "total": total(order),
                "placedAt": order["placedAt"],
            }
            for order in recent_orders(state, key)
        ],
    }


def _product(state: State, key: str) -> Row:
    stock = {name: state.stocks[key][name] for name in ("version", "onHand", "reserved", "reorderLevel")}
    return {**state.products[key], "id": key, "stock": {**stock, "available": stock["onHand"] - stock["reserved"]}}


def _reorder(state: State, key: str) -> Row:
    stock, reorder, product = state.stocks[key], state.reorders[key], state.products[key]
    available = stock["onHand"] - stock["reserved"]
    return {
        "id": f"reo_{key.partition('_')[2]}",
        "productId": key,
        "version": reorder["version"],
        "sku": product["sku"],
        "name": product["name"],
        "status": "NEEDED" if reorder["needed"] else "COVERED",
        "level": stock["reorderLevel"],
        "onHand": stock["onHand"],
        "reserved": stock["reserved"],
        "available": available,
        "missing": max(0, stock["reorderLevel"] - available),
        "neededAt": reorder["neededAt"],
        "coveredAt": reorder["coveredAt"],
    }


def _order(state: State, order: Row) -> Row:
    customer = state.customers[order["customerId"]]
    names = ("id", "version", "status", "payment", "shipment", "cancellation", "placedAt", "updatedAt")
    return {
        **{name: order[name] for name in names},
        "customer": {"customerId": order["customerId"], "name": customer["name"], "email": customer["email"]},
        "items": [
            {
                "product": _named(line),
                "quantity": line["quantity"],
                "unitPrice": line["price"],
                "lineTotal": _times(line["price"], line["quantity"]),
            }
            for line in order["lines"]
        ],
        "itemCount": _units(order),
        "total": total(order),
        "shippingAddress": order["address"],
    }


def _history(order: Row) -> Row:
    entries = [
        {**{name: value for name, value in entry.items() if name != "facts"}, "summary": Mentioning(entry["facts"])}
        for entry in order["history"]
    ]
    return {"id": _like(order, "his"), "orderId": order["id"], "version": order["version"], "entries": entries}


def _task(order: Row) -> Row:
    shipped = order["shipment"]
    return {
        "id": _like(order, "shp"),
        "orderId": order["id"],
        "version": order["version"],
        "status": "SHIPPED" if shipped else "READY" if _paid_and_kept(order) else "CANCELLED",
        "recipient": order["recipient"],
        "address": order["address"],
        "lines": [{name: line[name] for name in ("sku", "name", "quantity")} for line in order["lines"]],
        "paidAt": order["payment"]["paidAt"],
        "shippedAt": shipped and shipped["shippedAt"],
    }


def _daily_sales(orders: list[Row]) -> list[Row]:
    days: Rows = {}

    def count(order: Row, moment: str, what: str, sign: int = 0) -> None:
        date, currency = moment[:10], total(order)["currencyCode"]
        counted = ("ordersPlaced", "ordersPaid", "ordersCancelled", "ordersRefunded", "unitsSold")
        nothing = {"date": date, "currencyCode": currency, **dict.fromkeys(counted, 0), "revenue": _nothing(currency)}
        key = f"day_{date}_{currency}"
        day = days.setdefault(key, {"id": key, **nothing})
        day[what] += 1
        day["unitsSold"] += sign * _units(order)
        day["revenue"] = money(day["revenue"]["amount"] + sign * total(order)["amount"], currency)

    for order in orders:
        count(order, order["placedAt"], "ordersPlaced")
        if order["payment"]:
            count(order, order["payment"]["paidAt"], "ordersPaid", 1)
            if order["payment"]["refundedAt"]:
                count(order, order["payment"]["refundedAt"], "ordersRefunded", -1)
        if order["cancellation"]:
            count(order, order["cancellation"]["cancelledAt"], "ordersCancelled")
    return list(days.values())


def _best_sellers(paid: list[Row]) -> list[Row]:
    sold: dict[str, list[tuple[Row, Row]]] = {}
    for order in sorted(paid, key=lambda order: int(order["payments"])):
        for line in order["lines"]:
            sold.setdefault(line["productId"], []).append((order, line))
    sellers = []
    for product_id, lines in sold.items():
        kept = [line for order, line in lines if _paid_and_kept(order)]
        sellers.append(
            {
                "id": f"bst_{product_id.partition('_')[2]}",
                "product": _named(lines[-1][1]),
                "unitsSold": sum(line["quantity"] for line in kept),
                "revenue": sums([_times(line["price"], line["quantity"]) for line in kept]),
            }
        )
    return sellers


def _overview(state: State, orders: list[Row]) -> Row:
    def ever(event: str) -> int:
        return sum(event in [entry["event"] for entry in order["history"]] for order in orders)

    return {
        "id": "ovw_shop",
        "customers": len(state.customers),
        "products": len(state.products),
        "ordersPlaced": len(orders),
        **{f"orders{what}": ever(f"Order{what}") for what in ("Paid", "Shipped", "Delivered", "Cancelled", "Refunded")},
        "revenue": sums([order["payment"]["amount"] for order in orders if _paid_and_kept(order)]),
        "updatedAt": state.touched_at,
    }


def _paid_and_kept(order: Row) -> bool:
    return order["payment"] is not None and order["payment"]["refundedAt"] is None


def _units(order: Row) -> int:
    return sum(line["quantity"] for line in order["lines"])


def _named(line: Row) -> Row:
    return {name: line[name] for name in ("productId", "sku", "name")}


def _times(price: Row, quantity: int) -> Row:
    return money(price["amount"] * quantity, price["currencyCode"])


def _nothing(currency: str) -> Row:
    return money(Decimal(0), currency)


def _like(order: Row, prefix: str) -> str:
    return f"{prefix}_{order['id'].partition('_')[2]}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
