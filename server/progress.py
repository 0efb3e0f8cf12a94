"""Progress bars for generations that are folded from the log and compared. Positions have no gaps: they are exact."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from projections.kernel.generations import Generation
from projections.kernel.texts import counted
from server.overviews import duration
from write_side.kernel.positions import LogPosition


@dataclass(slots=True)
class _Bar:
    """A bar, and where and when its generation began to be folded here: it may have gone on with what was begun."""

    task: TaskID
    begun: LogPosition
    at: float


class Bars:
    """The port `Observer`: a bar for each generation. `monotonic` is a clock in seconds that never goes back."""

    def __init__(self, progress: Progress, word: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._word = word
        self._monotonic = monotonic
        self._bars: dict[Generation, _Bar] = {}

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        """See `Observer.reached`."""
        bar = self._bars.get(generation)
        if bar is None:
            task = self._progress.add_task(generation.projection.name, said="")
            bar = self._bars[generation] = _Bar(task, position, self._monotonic())
        # An empty log is all folded.
        total, completed = (head, position) if head else (1, 1)
        said = f"{position:,} of {head:,} events{self._pace(bar, position, head)}"
        self._progress.update(bar.task, total=total, completed=completed, said=said)

    def compared(self, generation: Generation, documents: int) -> None:
        """See `Observer.compared`. Nobody knows how many are to come: the bar stays full."""
        self._progress.update(self._bars[generation].task, said=f"{counted(documents, 'document')} compared")

    def _pace(self, bar: _Bar, position: LogPosition, head: LogPosition) -> str:
        """How fast it gets on, over all the time that it is folded here, and how long it takes still."""
        spent, done = self._monotonic() - bar.at, position - bar.begun
        rate = done / spent if spent > 0 else 0
        if position >= head:
            return f", {self._word}"
        return f", {rate:,.0f}/s, {duration((head - position) / rate)} left" if rate else ""


@contextmanager
def bars(console: Console, word: str) -> Iterator[Bars]:
    """Bars on the console while it lasts. `word` says what has happened to one that is at the log's end."""
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[said]}"))
    with Progress(*columns, console=console) as progress:
        yield Bars(progress, word)
