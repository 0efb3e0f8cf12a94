"""What an order does to the stock of its products: streams to read, and events to append."""

from collections.abc import Iterable
from typing import Any

from write_side.kernel.events import Event
from write_side.kernel.streams import Loaded, Stream
from write_side.orders.events import OrderLine
from write_side.orders.order import ORDER
from write_side.stock.events import StockReleased, StockReserved, StockShipped
from write_side.stock.stock import STOCK, Stock
from write_side.terms.ids import OrderId


def stock_of_order(loaded: Loaded, order_id: OrderId) -> list[Stream[Stock]]:
    """The stock of an order's products, once the order is loaded."""
    order = loaded.get(ORDER.of(order_id))
    return [STOCK.of(line.product_id) for line in order.lines] if order else []


def reserved(order_id: OrderId, lines: Iterable[OrderLine]) -> list[tuple[Stream[Any], Event]]:
    """The units of `lines` are promised to the order."""
    return [(STOCK.of(line.product_id), StockReserved(order_id=order_id, quantity=line.quantity)) for line in lines]


def released(order_id: OrderId, lines: Iterable[OrderLine]) -> list[tuple[Stream[Any], Event]]:
    """The units of `lines` can be sold again."""
    return [(STOCK.of(line.product_id), StockReleased(order_id=order_id, quantity=line.quantity)) for line in lines]


def shipped(order_id: OrderId, lines: Iterable[OrderLine]) -> list[tuple[Stream[Any], Event]]:
    """The units of `lines` leave the shelf."""
    return [(STOCK.of(line.product_id), StockShipped(order_id=order_id, quantity=line.quantity)) for line in lines]
