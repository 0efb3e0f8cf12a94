"""How fast writes are: `make bench-writes`, or `python -m bench.writes --help`.

Appends of two events through the event store, beside pgbench inserting the same rows and one transaction per append, all
right after one another in each round.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer
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
from bench.live import LiveShop, live_shop
from bench.pgbench import find_pgbench, prepare, run_pgbench
from bench.processes import PYTHON, run_to_end
from bench.targets import targets_grid
from bench.wire.loop import run
from bench.written import LINES, MANY, PGBENCH, Compared, Written, appends_grid, appends_outcomes
from server.embedded import embedded_servers

DATABASE = "oneread_bench_writes"
CLIENTS = [1, MANY]


@dataclass(frozen=True, slots=True)
class Plan:
    """Who appends at once, and for how long: so many seconds, so often, each time after those of the warm-up."""

    clients: Sequence[int]
    rounds: int
    seconds: int
    warm_up: int


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def writes(
    clients: Annotated[list[int], typer.Option(min=1, max=MANY, help="Who appends at once. May be repeated.")] = CLIENTS,
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is measured; medians are told.")] = 3,
    duration: Annotated[int, typer.Option(min=1, help="Seconds that each is measured.")] = 5,
    warm_up: Annotated[int, typer.Option(min=0, help="Seconds of the same before that.")] = 1,
    driver: Driver = "motor",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, and no tables.")] = False,
    markdown: Markdown = None,
    data_dir: DataDir = Path(".oneread-bench"),
    postgres_url: PostgresUrl = None,
    mongo_url: MongoUrl = None,
    database: OwnDatabase = DATABASE,
) -> None:
    """Measure writes, one process unless told otherwise, all on the same machine."""
    console = Console(stderr=True)
    tables = printing(console)
    plan = Plan(clients, rounds, duration, warm_up)
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        find_pgbench()
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls, live_shop(urls, database, driver, Path(folder)) as shop:
            compared = _compared(shop, plan, console)
    found = list(appends_outcomes(compared))
    if as_json:
        typer.echo(orjson.dumps({"appends": compared, "targets": found}, option=orjson.OPT_INDENT_2))
        return
    print_grids([appends_grid(compared), targets_grid(found, ("of", "what"))], tables, markdown)


def _compared(shop: LiveShop, plan: Plan, console: Console) -> list[Compared]:
    run(prepare(shop.urls.postgres))
    measured: dict[int, list[dict[str, Written]]] = {count: [] for count in plan.clients}
    with progressing(console, "appending", plan.rounds * len(plan.clients) * len(LINES)) as progress:
        task = progress.task_ids[0]
        for _ in range(plan.rounds):
            for count, rounds in measured.items():
                rounds.append({})
                for line in LINES:
                    progress.update(task, description=f"{line}, {count} clients")
                    rounds[-1][line] = _appended(shop, line, count, plan)
                    progress.advance(task)
    return [Compared(count, rounds) for count, rounds in measured.items()]


def _appended(shop: LiveShop, line: str, clients: int, plan: Plan) -> Written:
    if line == PGBENCH:
        if plan.warm_up:
            run_pgbench(shop.urls.postgres, clients=clients, seconds=plan.warm_up)
        return run_pgbench(shop.urls.postgres, clients=clients, seconds=plan.seconds)
    numbers = map(str, (clients, plan.seconds, plan.warm_up))
    told = run_to_end(line, [PYTHON, "-m", "bench.appenders", line, *numbers], shop.variables)
    return Written.parse(told)


if __name__ == "__main__":
    app()
