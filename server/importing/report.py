"""What is said of an import: the lines that were refused, how many were not, and what to do. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from projections.kernel.texts import counted
from server.importing.importer import Tally
from server.layouts import WIDE, blocks, empty_table
from write_side.kernel.refusals import CommandIdReused, Refusal

MOST_SHOWN = 1_000
"""So many refused lines are shown; all are counted."""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was refused: its number, the type that it names, and why."""

    number: int
    type: str
    refusals: tuple[Refusal, ...]


def refusals_report(refused: Sequence[RefusedLine], width: int) -> RenderableType:
    """Each line and each reason, within so many columns of text."""
    return _table(refused) if width >= WIDE else blocks(_block(one) for one in refused)


def _table(refused: Sequence[RefusedLine]) -> Table:
    table = empty_table("line", "type", "code", "path", "message", whole=0)
    for one in refused:
        for refusal in one.refusals:
            told = (one.type, refusal.code, _path(refusal), _message(refusal))
            table.add_row(str(one.number), *(escape(text) for text in told))
    return table


def _block(one: RefusedLine) -> list[str]:
    reasons = []
    for refusal in one.refusals:
        path = _path(refusal)
        reasons.append(f"{refusal.code}{f' at {path}' if path else ''}: {_message(refusal)}")
    return [f"line {one.number} {one.type}".rstrip(), *reasons]


def _path(refusal: Refusal) -> str:
    return ".".join(refusal.path or ())


def _message(refusal: Refusal) -> str:
    """The message; the path, with which that of an invalid input begins, is told already."""
    return refusal.message.removeprefix(f"{_path(refusal)}: ")


def summary(tally: Tally) -> str:
    """How far an import has come, in a sentence."""
    before = f" ({tally.before:,} of them before, or with nothing to change)" if tally.before else ""
    codes = ", ".join(f"{number:,} {code}" for code, number in tally.refused.most_common())
    refused = f", {tally.refused.total():,} refused ({codes})" if codes else ""
    return f"{counted(tally.settled, 'line')}: {tally.accepted:,} accepted{before}{refused}"


def hints(tally: Tally, name: str) -> list[str]:
    """What there is to know before somebody mends what was refused."""
    if not tally.refused:
        return []
    told = ["mend the refused lines where they stand, and run the same again: what was accepted is not done twice"]
    if tally.refused[CommandIdReused.code]:
        told.append(
            f"{CommandIdReused.code}: under the name {name!r} another line of this number was accepted before. If it has "
            "been edited since, put what is new in a line of its own; if this is another file, give it another --name"
        )
    return told
