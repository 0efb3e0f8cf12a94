"""The command `oneread import`. It imports what it runs, so that help and a mistyped option are answered at once."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from server.terminal import DataDir, console, databases, paper, run, settings_of

if TYPE_CHECKING:
    from server.embedded import DatabaseUrls

File = Annotated[
    Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True, help="One command per line, as JSON.")
]
Name = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="What the import is called, for ever: the file's name when absent."),
]
RefusedTo = Annotated[
    Path | None,
    typer.Option("--refused", metavar="FILE", dir_okay=False, help="Write the refused lines here, to mend them."),
]


def import_file(file: File, name: Name = None, refused: RefusedTo = None, data_dir: DataDir = None) -> None:
    """Execute the commands of a file, many at a time. May be stopped and run again. Exits 1 if any line was refused."""
    if not file.is_file():
        console.print("an import is read again when it goes on: FILE must be a file that stays, and no pipe")
        raise typer.Exit(2)
    if refused is not None and refused.resolve() == file.resolve():
        console.print("--refused would overwrite the file that is imported")
        raise typer.Exit(2)
    from server.importing.run import run_import
    from server.wiring import open_write_side

    async def main(urls: "DatabaseUrls") -> bool:
        async with open_write_side(urls) as side:
            return await run_import(side, file, name or file.name, refused, console, paper)

    with databases(settings_of(data_dir=data_dir), make=False) as (_, urls):
        well = run(main(urls))
    if not well:
        raise typer.Exit(1)
