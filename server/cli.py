"""The command line: `oneread demo`, `serve`, `project`, `migrate`, `import`, `export-schema`, and those of operators.

Each command imports what it runs, so that help and a mistyped option are answered at once.
"""

import signal
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from server import operating
from server.importing.command import import_file
from server.terminal import DataDir, console, databases, run, settings_of

app = typer.Typer(
    name="oneread",
    help="The order-management backend of a shop, behind one GraphQL API.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
Port = Annotated[int | None, typer.Option(help="TCP port to listen on; 0 for any that is free.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]


def main() -> None:
    """The entry point of the command `oneread`."""
    # Also where it is ignored, as it is for what a script starts in the background: that would end on neither signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    finally:
        # What is left is the interpreter's own end: to be interrupted in it would look as if something had been.
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _terminated(*_: object) -> None:
    """SIGTERM ends as Ctrl-C does, so that what was started is stopped in order; a second one changes nothing."""
    # The event loop has a handler of its own for that, which lets no task be torn anywhere.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)


@app.command()
def demo(port: Port = None, host: Host = None, data_dir: DataDir = None) -> None:
    """Run everything in one process, on an example shop."""
    from server.serving import run_demo

    with databases(settings_of(port=port, host=host, data_dir=data_dir)) as (settings, urls):
        _serve(run_demo(settings, urls, console))


@app.command()
def serve(port: Port = None, host: Host = None, data_dir: DataDir = None) -> None:
    """Serve the API. Projections need `oneread project` beside it."""
    from server.serving import run_api

    with databases(settings_of(port=port, host=host, data_dir=data_dir)) as (settings, urls):
        _serve(run_api(settings, urls, console))


@app.command()
def project(data_dir: DataDir = None) -> None:
    """Keep the read models up with the log, and do what is due: cancel what is not paid in time, and the like."""
    from server.serving import run_projectors

    with databases(settings_of(data_dir=data_dir)) as (settings, urls):
        _serve(run_projectors(settings, urls, console))


@app.command()
def migrate(
    data_dir: DataDir = None,
    restored: Annotated[bool, typer.Option(help="The log was restored from a backup: give it a new identity.")] = False,
) -> None:
    """Bring both databases up to date."""
    from server.wiring import migrate as run_migrations

    with databases(settings_of(data_dir=data_dir)) as (settings, urls):
        ran = run(run_migrations(settings, urls, renew_log_id=restored))
        for name in ran:
            console.print(f"ran {name}")
        console.print("up to date")
        if restored:
            console.print("no read model is of this log yet: start the processes, and run `oneread rebuild --all`")


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


app.command("import")(import_file)
for command in (operating.status, operating.rebuild, operating.verify, operating.prune):
    app.command()(command)
app.add_typer(operating.dead_letters, name="dead-letters")


def _serve(main: Coroutine[object, object, None]) -> None:
    """Runs what only ends by being interrupted: that is no failure of it."""
    with suppress(KeyboardInterrupt):
        run(main)
