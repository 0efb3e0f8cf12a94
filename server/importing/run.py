"""One import, from a file to what is said of it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.markup import escape

from server.importing.importer import Imported, Importer
from server.importing.lines import Reading, read_lines
from server.importing.report import MOST_SHOWN, RefusedLine, hints, refusals_report, summary
from server.progress import import_bar
from server.shop import COMMANDS
from server.wiring import WriteSide, now
from write_side.kernel.outcomes import Caller
from write_side.kernel.refusals import Refusal


class Refusals:
    """Keeps what was refused: the first of it to be shown, and all of it in a file to be mended, if there is one."""

    def __init__(self, reading: Reading, file: BinaryIO | None) -> None:
        self.shown: list[RefusedLine] = []
        self._reading = reading
        self._file = file

    def add(self, imported: Imported, refusals: tuple[Refusal, ...]) -> None:
        """One more line. They come in the order of the file."""
        if len(self.shown) < MOST_SHOWN:
            self.shown.append(RefusedLine(imported.line.number, imported.type, refusals))
        if self._file is not None:
            self._file.write(self._reading.mendable(imported.line) + b"\n")


async def run_import(
    side: WriteSide, path: Path, name: str, refused_to: Path | None, console: Console, paper: Console
) -> bool:
    """Imports a file under a name; refused lines are also written to a file, if one is given. Whether all were accepted.

    Raises `LongName`, `ImportStopped`, `LogUnavailable`.
    """
    reading = Reading(name, COMMANDS, now())
    actor = f"import:{name}"
    with path.open("rb") as file, _written(refused_to) as written:
        refusals = Refusals(reading, written)
        caller = Caller(actor=actor, correlation_id=actor)
        importer = Importer(reading, side.bus, caller, await side.log.head(), refusals.add)
        try:
            async with import_bar(console, name, os.fstat(file.fileno()).st_size, importer.tally):
                await importer.run(read_lines(file))
        except asyncio.CancelledError:
            console.print(f"stopped after {summary(importer.tally)}")
            console.print("run the same again to go on: what was accepted is not done twice")
            raise
    tally = importer.tally
    if refusals.shown:
        paper.print(refusals_report(refusals.shown, paper.width))
    if (unshown := tally.refused.total() - len(refusals.shown)) > 0:
        console.print(f"and {unshown:,} more: --refused FILE has them all")
    console.print(summary(tally))
    for hint in hints(tally, name):
        console.print(escape(hint))
    if refused_to is not None and tally.refused:
        console.print(f"or mend them in {escape(str(refused_to))}, and import that: each line has its command id")
    return not tally.refused


@contextmanager
def _written(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
    else:
        with path.open("wb") as file:
            yield file
