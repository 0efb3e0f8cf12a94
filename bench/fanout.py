"""How fast many subscribers are told: `make bench-fanout`, or `python -m bench.fanout --help`.

WebSocket subscribers of one order, and as many of one order each, on the API and on strawberry's own subscriptions, one
process each. One order is changed by its address; all of them by their customer's name, which is one command too.
"""

import asyncio
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench.audience import Audience
from bench.console import DataDir, Driver, Markdown, MongoUrl, OwnDatabase, PostgresUrl, print_grids, printing, told
from bench.crowd import changed, fill, moves, renames, stored, watching
from bench.fanout_tables import API, EACH, ONE, Fanned, fanout_grid, fanout_outcomes, fanout_usage_grid
from bench.limits import allow_connections
from bench.live import APART, LiveShop, live_shop
from bench.load import BenchError
from bench.processes import PYTHON, Running, serving, stop
from bench.profiling import profile_tables
from bench.requests import place_of
from bench.results import ORDINARY
from bench.spreading import Change, burst, paced
from bench.targets import targets_grid
from bench.usage import Watch
from bench.wire.http import Http
from bench.wire.loop import run
from server.embedded import embedded_servers

DATABASE = "oneread_bench_fanout"
CATCH_UP = 60.0
"""How long the projectors may take for what the shop is filled with, in seconds."""

REST = 1.0
"""Between joining and measuring, for the server to come to rest, in seconds."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """So many subscribers are told of so many changes, after those of the warm-up."""

    subscribers: int
    changes: int
    warm_up: int

    @property
    def fewer(self) -> int:
        """Changes for who is slower."""
        return -(-self.changes // 4)

    def operations(self, audience: str) -> list[bytes]:
        """What they subscribe to."""
        return [watching(number if audience == EACH else 0) for number in range(self.subscribers)]


@app.command()
def fanout(
    subscribers: Annotated[int, typer.Option(min=1, help="WebSockets at once.")] = 2_000,
    changes: Annotated[
        int, typer.Option(min=1, help="Changes told one by one, and in a burst; strawberry's own: a quarter as many.")
    ] = 20,
    warm_up: Annotated[int, typer.Option(min=0, help="Changes before that.")] = 2,
    driver: Driver = "motor",
    profile: Annotated[bool, typer.Option("--profile", help="Print where the API's time goes, with one order.")] = False,
    markdown: Markdown = None,
    data_dir: DataDir = Path(".oneread-bench"),
    postgres_url: PostgresUrl = None,
    mongo_url: MongoUrl = None,
    database: OwnDatabase = DATABASE,
) -> None:
    """Measure how fast many subscribers are told, by one process, all on the same machine."""
    console = Console(stderr=True)
    tables = printing(console)
    plan = Plan(subscribers, changes, warm_up)
    with told(console), tempfile.TemporaryDirectory(prefix="oneread-bench-") as folder:
        allow_connections(subscribers)
        databases = embedded_servers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url)
        with databases as urls, live_shop(urls, database, driver, Path(folder)) as shop:
            orders = _filled(shop, plan, console)
            if profile:
                for table in _profiled(shop, plan, console):
                    tables.print(table)
                return
            results = list(_measured(shop, orders, plan, console))
        grids = [fanout_grid(results), fanout_usage_grid(results)]
        print_grids([*grids, targets_grid(list(fanout_outcomes(results)), ("subscribers", "server"))], tables, markdown)


def _filled(shop: LiveShop, plan: Plan, console: Console) -> Path:
    """Fills the shop, and writes its orders to a file."""
    path = shop.folder / "orders.json"
    with console.status("filling the shop"), shop.running(APART) as (api, _):
        run(fill(api.url, plan.subscribers))
        _wait_for_projectors(api)
        path.write_bytes(run(stored(api.url, plan.subscribers)))
    return path


def _wait_for_projectors(api: Running) -> None:
    deadline = time.monotonic() + CATCH_UP
    while any(one["behind"] for one in httpx.get(f"{api.url}/health", trust_env=False).json()["projections"].values()):
        if time.monotonic() > deadline:
            raise BenchError(f"the projectors are still behind after {CATCH_UP:.0f} seconds")
        time.sleep(0.1)


def _measured(shop: LiveShop, orders: Path, plan: Plan, console: Console) -> Iterator[Fanned]:
    for audience in (ONE, EACH):
        examples = []
        for server in (API, ORDINARY):
            with ExitStack() as stack, console.status(f"{server}, {plan.subscribers} subscribers, {audience}"):
                if server == API:
                    running = stack.enter_context(shop.running(APART))
                else:
                    command: list[str | Path] = [PYTHON, "-m", "bench.launch", "pushing", orders]
                    running = [stack.enter_context(serving(server, command, shop.folder / "pushing.log", {}))]
                fanned, example = run(_fanned(server, audience, running, plan))
                examples.append(example)
                yield fanned
        if examples[0] != examples[1]:
            raise BenchError(f"subscribers are not told alike:\n{examples[0]}\n{examples[1]}")


async def _fanned(server: str, audience: str, running: list[Running], plan: Plan) -> tuple[Fanned, object]:
    """What was measured, and what the first subscriber was told first, but for its place in the log."""
    serving_process = running[0]
    before = serving_process.memory()
    joined = await Audience.joined(serving_process.url, plan.operations(audience))
    await asyncio.sleep(REST)
    memory = (serving_process.memory() - before) / plan.subscribers
    change = _change(server, audience, await Http.open(serving_process.url), plan)
    watch = Watch(running)
    changes = plan.changes if server == API else plan.fewer
    one_by_one = await paced(joined, change, changes, plan.warm_up)
    usage = watch.usage()
    at_once = await burst(joined, change, changes)
    joined.leave()
    (shown,) = joined.example["payload"]["data"].values()
    example = {name: value for name, value in shown.items() if name not in ("id", "position")}
    if audience == EACH:
        del example["order"]  # whose order came first is chance
    share = usage.shares[serving_process.name]
    return Fanned(server, audience, plan.subscribers, memory, share, one_by_one, at_once, usage), example


def _change(server: str, audience: str, connection: Http, plan: Plan) -> Change:
    if server == ORDINARY:
        request = changed(range(plan.subscribers if audience == EACH else 1))

        async def broadcast() -> float:
            return (await connection.ask(request)).at

        return broadcast
    commands = renames() if audience == EACH else moves()

    async def carry_out() -> float:
        answer = await connection.ask(next(commands))
        place_of(answer)
        return answer.at

    return carry_out


def _profiled(shop: LiveShop, plan: Plan, console: Console) -> list[Table]:
    """Where the API's time goes while subscribers of one order are told."""
    stats = shop.folder / "profile"
    with console.status("profiling"), shop.profiled(stats) as running:
        rate = run(_under_profiler(running, plan))
        stop(running[0].process)
    console.print(f"{rate:,.0f} deliveries/s under the profiler")
    return profile_tables(stats, plan.subscribers * plan.changes, "delivery")


async def _under_profiler(running: list[Running], plan: Plan) -> float:
    api = running[0]
    joined = await Audience.joined(api.url, plan.operations(ONE))
    await asyncio.sleep(REST)
    change = _change(API, ONE, await Http.open(api.url), plan)
    api.process.send_signal(signal.SIGUSR1)
    told_all = await paced(joined, change, plan.changes, 0)
    # That they leave is no part of it.
    api.process.send_signal(signal.SIGUSR2)
    await asyncio.sleep(REST)
    return told_all.rate


if __name__ == "__main__":
    app()
