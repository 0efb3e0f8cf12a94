"""One run of the benchmark: its databases, its folder, and what it tells while it works."""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.console import progressing
from bench.filling import FilledShop
from bench.lineup import contending, write_bodies
from bench.load import run_load
from bench.measuring import Plan
from bench.operations import Operation
from bench.processes import PYTHON, serving, stop
from bench.profiling import profile_tables
from bench.results import Cell, Results
from bench.shop import Shop
from bench.targets import CONNECTIONS
from server.embedded import DatabaseUrls


@dataclass(frozen=True, slots=True)
class Session:
    """`database` is the stem of the names of the shops' databases; `refill` fills shops again that are there already.

    `folder` is for files that nobody wants afterwards.
    """

    console: Console
    urls: DatabaseUrls
    folder: Path
    database: str
    refill: bool = False

    def filled(self, orders: int) -> FilledShop:
        """A shop of that size, filled now unless it was before. Raises `BenchError`."""
        filled = FilledShop(Shop(orders), self.urls, self.database)
        if self.refill or not filled.is_filled():
            with progressing(self.console, f"filling a shop of {orders:,} orders", orders) as progress:
                task = progress.task_ids[0]
                filled.fill(lambda count: progress.advance(task, count))
        with self.console.status(f"bringing the shop of {orders:,} orders up to date"):
            filled.finish()
        return filled

    def measured(self, plan: Plan, filled: FilledShop, servers: Sequence[str]) -> Results:
        """The servers on one shop. Raises `BenchError`."""
        with self.console.status("starting the servers, looking at their answers"), ExitStack() as starting:
            contenders = starting.enter_context(contending(filled, servers, plan.operations, self.folder))
            running = starting.pop_all()
        with running, progressing(self.console, "measuring", plan.count(len(contenders))) as progress:
            return plan.measure(contenders, _shown(progress))

    def grown(self, plan: Plan, shops: Sequence[FilledShop], servers: Sequence[str]) -> Results:
        """The servers on each shop, the smallest first. Raises `BenchError`."""
        smallest = shops[0].shop
        with ExitStack() as stack:
            with self.console.status("starting the servers, looking at their answers"):
                contenders = [
                    contender
                    for server in servers
                    for filled in shops
                    for contender in stack.enter_context(
                        contending(filled, [server], plan.operations, self.folder, as_many_as=smallest)
                    )
                ]
            progress = stack.enter_context(progressing(self.console, "the curve", plan.count(len(contenders))))
            return plan.measure(contenders, _shown(progress))

    def profile(self, operation: Operation, filled: FilledShop, driver: str, plan: Plan) -> list[Table]:
        """Where the API's time goes under one operation. Raises `BenchError`."""
        stats = self.folder / "profile"
        command: list[str | Path] = [PYTHON, "-m", "bench.launch", "profiled", stats]
        variables = {**filled.variables, "ONEREAD_MONGO_DRIVER": driver}
        bodies = write_bodies(operation, filled.shop, None, self.folder)
        with serving(driver, command, self.folder / "profiled.log", variables) as api:
            with self.console.status(f"profiling {operation.name} with {CONNECTIONS} connections"):
                url = f"{api.url}/graphql"
                run_load(url, bodies, connections=CONNECTIONS, seconds=max(plan.warm_up, 1))
                api.process.send_signal(signal.SIGUSR1)
                load = run_load(url, bodies, connections=CONNECTIONS, seconds=plan.seconds)
            stop(api.process)
        self.console.print(f"{operation.name} with {driver}: {load.rate:,.0f} requests/s under the profiler")
        return profile_tables(stats, round(load.rate * plan.seconds))


def _shown(progress: Progress) -> Callable[[Cell], None]:
    """Tells which cell is being measured; those that began before are done."""
    task, begun = progress.task_ids[0], count()

    def begins(cell: Cell) -> None:
        words = f"{cell.operation}, {cell.connections} connections, {cell.server} ({cell.orders:,} orders)"
        progress.update(task, description=words, completed=next(begun))

    return begins
