"""Bars: what they say while a generation is folded and compared, and while lines are imported."""

import io
from collections import Counter

from rich.console import Console
from rich.progress import Progress

from projections.kernel.generations import Generation
from projections.read_models.orders import ORDERS
from server.importing.importer import Tally
from server.progress import Bars, ImportBar
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


def test_an_import_tells_its_rate_and_goes_by_its_bytes() -> None:
    now = 100.0
    progress = Progress(console=Console(file=io.StringIO()))
    bar = ImportBar(progress, "lines", 10_000, lambda: now)
    [task] = progress.tasks

    bar.show(Tally())
    assert task.fields["said"] == "0 lines"
    now += 5
    bar.show(Tally(bytes=2_500, accepted=99, refused=Counter(NOT_FOUND=1)))
    assert (task.fields["said"], task.percentage) == ("100 lines, 1 refused, 20/s, 15.0 s left", 25)
    bar.show(Tally(bytes=2_500, accepted=1, waiting=3))
    assert task.fields["said"] == "1 line, the log does not answer: trying again"
    bar.show(Tally(bytes=10_000, accepted=400))
    assert (task.fields["said"], task.finished) == ("400 lines", True)


def test_an_empty_file_is_all_imported() -> None:
    progress = Progress(console=Console(file=io.StringIO()))
    ImportBar(progress, "lines", 0).show(Tally())

    assert progress.tasks[0].finished
