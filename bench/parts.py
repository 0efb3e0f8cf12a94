"""The parts of measuring writes: each is opened once, and then measures its cells round by round.

What is compared by time is measured right after one another; every round begins with a log that is as long as that of the
others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bench.imports import run_import
from bench.live import LiveShop
from bench.newcomer import FIRST_SHORT, LONG_STOCK
from bench.percentiles import Spread
from bench.pgbench import prepare
from bench.placing import Shoppers
from bench.processes import PYTHON, run_to_end
from bench.site import Site
from bench.wire.loop import run
from bench.writes_tables import (
    ALL_PRODUCTS,
    GROUPED,
    IMPORTED,
    LONG,
    LONG_PAST,
    MANY,
    ONE_PRODUCT,
    ORDERED,
    PGBENCH,
    SCARCE,
    SHORT,
    SHORT_PAST,
    TWO_APIS,
    TWO_STORES,
    UNORDERED,
    after_past,
    at_length,
)
from bench.written import Cell, Written

NEWCOMERS = 7
"""So many processes per round send one command to a stream that they have not loaded."""

_NEWCOMER: Sequence[str | Path] = (PYTHON, "-m", "bench.newcomer")

Step = tuple[Cell, Callable[[], Written]]
"""A cell, and what measures it."""

Round = Callable[[int], Iterator[Step]]
"""One more round, numbered from 0: its cells in order. Each is measured before the next is asked for."""

Part = Callable[[Site, int], AbstractContextManager[Round]]
"""A part, for so many rounds. All raise `BenchError`."""


@contextmanager
def appends(site: Site, _: int) -> Iterator[Round]:
    """Appends through the event store, beside pgbench and one transaction per append."""

    def cells(_: int) -> Iterator[Step]:
        with site.shop("appends") as shop:
            run(prepare(shop.urls.postgres))
            for clients in site.clients:
                yield Cell(PGBENCH, clients), partial(site.inserted, shop, clients)
                for way in (UNORDERED, ORDERED, GROUPED):
                    yield Cell(way, clients), partial(site.appended, shop, way, clients)
            if MANY in site.clients:
                yield Cell(TWO_STORES, MANY), partial(site.appended, shop, GROUPED, MANY, processes=2)

    yield cells


@contextmanager
def orders(site: Site, _: int) -> Iterator[Round]:
    """Orders over HTTP: spread, by two processes, of one product, and of one that runs out."""

    def cells(_: int) -> Iterator[Step]:
        shoppers = Shoppers(site.folder, site.seconds, site.warm_up, site.products)
        with site.shop("orders") as shop:
            with shop.api() as api:
                run(shoppers.open_shop(api))
                yield Cell(ALL_PRODUCTS, MANY), partial(shoppers.buy_any, api)
                with shop.api("second API") as second:
                    yield Cell(TWO_APIS, MANY), partial(shoppers.buy_any, api, second)
                yield Cell(ONE_PRODUCT, MANY), partial(shoppers.buy_the_same, api)
                yield Cell(SCARCE, MANY), partial(shoppers.buy_what_runs_out, api)
            run(shoppers.sales.check(shop.urls.postgres))

    yield cells


@contextmanager
def imports(site: Site, _: int) -> Iterator[Round]:
    """A file that is imported."""

    def cells(_: int) -> Iterator[Step]:
        with site.shop("import") as shop:
            yield Cell(IMPORTED, MANY), partial(run_import, site.folder, site.lines, shop.variables)

    yield cells


@contextmanager
def lengths(site: Site, _: int) -> Iterator[Round]:
    """Appends to a short log and to a long one."""
    with site.filled("long", LONG) as long:

        def cells(_: int) -> Iterator[Step]:
            with site.filled("short", SHORT) as short:
                yield Cell(at_length(SHORT), MANY), partial(site.appended, short, GROUPED, MANY)
                yield Cell(at_length(LONG), MANY), partial(site.appended, long, GROUPED, MANY)

        yield cells


@contextmanager
def streams(site: Site, rounds: int) -> Iterator[Round]:
    """A command on a stream with a short past, and on one with a long past, by processes that have loaded neither."""
    with site.shop("streams") as shop:
        run_to_end("filling streams", [*_NEWCOMER, "fill", str(rounds * NEWCOMERS)], shop.variables)

        def cells(number: int) -> Iterator[Step]:
            others = range(FIRST_SHORT + number * NEWCOMERS, FIRST_SHORT + (number + 1) * NEWCOMERS)
            yield Cell(after_past(SHORT_PAST), 1), partial(_by_newcomers, shop, others)
            yield Cell(after_past(LONG_PAST), 1), partial(_by_newcomers, shop, [LONG_STOCK] * NEWCOMERS)

        yield cells


PARTS: Mapping[str, Part] = {
    "appends": appends,
    "orders": orders,
    "import": imports,
    "streams": streams,
    "lengths": lengths,
}


def _by_newcomers(shop: LiveShop, products: Sequence[int]) -> Written:
    """What one command takes in each of several processes, one after the other."""
    told = [run_to_end("a newcomer", [*_NEWCOMER, "measure", str(product)], shop.variables) for product in products]
    took = Spread.of([float(milliseconds) for milliseconds in told])
    return Written(1000 / took.p50, took)
