"""How fast read models are rebuilt, caught up and kept up: `make bench-projection`, or `python -m bench.projection --help`.

A shop's past is written to a log of its own, and folded: beside a ceiling that folds nothing, by a rebuild of one read
model, by a rebuild of all, and by the live projectors. Then a shop takes commands, and its read models follow.
"""

import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from pymongo import AsyncMongoClient
from rich.console import Console

from bench.console import (
    DataDir,
    Driver,
    Markdown,
    MongoUrl,
    OwnDatabase,
    PostgresUrl,
    print_grids,
    printing,
    progressing,
    told,
)
from bench.folding import (
    ALL,
    CEILING,
    DRAINED,
    ONE,
    Folded,
    Following,
    folding_grid,
    folding_outcomes,
    following_grid,
    following_outcomes,
    following_usage_grid,
)
from bench.lags import MOST_UNDER_WAY
from bench.limits import allow_connections
from bench.live import APART, LiveShop, live_shop
from bench.lives import Lives, opening, stocking
from bench.opening import carry_out
from bench.past import EVENTS_OF_AN_ORDER, Past
from bench.processes import MEBIBYTE
from bench.recording import write
from bench.targets import targets_grid
from bench.timed import Timed, run_job
from bench.traffic import Traffic, Trailing
from bench.trailing import Checkpoints
from bench.usage import Watch
from bench.wire.loop import run
from projections.read_models.orders import ORDERS
from server.embedded import embedded_servers
from server.shop import PROJECTIONS

DATABASE = "oneread_bench_projection"
LENGTHS = [100_000]
JOBS = {
    CEILING: ["ceiling"],
    ONE: ["rebuild", ORDERS.name],
    ALL: ["rebuild", *(projection.name for projection in PROJECTIONS)],
    DRAINED: ["drain"],
}
"""What runs for each line of the table."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def projection(
    events: Annotated[
        list[int], typer.Option(min=EVENTS_OF_AN_ORDER, help="Events of the log that is folded. May be repeated.")
    ] = LENGTHS,
    rounds: Annotated[int, typer.Option(min=1, help="So often each is timed; the medians count.")] = 3,
    rate: Annotated[int, typer.Option(min=1, help="Commands per second that the read models follow.")] = 500,
    seconds: Annotated[int, typer.Option(min=0, help="For so long; 0: not at all.")] = 60,
    warm_up: Annotated[int, typer.Option(min=0, help="Seconds of the same before that.")] = 5,
    driver: Driver = "motor",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, and no tables.")] = False,
    markdown: Markdown = None,
    data_dir: DataDir = Path(".oneread-bench"),
    postgres_url: PostgresUrl = None,
    mongo_url: MongoUrl = None,
    database: OwnDatabase = DATABASE,
) -> None:
    """Measure how fast read models are rebuilt, caught up and kept up."""
    console = Console(stderr=True)
    tables = printing(console)
    folded, followed = list[Folded](), list[Following]()
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        allow_connections(MOST_UNDER_WAY)
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls:
            for length in events:
                with live_shop(urls, database, driver, Path(folder)) as shop:
                    folded.append(_folded(shop, Past(-(-length // EVENTS_OF_AN_ORDER)), rounds, console))
            if seconds:
                with live_shop(urls, database, driver, Path(folder)) as shop:
                    followed.append(_followed(shop, rate, seconds, warm_up, console))
    found = [*folding_outcomes(folded), *following_outcomes(followed)]
    if as_json:
        figures = {"folded": folded, "followed": followed, "targets": found}
        typer.echo(orjson.dumps(figures, option=orjson.OPT_INDENT_2))
        return
    grids = [folding_grid(folded)] + ([following_grid(followed), following_usage_grid(followed)] if followed else [])
    print_grids([*grids, targets_grid(found, ("of", "what"))], tables, markdown)


def _folded(shop: LiveShop, past: Past, rounds: int, console: Console) -> Folded:
    with progressing(console, f"writing {past.events:,} events", past.events) as progress:
        written = partial(progress.advance, progress.task_ids[0])
        run(write(past, shop.urls.postgres, written))
    timed: list[dict[str, Timed]] = []
    with progressing(console, "folding", rounds * len(JOBS)) as progress:
        task = progress.task_ids[0]
        for _ in range(rounds):
            timed.append({})
            for line, job in JOBS.items():
                progress.update(task, description=f"{past.events:,} events, {line}")
                timed[-1][line] = run_job(*job, variables=shop.variables)
                progress.advance(task)
    return Folded(past.events, timed)


def _followed(shop: LiveShop, rate: int, seconds: int, warm_up: int, console: Console) -> Following:
    with ExitStack() as stack:
        with console.status("starting API and projectors"):
            running = stack.enter_context(shop.running(APART))
            api, projectors = running
            run(carry_out(api.url, opening(), stocking()))
        with console.status(f"{rate} commands/s for {seconds} seconds"):
            watch = Watch(running)
            trailing = run(_trailing(shop, api.url, rate, seconds, warm_up))
            return Following(rate, trailing, projectors.memory() * MEBIBYTE / 1e6, watch.usage())


async def _trailing(shop: LiveShop, url: str, rate: float, seconds: float, warm_up: float) -> Trailing:
    async with AsyncMongoClient[dict[str, Any]](shop.urls.mongo) as client:
        checkpoints = Checkpoints(client, shop.database, len(PROJECTIONS))
        return await Traffic(url, Lives(0)).measure(rate, seconds, warm_up, checkpoints)


if __name__ == "__main__":
    app()
