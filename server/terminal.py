"""What the commands have in common: settings from options, the databases, and an end that a person can read."""

import asyncio
import signal
import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from server.embedded import DatabaseUrls, EmbeddedServerError, embedded_servers
from server.garbage import look_seldom
from server.logs import log_to_stderr
from server.settings import Settings
from write_side.kernel.errors import OnereadError

T = TypeVar("T")

console = Console(stderr=True)
"""What is going on. What was asked for goes to `paper`."""

WIDE = 200
paper = Console(width=None if sys.stdout.isatty() else WIDE)
"""Standard output, wide where nobody looks at it directly."""

INTERRUPTED = 130
"""The exit code of what was interrupted before it was done, as shells have it."""

DataDir = Annotated[Path | None, typer.Option(help="Where the embedded databases keep their data.")]


def settings_of(**given: object) -> Settings:
    """The settings, of which `given` come from options; None is not given. Ends the command where they are wrong."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        for problem in error.errors(include_input=False):
            console.print(f"[red]{'.'.join(str(part) for part in problem['loc'])}[/]: {problem['msg']}")
        raise typer.Exit(2) from None


@contextmanager
def databases(settings: Settings, *, make: bool = True) -> Iterator[tuple[Settings, DatabaseUrls]]:
    """The databases of the settings, the embedded ones running, and made first if need be and `make`.

    And an end that a person can read.
    """
    log_to_stderr(settings.log_level)
    try:
        with ExitStack() as stack:
            servers = embedded_servers(
                settings.data_dir, postgres_url=settings.postgres_url, mongo_url=settings.mongo_url, make=make
            )
            with console.status("opening the databases"):
                embedded = stack.enter_context(servers)
            yield settings, embedded
    except (OnereadError, EmbeddedServerError) as error:
        console.print(f"[red]{escape(str(error))}[/]")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def run(main: Coroutine[object, object, T]) -> T:
    """Runs a command's coroutine to its end. Who interrupts it does so once: the rest puts away what was opened."""
    look_seldom()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(main)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise
