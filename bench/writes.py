"""How fast writes are: `make bench-writes`, or `python -m bench.writes --help`.

Appends of two events through the event store, beside pgbench inserting the same rows and one transaction per append;
a file that is imported; orders placed over HTTP; a command on a short and on a long stream, an append to a short and to a
long log. All of it is measured round by round.
"""

import tempfile
from contextlib import ExitStack
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
    progressing,
    told,
)
from bench.load import find_wrk
from bench.parts import PARTS
from bench.pgbench import find_pgbench
from bench.site import Site
from bench.targets import targets_grid
from bench.writes_tables import MANY, appends_grid, lengths_grid, orders_grid, outcomes
from bench.written import Results
from server.embedded import embedded_servers

DATABASE = "oneread_bench_writes"
CLIENTS, ALL_PARTS = [1, MANY], list(PARTS)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _parts(wanted: list[str]) -> list[str]:
    return known(wanted, ALL_PARTS)


@app.command()
def writes(
    part: Annotated[list[str], typer.Option(callback=_parts, help="What is measured. May be repeated.")] = ALL_PARTS,
    clients: Annotated[list[int], typer.Option(min=1, max=MANY, help="Who appends at once. May be repeated.")] = CLIENTS,
    products: Annotated[int, typer.Option(min=1, help="Products that are ordered, all alike.")] = 1_000,
    lines: Annotated[int, typer.Option(min=1, help="Commands that are imported, one per line.")] = 20_000,
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
            size = (clients, products, lines, duration, warm_up)
            results = _measured(Site(urls, database, driver, Path(folder), *size), part, rounds, console)
    found = list(outcomes(results))
    if as_json:
        cells = [{"line": cell.line, "clients": cell.clients, "rounds": rounds} for cell, rounds in results.cells.items()]
        typer.echo(orjson.dumps({"cells": cells, "targets": found}, option=orjson.OPT_INDENT_2))
        return
    grids = [grid for grid in (appends_grid(results), orders_grid(results), lengths_grid(results)) if grid.rows]
    print_grids([*grids, targets_grid(found, ("clients", "what"))], tables, markdown)


def _measured(site: Site, parts: list[str], rounds: int, console: Console) -> Results:
    results = Results()
    with ExitStack() as stack:
        opened = {}
        for name in parts:
            with console.status(f"opening what is measured of {name}"):
                opened[name] = stack.enter_context(PARTS[name](site, rounds))
        progress = stack.enter_context(progressing(console, "measuring", rounds * len(parts)))
        task = progress.task_ids[0]
        for number in range(rounds):
            for name in parts:
                for cell, measure in opened[name](number):
                    progress.update(task, description=f"{name}: {cell.line}, {cell.clients} clients")
                    results.add(cell, measure())
                progress.advance(task)
    return results


if __name__ == "__main__":
    app()
