"""Where and how long writes are measured."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.filled_log import fill_log
from bench.live import LiveShop, live_shop
from bench.percentiles import Spread
from bench.pgbench import run_pgbench
from bench.processes import PYTHON, run_to_end
from bench.wire.loop import run
from bench.written import Written
from server.embedded import DatabaseUrls


@dataclass(frozen=True, slots=True)
class Site:
    """Servers with databases for it, whose names begin with `database`, and what is measured there.

    `clients` are those of the appends, `products` what there is to order, `lines` are imported; what is measured for a time
    is so for as many `seconds`, after those of a warm-up. `folder` is for files that nobody wants afterwards.
    """

    urls: DatabaseUrls
    database: str
    driver: str
    folder: Path
    clients: Sequence[int]
    products: int
    lines: int
    seconds: int
    warm_up: int

    def shop(self, name: str) -> AbstractContextManager[LiveShop]:
        """An empty shop, which is dropped afterwards."""
        return live_shop(self.urls, f"{self.database}_{name}", self.driver, self.folder)

    @contextmanager
    def filled(self, name: str, events: int) -> Iterator[LiveShop]:
        """A shop whose log has so many events."""
        with self.shop(name) as shop:
            run(fill_log(shop.urls.postgres, events))
            yield shop

    def inserted(self, shop: LiveShop, clients: int) -> Written:
        """What pgbench reaches beside a shop's log. Raises `BenchError`."""
        if self.warm_up:
            run_pgbench(shop.urls.postgres, clients=clients, seconds=self.warm_up)
        return run_pgbench(shop.urls.postgres, clients=clients, seconds=self.seconds)

    def appended(self, shop: LiveShop, way: str, clients: int, processes: int = 1) -> Written:
        """What `bench.appenders` reach, so many clients in each process: the rates added up, and the longest times.

        Raises `BenchError`.
        """
        numbers = [str(number) for number in (clients, self.seconds, self.warm_up)]
        command: list[str | Path] = [PYTHON, "-m", "bench.appenders", way, *numbers]

        def append(_: int) -> Written:
            return Written.parse(run_to_end(way, command, shop.variables))

        with ThreadPoolExecutor(processes) as at_once:
            return together(list(at_once.map(append, range(processes))))


def together(several: Sequence[Written]) -> Written:
    """What several processes reached at the same time: the rates added up, and the longest times."""
    took = [one.took for one in several if one.took is not None]
    longest = Spread(max(one.p50 for one in took), max(one.p99 for one in took), sum(one.count for one in took))
    return Written(sum(one.rate for one in several), longest)
