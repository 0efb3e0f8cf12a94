"""Layouts of reports: a table where it has room, and some lines for each thing where it has not. Pure."""

from collections.abc import Iterable, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

WIDE = 100
"""So many columns of text a table takes at least."""


def empty_table(*names: str, whole: int, title: str | None = None) -> Table:
    """A table without rows, whose column at the place `whole` is never broken."""
    table = Table(title=title, title_justify="left")
    for place, name in enumerate(names):
        table.add_column(name, overflow="fold", no_wrap=place == whole)
    return table


def blocks(each: Iterable[Sequence[str]]) -> Group:
    """Some lines for each thing, the first of them its name."""
    return Group(*(Text("\n".join([first, *(f"  {line}" for line in more)])) for first, *more in each))
