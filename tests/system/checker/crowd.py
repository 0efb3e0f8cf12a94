"""The crowd: who the clients are, and how they are let go on until all is quiet."""

import asyncio
from collections.abc import Coroutine, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any

from tests.system.checker.asking import Asking, Surprise
from tests.system.checker.board import Board
from tests.system.checker.commands import CUSTOMERS, SOLD
from tests.system.checker.records import Records
from tests.system.checker.shoppers import Reader, Shopper
from tests.system.checker.subjects import CUSTOMER, ORDER, PRODUCT, THE_SHOP, Listing, One, Subject, orders, products, tasks
from tests.system.checker.watchers import Habits, Watcher

LISTS: Sequence[Listing] = (
    orders(),
    orders(status=("PLACED",)),
    orders(status=("PAID", "SHIPPED")),
    orders(customer=CUSTOMERS[1]),
    tasks(),
    tasks("READY"),
    products(),
    products(scarce=True),
)
FIXED: Sequence[Subject] = (THE_SHOP, One(CUSTOMER, CUSTOMERS[2]), One(PRODUCT, SOLD[0]), One(CUSTOMER, CUSTOMERS[0]))
HABITS = (Habits(sockets=True), Habits(sockets=False), Habits(sockets=True, slow=True))
KINDS = ("shopper", "list", "one", "list", "reader", "list", "shopper", "order", "list", "order")
"""Of ten clients."""

ORDER_SECONDS = (2.0, 20.0)
"""For so long one order is looked at, before another is."""


class Crowd:
    """So many clients, whose choices a seed decides. What they see is in `records`."""

    def __init__(self, count: int, asking: Asking, board: Board, records: Records, seed: int) -> None:
        self._asking = asking
        self._board = board
        self._records = records
        self._lists, self._fixed, self._habits = cycle(LISTS), cycle(FIXED), cycle(HABITS)
        kinds = islice(cycle(KINDS), count)
        clients = [self._client(kind, f"{kind} {index}", Random(f"{seed} {index}")) for index, kind in enumerate(kinds)]
        self._doers = [asyncio.create_task(self._noting(doing)) for doing, does in clients if does]
        self._watchers = [asyncio.create_task(self._noting(watching)) for watching, does in clients if not does]

    async def calm(self, seconds: float) -> None:
        """Has those end who change or read something. Raises `TimeoutError`."""
        self._board.quiet = True
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._doers)

    async def leave(self) -> None:
        """Ends those who watch."""
        for task in (*self._doers, *self._watchers):
            task.cancel()
        await asyncio.gather(*self._doers, *self._watchers, return_exceptions=True)

    def _client(self, kind: str, name: str, random: Random) -> tuple[Coroutine[Any, Any, None], bool]:
        """What a client does, and whether it ends by itself when all is over."""
        shared = (self._asking, self._board, self._records, random)
        match kind:
            case "shopper":
                return Shopper(name, *shared).run(), True
            case "reader":
                return Reader(name, *shared).run(), True
            case "list":
                return Watcher(name, next(self._lists), next(self._habits), *shared).run(), False
            case "one":
                return Watcher(name, next(self._fixed), next(self._habits), *shared).run(), False
            case _:
                return self._one_order_after_the_other(name, random), False

    async def _one_order_after_the_other(self, name: str, random: Random) -> None:
        """Watches an order, and then another."""
        habits = next(self._habits)
        while True:
            key = self._board.any(ORDER)
            assert key is not None, "the shop is open"
            seconds = None if self._board.quiet else random.uniform(*ORDER_SECONDS)
            await Watcher(name, One(ORDER, key), habits, self._asking, self._board, self._records, random).run(seconds)

    async def _noting(self, client: Coroutine[Any, Any, None]) -> None:
        try:
            await client
        except Surprise as surprise:
            self._records.surprises.append(str(surprise))
