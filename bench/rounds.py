"""Rounds of measuring writes: each on shops that were empty before it, everything right after one another."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from bench.console import progressing
from bench.filled_log import fill_log
from bench.live import LiveShop, live_shop
from bench.pgbench import prepare, run_pgbench
from bench.placing import Shoppers
from bench.processes import PYTHON, run_to_end
from bench.wire.loop import run
from bench.writes_tables import (
    ALL_PRODUCTS,
    APPEND_LINES,
    GROUPED,
    LONG,
    MANY,
    ONE_PRODUCT,
    ORDER_LINES,
    ORDERED,
    PGBENCH,
    SCARCE,
    SHORT,
    TWO_PROCESSES,
    UNORDERED,
    at_length,
)
from bench.written import Cell, Results, Written
from server.embedded import DatabaseUrls

APPENDS, ORDERS, LENGTHS = "appends", "orders", "lengths"
PARTS = (APPENDS, ORDERS, LENGTHS)

Step = tuple[Cell, Callable[[], Written]]
"""A cell, and what measures it."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What is measured, and where: on databases whose names begin with `database`.

    `clients` are those of the appends, `products` what there is to order; each cell takes so many seconds after those of a
    warm-up. `folder` is for files that nobody wants afterwards.
    """

    urls: DatabaseUrls
    database: str
    driver: str
    folder: Path
    parts: Sequence[str]
    clients: Sequence[int]
    products: int
    seconds: int
    warm_up: int

    def measured(self, rounds: int, console: Console) -> Results:
        """So many rounds of all of it. Raises `BenchError`."""
        results = Results()
        with ExitStack() as stack:
            long = None
            if LENGTHS in self.parts:
                with console.status(f"filling a log with {LONG:,} events"):
                    long = stack.enter_context(self._filled("long", LONG))
            progress = stack.enter_context(progressing(console, "measuring", rounds * self._count()))
            task = progress.task_ids[0]
            for _ in range(rounds):
                for cell, measure in self._round(long):
                    progress.update(task, description=f"{cell.line}, {cell.clients} clients")
                    results.add(cell, measure())
                    progress.advance(task)
        return results

    def _count(self) -> int:
        counts = {APPENDS: len(APPEND_LINES) * len(self.clients), ORDERS: len(ORDER_LINES), LENGTHS: 2}
        return sum(counts[part] for part in self.parts)

    def _round(self, long: LiveShop | None) -> Iterator[Step]:
        with live_shop(self.urls, self.database, self.driver, self.folder) as shop:
            if APPENDS in self.parts:
                yield from self._appends(shop)
            if ORDERS in self.parts:
                yield from self._orders(shop)
        if long is not None:
            with self._filled("short", SHORT) as short:
                for events, shop in ((SHORT, short), (LONG, long)):
                    yield Cell(at_length(events), MANY), partial(self._appended, shop, GROUPED, MANY)

    def _appends(self, shop: LiveShop) -> Iterator[Step]:
        run(prepare(shop.urls.postgres))
        for clients in self.clients:
            yield Cell(PGBENCH, clients), partial(self._inserted, shop, clients)
            for line in (UNORDERED, ORDERED, GROUPED):
                yield Cell(line, clients), partial(self._appended, shop, line, clients)

    def _orders(self, shop: LiveShop) -> Iterator[Step]:
        shoppers = Shoppers(self.folder, self.seconds, self.warm_up, self.products)
        with shop.api() as api:
            run(shoppers.open_shop(api))
            yield Cell(ALL_PRODUCTS, MANY), partial(shoppers.buy_any, api)
            with shop.api("second API") as second:
                yield Cell(TWO_PROCESSES, MANY), partial(shoppers.buy_any, api, second)
            yield Cell(ONE_PRODUCT, MANY), partial(shoppers.buy_the_same, api)
            yield Cell(SCARCE, MANY), partial(shoppers.buy_what_runs_out, api)
        run(shoppers.sales.check(shop.urls.postgres))

    def _inserted(self, shop: LiveShop, clients: int) -> Written:
        if self.warm_up:
            run_pgbench(shop.urls.postgres, clients=clients, seconds=self.warm_up)
        return run_pgbench(shop.urls.postgres, clients=clients, seconds=self.seconds)

    def _appended(self, shop: LiveShop, line: str, clients: int) -> Written:
        numbers = map(str, (clients, self.seconds, self.warm_up))
        command: list[str | Path] = [PYTHON, "-m", "bench.appenders", line, *numbers]
        return Written.parse(run_to_end(line, command, shop.variables))

    @contextmanager
    def _filled(self, name: str, events: int) -> Iterator[LiveShop]:
        with live_shop(self.urls, f"{self.database}_{name}", self.driver, self.folder) as shop:
            run(fill_log(shop.urls.postgres, events))
            yield shop
