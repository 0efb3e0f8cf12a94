"""Progress bars for generations that are folded from the log and compared. Positions have no gaps: they are exact."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from projections.kernel.generations import Generation
from write_side.kernel.positions import LogPosition


class _Rate(ProgressColumn):
    """Events a second."""

    def render(self, task: Task) -> Text:
        """See rich."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} events/s", style="progress.data.speed")


class Bars:
    """The port `Observer`: a bar for each generation."""

    def __init__(self, progress: Progress, word: str) -> None:
        self._progress = progress
        self._word = word
        self._tasks: dict[Generation, TaskID] = {}

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        """See `Observer.reached`."""
        name = generation.projection.name
        if generation not in self._tasks:
            self._tasks[generation] = self._progress.add_task(name, total=head, completed=position, now="")
        # An empty log is all folded.
        total, completed = (head, position) if head else (1, 1)
        said = self._word if position >= head else ""
        self._progress.update(self._tasks[generation], total=total, completed=completed, now=said)

    def compared(self, generation: Generation, documents: int) -> None:
        """See `Observer.compared`."""
        self._progress.update(self._tasks[generation], now=f"{documents:,} documents compared")


@contextmanager
def bars(console: Console, word: str) -> Iterator[Bars]:
    """Bars on the console while it lasts. `word` says what has happened to one that is at the log's end."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        _Rate(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[now]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Bars(progress, word)
