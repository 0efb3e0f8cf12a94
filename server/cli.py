"""The command line: `oneread demo`, `serve`, `project`, `migrate`, `export-schema`.

Each command imports what it runs, so that help and a mistyped option are answered at once.
"""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from server.embedded import DatabaseUrls, EmbeddedServerError, embedded_servers
from server.logs import log_to_stderr
from server.settings import Settings
from write_side.kernel.errors import OnereadError

app = typer.Typer(
    name="oneread",
    help="The order-management backend of a shop, behind one GraphQL API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(stderr=True)
INTERRUPTED = 130
"""The exit code of what was interrupted before it was done, as shells have it."""

Port = Annotated[int | None, typer.Option(help="TCP port to listen on; 0 for any that is free.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
DataDir = Annotated[Path | None, typer.Option(help="Where the embedded databases keep their data.")]


def main() -> None:
    """The entry point of the command `oneread`."""
    signal.signal(signal.SIGTERM, _terminated)
    app()


def _terminated(*_: object) -> None:
    """SIGTERM ends as Ctrl-C does, so that what was started is stopped in order; a second one changes nothing."""
    # The event loop has a handler of its own for that, which lets no task be torn anywhere.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)


@app.command()
def demo(port: Port = None, host: Host = None, data_dir: DataDir = None) -> None:
    """Run everything in one process, on an example shop."""
    from server.serving import run_demo

    with _databases(_settings(port=port, host=host, data_dir=data_dir)) as (settings, urls):
        _serve(run_demo(settings, urls, console))


@app.command()
def serve(port: Port = None, host: Host = None, data_dir: DataDir = None) -> None:
    """Serve the API. Projections need `oneread project` beside it."""
    from server.serving import run_api

    with _databases(_settings(port=port, host=host, data_dir=data_dir)) as (settings, urls):
        _serve(run_api(settings, urls, console))


@app.command()
def project(data_dir: DataDir = None) -> None:
    """Keep the read models up with the log."""
    from server.serving import run_projectors

    with _databases(_settings(data_dir=data_dir)) as (settings, urls):
        _serve(run_projectors(settings, urls, console))


@app.command()
def migrate(
    data_dir: DataDir = None,
    restored: Annotated[bool, typer.Option(help="The log was restored from a backup: give it a new identity.")] = False,
) -> None:
    """Bring both databases up to date."""
    from server.wiring import migrate as run_migrations

    with _databases(_settings(data_dir=data_dir)) as (settings, urls):
        ran = _run(run_migrations(settings, urls, renew_log_id=restored))
        for name in ran or ():
            console.print(f"ran {name}")
        console.print("up to date")


@app.command()
def export_schema(
    output: Annotated[Path | None, typer.Option(help="File to write; standard output when absent.")] = None,
) -> None:
    """Write the GraphQL schema as SDL."""
    from server.api import schema_text

    text = schema_text()
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text)


def _settings(**given: object) -> Settings:
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        for problem in error.errors(include_input=False):
            console.print(f"[red]{'.'.join(str(part) for part in problem['loc'])}[/]: {problem['msg']}")
        raise typer.Exit(2) from None


@contextmanager
def _databases(settings: Settings) -> Iterator[tuple[Settings, DatabaseUrls]]:
    """The databases of the settings, the embedded ones running; and an end that a person can read."""
    log_to_stderr(settings.log_level)
    try:
        with ExitStack() as stack:
            servers = embedded_servers(settings.data_dir, postgres_url=settings.postgres_url, mongo_url=settings.mongo_url)
            with console.status("opening the databases"):
                embedded = stack.enter_context(servers)
            yield settings, embedded
    except (OnereadError, EmbeddedServerError) as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


def _run(main: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _serve(main: Coroutine[Any, Any, None]) -> None:
    """Runs what only ends by being interrupted: that is no failure of it."""
    with suppress(KeyboardInterrupt):
        _run(main)
