"""The status of the reactions, for people and as JSON. Pure."""

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from server.reactions import ReactionStatus

NAMES = ("reaction", "position", "behind", "next (UTC)")


def reaction_json(one: ReactionStatus) -> dict[str, object]:
    """The status of a reaction, its names as GraphQL would have them."""
    return {
        "name": one.name,
        "off": one.is_off,
        "position": one.position,
        "behind": one.behind,
        "dueAt": None if one.due_at is None else one.due_at.isoformat(),
        "failure": one.failure,
        "problems": list(one.problems),
    }


def reactions_overview(statuses: Sequence[ReactionStatus]) -> Group:
    """A line for each reaction, then what there is to look at."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in NAMES:
        table.add_column(name, no_wrap=True, justify="left" if name == "reaction" else "right")
    notes = []
    for one in statuses:
        wrong = [*one.problems, *([one.failure] if one.failure is not None else [])]
        table.add_row(
            one.name,
            f"{one.position:,}",
            f"{one.behind:,}",
            _next(one),
            style="red" if wrong else "dim" if one.is_off else "",
        )
        notes += [Text(f"{one.name}: {told}", style="red") for told in wrong]
    return Group(table, *notes)


def height(statuses: Sequence[ReactionStatus]) -> int:
    """How many lines the overview takes, if none is broken."""
    return 1 + sum(1 + len(one.problems) + (one.failure is not None) for one in statuses)


def _next(one: ReactionStatus) -> str:
    if one.is_off:
        return "off"
    return "" if one.due_at is None else f"{one.due_at:%Y-%m-%d %H:%M:%S}"
