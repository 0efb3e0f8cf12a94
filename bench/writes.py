"""How fast writes are: `make bench-writes`, or `python -m bench.writes --help`.

Appends of two events through the event store, beside pgbench inserting the same rows and one transaction per append;
orders placed over HTTP; appends to a short and to a long log. A round measures all of it right after one another, on an
empty shop.
"""

import tempfile
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
    known,
    print_grids,
    printing,
    told,
)
from bench.load import find_wrk
from bench.pgbench import find_pgbench
from bench.rounds import PARTS, Rounds
from bench.targets import targets_grid
from bench.writes_tables import MANY, appends_grid, lengths_grid, orders_grid, outcomes
from server.embedded import embedded_servers

DATABASE = "oneread_bench_writes"
CLIENTS, ALL_PARTS = [1, MANY], list(PARTS)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _parts(wanted: list[str]) -> list[str]:
    return known(wanted, PARTS)


@app.command()
def writes(
    part: Annotated[list[str], typer.Option(callback=_parts, help="What is measured. May be repeated.")] = ALL_PARTS,
    clients: Annotated[list[int], typer.Option(min=1, max=MANY, help="Who appends at once. May be repeated.")] = CLIENTS,
    products: Annotated[int, typer.Option(min=1, help="Products that are ordered, all alike.")] = 1_000,
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
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        find_pgbench()
        find_wrk()
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls:
            plan = Rounds(urls, database, driver, Path(folder), part, clients, products, duration, warm_up)
            results = plan.measured(rounds, console)
    found = list(outcomes(results))
    if as_json:
        cells = [{"line": cell.line, "clients": cell.clients, "rounds": rounds} for cell, rounds in results.cells.items()]
        typer.echo(orjson.dumps({"cells": cells, "targets": found}, option=orjson.OPT_INDENT_2))
        return
    grids = [grid for grid in (appends_grid(results), orders_grid(results), lengths_grid(results)) if grid.rows]
    print_grids([*grids, targets_grid(found, ("clients", "what"))], tables, markdown)


if __name__ == "__main__":
    app()
