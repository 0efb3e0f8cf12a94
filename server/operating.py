"""The commands of operators: `oneread status`, `rebuild`, `verify`, `prune`, `dead-letters`.

Each imports what it runs, so that help and a mistyped option are answered at once.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from server.settings import Settings
from server.terminal import DataDir, console, databases, paper, run, settings_of

if TYPE_CHECKING:
    from projections.kernel.projection import AnyProjection
    from server.embedded import DatabaseUrls
    from server.wiring import Stores

T = TypeVar("T")

PATIENCE = 30.0
"""How long a command waits for a projector to see to dead letters, in seconds."""

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Read models; all of them when absent.")]
Only = Annotated[str | None, typer.Option("--projection", metavar="NAME", help="Only those of this read model.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Do not wait for the projector to do it.")]
Document = Annotated[str, typer.Argument(metavar="KEY", help="The document's id.")]

dead_letters = typer.Typer(
    no_args_is_help=True, help="Documents that an event could not be folded into: parked until they are repaired."
)


def status(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one line of JSON.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look every second, until it is stopped.")] = False,
) -> None:
    """Show how far every read model and every reaction is, and what is wrong with it."""
    from server.reactions import reactions
    from server.watching import show_status

    settings = settings_of(data_dir=data_dir)

    def interrupted() -> None:
        if watch:
            raise typer.Exit

    _on_stores(
        settings,
        lambda stores: show_status(stores, reactions(settings), paper, as_json=as_json, watch=watch),
        interrupted,
    )


def rebuild(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Read models.")] = None,
    data_dir: DataDir = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every read model.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Serve again what was served before, once it is caught up.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Serve it even with dead letters.")] = False,
) -> None:
    """Build read models anew from the log, beside what is served, and then serve them. May be stopped and run again."""
    if bool(names) == all_of_them:
        console.print("name the read models to rebuild, or say --all")
        raise typer.Exit(2)
    from server.runs import rebuild as run_rebuild

    projections = _projections(names)
    settings = settings_of(data_dir=data_dir)

    def interrupted() -> None:
        console.print("stopped: what is not switched yet is served as it was; run the same again to go on")

    _end(
        _on_stores(
            settings,
            lambda stores: run_rebuild(stores, projections, console, back=back, force=force),
            interrupted,
        )
    )


def verify(names: Names = None, data_dir: DataDir = None) -> None:
    """Fold the log afresh and compare every document with what is served. Exits 1 if anything differs."""
    from server.runs import verify as run_verify

    projections = _projections(names)

    def interrupted() -> None:
        console.print("stopped: nothing has changed")

    _end(
        _on_stores(
            settings_of(data_dir=data_dir), lambda stores: run_verify(stores, projections, console, paper), interrupted
        )
    )


def prune(
    names: Names = None,
    data_dir: DataDir = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also what was begun to be built, unless somebody is at it.")
    ] = False,
    other_versions: Annotated[
        bool,
        typer.Option(
            "--other-versions", help="Also versions that no code here projects, unless a projector works on them."
        ),
    ] = False,
) -> None:
    """Drop the generations of read models that nobody needs any more: then there is none to go back to."""
    from server.runs import prune as run_prune

    projections = _projections(names)

    def interrupted() -> None:
        console.print("stopped: run the same again to drop the rest")

    _end(
        _on_stores(
            settings_of(data_dir=data_dir),
            lambda stores: run_prune(stores, projections, console, unfinished=unfinished, other_versions=other_versions),
            interrupted,
        )
    )


@dead_letters.command("list")
def list_letters(projection: Only = None, data_dir: DataDir = None) -> None:
    """List the parked documents, oldest first."""
    from server.letters import list_all

    only = _projections([projection] if projection else None)
    _on_stores(settings_of(data_dir=data_dir), lambda stores: list_all(stores, only, console, paper))


@dead_letters.command()
def show(key: Document, projection: Only = None, data_dir: DataDir = None) -> None:
    """Show all that is known of a parked document, and what can be done."""
    from projections.kernel.projection import Key
    from server.letters import show as show_letter

    only = _projections([projection] if projection else None)
    _on_stores(settings_of(data_dir=data_dir), lambda stores: show_letter(stores, only, Key(key), paper))


@dead_letters.command()
def retry(
    key: Annotated[str | None, typer.Argument(metavar="KEY", help="The document's id.")] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="Every parked document.")] = False,
    projection: Only = None,
    no_wait: NoWait = False,
    data_dir: DataDir = None,
) -> None:
    """Replay a parked document from the log: once what was wrong is mended."""
    if (key is not None) == all_of_them:
        console.print("name the document to retry, or say --all")
        raise typer.Exit(2)
    from projections.kernel.dead_letters import Remedy
    from projections.kernel.projection import Key
    from server.letters import ask

    only = _projections([projection] if projection else None)
    one = None if key is None else Key(key)
    patience = 0.0 if no_wait else PATIENCE
    _end(
        _on_stores(
            settings_of(data_dir=data_dir),
            lambda stores: ask(stores, only, one, Remedy.RETRY, console, patience=patience),
        )
    )


@dead_letters.command()
def discard(
    key: Document,
    event: Annotated[
        int | None, typer.Option("--event", metavar="POSITION", help="Only if it is this event that it cannot take.")
    ] = None,
    projection: Only = None,
    no_wait: NoWait = False,
    data_dir: DataDir = None,
) -> None:
    """Replay a parked document without the event that it cannot take: it does without it until it is rebuilt."""
    from projections.kernel.dead_letters import Remedy
    from projections.kernel.projection import Key
    from server.letters import ask
    from write_side.kernel.positions import LogPosition

    only = _projections([projection] if projection else None)
    at = None if event is None else LogPosition(event)
    patience = 0.0 if no_wait else PATIENCE
    _end(
        _on_stores(
            settings_of(data_dir=data_dir),
            lambda stores: ask(stores, only, Key(key), Remedy.DISCARD, console, patience=patience, event=at),
        )
    )


def _projections(names: list[str] | None) -> "list[AnyProjection]":
    """The read models of those names, all when there are none. Ends the command at a name that is unknown."""
    from server.runs import UnknownProjection, named
    from server.shop import PROJECTIONS

    try:
        return named(names, PROJECTIONS) if names else list(PROJECTIONS)
    except UnknownProjection as error:
        console.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None


def _on_stores(
    settings: Settings,
    work: "Callable[[Stores], Awaitable[T]]",
    interrupted: Callable[[], None] = lambda: None,
) -> T:
    """What `work` makes of the databases of the settings. `interrupted` is called where somebody stops it."""
    from server.wiring import open_stores

    async def main(urls: "DatabaseUrls") -> T:
        async with open_stores(settings, urls) as stores:
            return await work(stores)

    with databases(settings, make=False) as (_, urls):
        try:
            return run(main(urls))
        except KeyboardInterrupt:
            interrupted()
            raise


def _end(well: bool) -> None:
    """Ends the command: with 1 where not all is well."""
    if not well:
        raise typer.Exit(1)
