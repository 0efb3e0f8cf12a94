"""Overviews: the status of all read models, for people and as JSON. Pure.

What needs a look comes first, and is said in a line of its own below the table, which fits the narrowest terminal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import orjson
from rich.console import Group
from rich.table import Table
from rich.text import Text

from projections.kernel.generations import State
from projections.kernel.status import GenerationStatus, Status

APART = 2
"""So many blanks part two columns."""

_GOING_ON = "`oneread rebuild NAME` goes on with it, `oneread prune --unfinished` drops it"
_ORDER = [State.SERVED, State.BUILDING, State.OTHER_LOG, State.FORMER, State.LEFT]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of texts. The columns that are `spare` go where there is no room, the last first."""

    name: str
    cells: Sequence[str]
    is_number: bool = True
    spare: bool = False

    @property
    def width(self) -> int:
        return max(len(text) for text in (self.name, *self.cells)) + APART


def status_json(status: Status, **more: object) -> str:
    """A status as one line of JSON, its names as GraphQL has them. Positions are numbers: `checkpoint`, and `head`.

    `more` is what else there is to tell beside the read models.
    """
    told = {"at": status.at.isoformat(), "head": status.head, "unserved": list(status.unserved)}
    return orjson.dumps(told | {"generations": [_json(one) for one in status.generations]} | more).decode()


def _json(one: GenerationStatus) -> dict[str, object]:
    return {
        "name": one.projection,
        "version": one.version,
        "generation": one.generation,
        "state": one.state.name,
        "checkpoint": one.position,
        "behind": one.behind,
        "oldestPendingSeconds": one.oldest_pending,
        "eventsPerSecond": one.rate,
        "movedAt": None if one.moved_at is None else one.moved_at.isoformat(),
        "deadLetters": one.dead_letters,
        "workedOn": one.worked_on,
        "failure": one.failure,
        "problems": list(one.problems),
    }


def overview(status: Status, width: int, height: int | None = None) -> Group:
    """A line for each generation, then what there is to look at, within so many columns of text.

    With a `height`, in lines, the generations that nobody has to look at are left out where they would not fit.
    """
    rows = sorted(status.generations, key=lambda one: (not _needs_a_look(one), _ORDER.index(one.state)))
    notes = _notes(status, rows)
    caption = Text(f"log: {status.head:,} events, {status.at:%Y-%m-%d %H:%M:%S} UTC")
    shown = rows
    if height is not None:
        # One line each: caption, header, what is left out.
        room = height - 3 - sum(ceil(len(note) / width) for note in notes)
        shown = rows[: max(room, sum(_needs_a_look(one) for one in rows), 1)]
    left_out = [Text(f"and {len(rows) - len(shown)} more", style="dim")] if len(shown) < len(rows) else []
    return Group(caption, _table(shown, status.head, width), *left_out, *notes)


def _table(rows: Sequence[GenerationStatus], head: int, width: int) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, APART, 0, 0))
    columns = _fitting(_columns(rows, head), width)
    for column in columns:
        table.add_column(column.name, no_wrap=True, justify="right" if column.is_number else "left")
    for number, one in enumerate(rows):
        style = "red" if _needs_a_look(one) else "" if one.state is State.SERVED else "dim"
        table.add_row(*(Text(column.cells[number]) for column in columns), style=style)
    return table


def _columns(rows: Sequence[GenerationStatus], head: int) -> list[_Column]:
    columns = [
        _Column("read model", [one.projection for one in rows], is_number=False),
        _Column("gen", [f"g{one.generation}" for one in rows], is_number=False),
        _Column("state", [state_text(one, head) for one in rows], is_number=False),
        _Column("behind", [f"{one.behind:,}" for one in rows]),
        _Column("letters", [f"{one.dead_letters:,}" if one.dead_letters else "" for one in rows]),
        _Column("time left", [_time_left(one) for one in rows], spare=True),
        _Column("checkpoint", [f"{one.position:,}" for one in rows], spare=True),
        _Column(
            "pending", ["" if one.oldest_pending is None else duration(one.oldest_pending) for one in rows], spare=True
        ),
        _Column("events/s", [f"{one.rate:,.0f}" if one.rate else "" for one in rows], spare=True),
    ]
    return [column for column in columns if any(column.cells)]


def _fitting(columns: Sequence[_Column], width: int) -> list[_Column]:
    fitting = list(columns)
    while sum(column.width for column in fitting) - APART > width and fitting[-1].spare:
        fitting.pop()
    return fitting


def _notes(status: Status, rows: Sequence[GenerationStatus]) -> list[Text]:
    """What there is to look at, most urgent first; what is said of several is said once."""
    wrong: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    for one in rows:
        name = f"{one.projection} g{one.generation}"
        if one.problems:
            wrong.setdefault("; ".join(one.problems), []).append(name)
        if one.failure is not None and one.state in (State.SERVED, State.BUILDING):
            wrong.setdefault(one.failure, []).append(name)
        if one.state is State.BUILDING and not one.worked_on and one.projection not in status.unserved:
            missing.setdefault(f"nobody builds it: {_GOING_ON}", []).append(name)
    for name in status.unserved:
        missing.setdefault(f"not served yet: {_missing(name, rows)}", []).append(name)
    return [
        Text(f"{', '.join(names)}: {told}", style=style)
        for notes, style in ((wrong, "red"), (missing, "yellow"))
        for told, names in notes.items()
    ]


def _missing(name: str, rows: Sequence[GenerationStatus]) -> str:
    own = [one for one in rows if one.projection == name]
    building = [one for one in own if one.state is State.BUILDING]
    if any(one.worked_on for one in building):
        return "it is being built"
    if not building and any(one.state is State.OTHER_LOG for one in own):
        return "made for another log: `oneread rebuild NAME` makes it anew"
    return "a projector builds it: `oneread project`"


def _needs_a_look(one: GenerationStatus) -> bool:
    return bool(one.problems) or (one.failure is not None and one.state is State.SERVED)


def state_text(one: GenerationStatus, head: int) -> str:
    """What a generation is, and of one that is being built how far it is."""
    if one.state is not State.BUILDING:
        return one.state.name.lower().replace("_", " ")
    word = "building" if one.worked_on else "stopped"
    return f"{word} {one.position / head:.0%}" if head else word


def _time_left(one: GenerationStatus) -> str:
    if one.state is not State.BUILDING or not one.rate or not one.behind:
        return ""
    return duration(one.behind / one.rate)


def duration(seconds: float) -> str:
    """A span of time for people, to its two greatest units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
