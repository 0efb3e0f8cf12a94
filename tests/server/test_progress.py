"""Bars: what they say while a generation is folded, and while it is compared."""

import io

from rich.console import Console
from rich.progress import Progress

from projections.kernel.generations import Generation
from projections.read_models.orders import ORDERS
from server.progress import Bars
from write_side.kernel.positions import LogPosition

ONE = Generation(ORDERS, 2)


class Watched:
    """A bar whose clock the test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.progress = Progress(console=Console(file=io.StringIO()))
        self.bars = Bars(self.progress, "built", lambda: self.now)

    def reached(self, position: int, head: int) -> str:
        self.bars.reached(ONE, LogPosition(position), LogPosition(head))
        return self.said

    @property
    def said(self) -> str:
        [task] = self.progress.tasks
        return str(task.fields["said"])


def test_the_rate_is_that_since_it_was_begun_here() -> None:
    watched = Watched()
    assert watched.reached(5_000, 20_000) == "5,000 of 20,000 events"  # gone on with

    watched.now += 5
    assert watched.reached(10_000, 20_000) == "10,000 of 20,000 events, 1,000/s, 10.0 s left"
    watched.now += 10
    assert watched.reached(20_000, 20_000) == "20,000 of 20,000 events, built"


def test_an_empty_log_is_all_folded() -> None:
    assert Watched().reached(0, 0) == "0 of 0 events, built"


def test_while_it_is_compared_documents_count() -> None:
    watched = Watched()
    watched.reached(7, 7)

    watched.bars.compared(ONE, 1_000)

    assert watched.said == "1,000 documents compared"
