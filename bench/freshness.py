"""How soon what was commanded can be read, and is pushed: `make bench-freshness`, or `python -m bench.freshness --help`.

Clients send the commands of a shop's day at random moments, so many per second, and look from the answer of a command on:
when its document can be read, and when a subscriber has it. Beside it, alone, what the disk and MongoDB take for it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.console import DataDir, Driver, Markdown, MongoUrl, OwnDatabase, PostgresUrl, known, print_grids, printing, told
from bench.floor import measured_floor
from bench.freshness_tables import Freshness, costs_grid, floor_grid, freshness_grid, freshness_outcomes, usage_grid
from bench.lags import MOST_UNDER_WAY, Lags, Shoppers
from bench.limits import allow_connections
from bench.live import LAYOUTS, LiveShop, live_shop
from bench.lives import Lives, opening, stocking
from bench.opening import carry_out
from bench.targets import targets_grid
from bench.usage import Watch
from bench.wire.loop import run
from server.embedded import embedded_servers

DATABASE = "oneread_bench_live"
RATES, ALL_LAYOUTS = [50, 500], list(LAYOUTS)


def _layouts(wanted: list[str]) -> list[str]:
    return known(wanted, LAYOUTS)


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def freshness(
    rate: Annotated[list[int], typer.Option(min=1, help="Commands per second.")] = RATES,
    layout: Annotated[
        list[str], typer.Option(callback=_layouts, help="API and projectors apart, or together in one process.")
    ] = ALL_LAYOUTS,
    driver: Driver = "motor",
    duration: Annotated[int, typer.Option(min=1, help="Seconds that each rate is measured.")] = 20,
    warm_up: Annotated[int, typer.Option(min=0, help="Seconds of the same before that.")] = 3,
    markdown: Markdown = None,
    data_dir: DataDir = Path(".oneread-bench"),
    postgres_url: PostgresUrl = None,
    mongo_url: MongoUrl = None,
    database: OwnDatabase = DATABASE,
) -> None:
    """Measure how soon commands can be read and are pushed. Options that name several may be repeated."""
    console = Console(stderr=True)
    tables = printing(console)
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        allow_connections(MOST_UNDER_WAY)
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls:
            # The disk of the databases, if it is known.
            disk = data_dir if mongo_url is None else Path(folder)
            with console.status("measuring what the disk and MongoDB take alone"):
                floor = run(measured_floor(urls.mongo, database, disk))
            results: list[Freshness] = []
            for name in layout:
                with live_shop(urls, database, driver, Path(folder)) as shop:
                    results += _measured(shop, name, rate, duration, warm_up, console)
        found = list(freshness_outcomes(results))
        grids = [freshness_grid(results, floor), costs_grid(results), floor_grid(floor), usage_grid(results)]
        print_grids([*grids, targets_grid(found, ("commands", "processes"))], tables, markdown)


def _measured(
    shop: LiveShop, layout: str, rates: Sequence[int], seconds: int, warm_up: int, console: Console
) -> Iterator[Freshness]:
    with ExitStack() as stack:
        with console.status(f"starting API and projectors, {layout}"):
            running = stack.enter_context(shop.running(layout))
            url = running[0].url
            run(carry_out(url, opening(), stocking()))
        for number, rate in enumerate(rates):
            with console.status(f"{rate} commands/s on API and projectors {layout}"):
                watch = Watch(running)
                lags = run(_lags(url, Lives(number), rate, seconds, warm_up))
                yield Freshness(layout, rate, lags, watch.usage())


async def _lags(url: str, lives: Lives, rate: int, seconds: int, warm_up: int) -> Lags:
    return await Shoppers(url, lives).measure(rate, seconds, warm_up)


if __name__ == "__main__":
    app()
