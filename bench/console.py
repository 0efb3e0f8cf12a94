"""What the benchmarks have in common on a terminal: options that they share, how they end, where their tables go."""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench.load import BenchError
from bench.tables import Grid
from server.embedded import EmbeddedServerError

Driver = Annotated[str, typer.Option(help="What speaks to MongoDB: motor or pymongo.")]
Markdown = Annotated[Path | None, typer.Option(help="File to write the tables to.")]
DataDir = Annotated[Path, typer.Option(help="Where the embedded databases are.")]
PostgresUrl = Annotated[str | None, typer.Option(help="Use this server for the log.")]
MongoUrl = Annotated[str | None, typer.Option(help="Use this server for documents.")]
OwnDatabase = Annotated[
    str, typer.Option(help="A database on both servers: made for this, and dropped. What is in it is lost.")
]

INTERRUPTED = 130
WIDTH = 150
"""Columns of a table where there is no terminal."""


@contextmanager
def told(console: Console) -> Iterator[None]:
    """An end that a person can read, by SIGTERM as by Ctrl-C: what was started is stopped in order."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except (BenchError, EmbeddedServerError) as error:
        console.print(str(error), markup=False, style="red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def known(wanted: list[str], names: Sequence[str]) -> list[str]:
    """What an option names. Raises typer's `BadParameter` for a name that is none."""
    if unknown := set(wanted) - set(names):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: known are {', '.join(names)}")
    return wanted


def printing(console: Console) -> Console:
    """Where tables go, if `console` is for what is told meanwhile."""
    return Console() if console.is_terminal else Console(width=WIDTH)


@contextmanager
def progressing(console: Console, words: str, total: int) -> Iterator[Progress]:
    """A bar with one task, until it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task(words, total=total)
        yield progress


def print_grids(grids: Sequence[Grid], tables: Console, markdown: Path | None) -> None:
    """Prints tables, and writes them to a page of Markdown if one is wanted."""
    for grid in grids:
        tables.print(grid.rich())
    if markdown is not None:
        markdown.write_text("\n".join(grid.markdown() for grid in grids))
