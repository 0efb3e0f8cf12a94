"""How fast reads are: `make bench-reads`, or `python -m bench.reads --help`.

R1 an order by id with its lines, R2 a customer's latest 20 orders with theirs, R3 the first 20 PAID orders; each on the
API with both drivers, on constant answers (the ceiling), and on strawberry's ordinary execution, one process each.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.console import DataDir, Markdown, MongoUrl, PostgresUrl, known, print_grids, printing, told
from bench.load import find_wrk
from bench.measuring import Plan
from bench.operations import OPERATIONS
from bench.results import APIS, SERVERS
from bench.session import Session
from bench.shop import ORDERS_PER_CUSTOMER
from bench.tables import curve_grid, reads_grid
from bench.targets import growth_outcomes, outcomes, targets_grid
from server.embedded import embedded_servers

CURVE = (1_000, 100_000, 1_000_000)
CURVE_CONNECTIONS = (1, 64)
DATABASE = "oneread_bench"

ALL_OPERATIONS, ALL_SERVERS, CONNECTIONS = list(OPERATIONS), list(SERVERS), [1, 16, 64, 256]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def _multiple_of_customers(orders: int) -> int:
    if orders % ORDERS_PER_CUSTOMER:
        raise typer.BadParameter(f"a multiple of {ORDERS_PER_CUSTOMER}: every customer has as many orders")
    return orders


def _operations(wanted: list[str]) -> list[str]:
    return known(wanted, ALL_OPERATIONS)


def _servers(wanted: list[str]) -> list[str]:
    return known(wanted, ALL_SERVERS)


def _operation(wanted: str | None) -> str | None:
    return wanted and known([wanted], ALL_OPERATIONS)[0]


@app.command()
def reads(
    orders: Annotated[
        int,
        typer.Option(
            min=200, callback=_multiple_of_customers, help="Orders in the shop. 50,000 or more have 1,000 customers."
        ),
    ] = 100_000,
    curve: Annotated[bool, typer.Option("--curve", help="Also measure how reads do as the shop grows.")] = False,
    operation: Annotated[list[str], typer.Option(callback=_operations, help="What is read.")] = ALL_OPERATIONS,
    server: Annotated[list[str], typer.Option(callback=_servers, help="What is measured.")] = ALL_SERVERS,
    connections: Annotated[list[int], typer.Option(min=1, help="Connections at once.")] = CONNECTIONS,
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is measured; medians are told.")] = 1,
    duration: Annotated[int, typer.Option(min=1, help="Seconds that a cell is measured.")] = 5,
    warm_up: Annotated[int, typer.Option(min=0, help="Seconds of load before that.")] = 1,
    profile: Annotated[
        str | None, typer.Option(callback=_operation, help="Print where the API's time goes under this operation.")
    ] = None,
    markdown: Markdown = None,
    refill: Annotated[bool, typer.Option("--refill", help="Fill shops again that are there.")] = False,
    data_dir: DataDir = Path(".oneread-bench"),
    postgres_url: PostgresUrl = None,
    mongo_url: MongoUrl = None,
    database: Annotated[str, typer.Option(help="What the names of the shops' MongoDB databases begin with.")] = DATABASE,
) -> None:
    """Measure reads, one process per server, by wrk on the same machine. Options that name several may be repeated."""
    console = Console(stderr=True)
    tables = printing(console)
    apis = [name for name in server if name in APIS]
    plan = Plan([OPERATIONS[name] for name in operation], connections, rounds, duration, warm_up)
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        find_wrk()
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls:
            session = Session(console, urls, Path(folder), database, refill)
            filled = session.filled(orders)
            if profile is not None:
                for table in session.profile(OPERATIONS[profile], filled, (apis or APIS)[0], plan):
                    tables.print(table)
                return
            results = session.measured(plan, filled, server)
            grids = [reads_grid(results, orders)]
            found = list(outcomes(results, orders))
            if curve:
                few = Plan(plan.operations, CURVE_CONNECTIONS, rounds, duration, warm_up)
                grown = session.grown(few, [session.filled(size) for size in CURVE], apis)
                grids.append(curve_grid(grown, CURVE))
                found += growth_outcomes(grown)
        print_grids([*grids, *([targets_grid(found)] if found else [])], tables, markdown)


if __name__ == "__main__":
    app()
