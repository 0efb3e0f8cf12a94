"""The state of a product's stock: what is on the shelf, what of it is promised, and when there is too little."""

from dataclasses import dataclass, replace
from typing import assert_never

from write_side.kernel.refusals import Refusal
from write_side.kernel.streams import StreamKind
from write_side.stock.events import (
    ReorderLevelSet,
    StockCorrected,
    StockEvent,
    StockReceived,
    StockReleased,
    StockReserved,
    StockShipped,
)
from write_side.terms.ids import ProductId

MOST = 1_000_000_000
"""The most units of a product that a shelf may hold."""


@dataclass(frozen=True, slots=True)
class Stock:
    """Units on the shelf, and how many of them are reserved by orders. Below `reorder_level` there are too few to sell."""

    on_hand: int = 0
    reserved: int = 0
    reorder_level: int = 0

    @property
    def available(self) -> int:
        """Units that can be sold now."""
        return self.on_hand - self.reserved


class InsufficientStock(Refusal, code="INSUFFICIENT_STOCK"):
    """There are fewer units than the command needs."""


def check_available(stock: Stock, quantity: int, name: str, *path: str) -> None:
    """So many units must be for sale. Raises `InsufficientStock`."""
    if stock.available < quantity:
        raise InsufficientStock(f"{quantity} of {name} wanted, {stock.available} available", *path)


def evolve(stock: Stock, event: StockEvent) -> Stock:
    """The stock after `event`."""
    match event:
        case StockReceived():
            return replace(stock, on_hand=stock.on_hand + event.quantity)
        case StockCorrected():
            return replace(stock, on_hand=event.on_hand)
        case StockReserved():
            return replace(stock, reserved=stock.reserved + event.quantity)
        case StockReleased():
            return replace(stock, reserved=stock.reserved - event.quantity)
        case StockShipped():
            return replace(stock, on_hand=stock.on_hand - event.quantity, reserved=stock.reserved - event.quantity)
        case ReorderLevelSet():
            return replace(stock, reorder_level=event.level)
        case _:
            assert_never(event)


STOCK: StreamKind[Stock] = StreamKind("stock", ProductId, StockEvent, initial=Stock(), evolve=evolve)
