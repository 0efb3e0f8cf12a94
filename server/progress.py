"""Progress bars: of generations that are folded from the log and compared, and of imports.

Positions have no gaps: a generation's bar is exact. That of an import goes by the bytes that were read.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from projections.kernel.generations import Generation
from projections.kernel.texts import counted
from server.importing.importer import Tally
from server.overviews import duration
from write_side.kernel.positions import LogPosition

LOOK = 0.2
"""How often it is looked how far an import is, in seconds."""


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


class ImportBar:
    """The bar of an import of so many bytes."""

    def __init__(self, progress: Progress, name: str, size: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._size = size
        self._monotonic = monotonic
        self._begun = monotonic()
        self._task = progress.add_task(name, total=size or 1, said="")

    def show(self, tally: Tally) -> None:
        """How far it is."""
        spent = self._monotonic() - self._begun
        said = [f"{counted(tally.settled, 'line')}"]
        if refused := tally.refused.total():
            said.append(f"{refused:,} refused")
        if tally.waiting:
            said.append("the log does not answer: trying again")
        elif spent > 0 and tally.settled and tally.bytes < self._size:
            said.append(f"{tally.settled / spent:,.0f}/s")
            said.append(f"{duration((self._size - tally.bytes) * spent / tally.bytes)} left")
        self._progress.update(self._task, completed=tally.bytes if self._size else 1, said=", ".join(said))


@contextmanager
def bars(console: Console, word: str) -> Iterator[Bars]:
    """Bars on the console while it lasts. `word` says what has happened to one that is at the log's end."""
    with _progress(console) as progress:
        yield Bars(progress, word)


@asynccontextmanager
async def import_bar(console: Console, name: str, size: int, tally: Tally) -> AsyncIterator[None]:
    """The bar of an import of `size` bytes on the console while it lasts. It looks by itself: a line costs nothing."""
    with _progress(console) as progress:
        bar = ImportBar(progress, escape(name), size)

        async def look() -> None:
            while True:
                bar.show(tally)
                await asyncio.sleep(LOOK)

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            looking.cancel()
            bar.show(tally)


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=20), TextColumn("{task.fields[said]}"))
    return Progress(*columns, console=console)
