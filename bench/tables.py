"""The results as tables, for a terminal and for a page of Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rich.table import Table

from bench.results import APIS, CEILING, ORDINARY, Cell, Results


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's text, still without a form. `numbers` is the first column that is set flush right."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int

    def rich(self) -> Table:
        """For a terminal."""
        table = Table(title=self.title)
        for index, column in enumerate(self.columns):
            table.add_column(column, justify="right" if index >= self.numbers else "left", no_wrap=True)
        previous: Sequence[str] = ()
        for row in self.rows:
            if previous and previous[:2] != row[:2]:
                table.add_section()
            table.add_row(*row)
            previous = row
        return table

    def markdown(self) -> str:
        """For a page."""
        rule = ["--:" if index >= self.numbers else "---" for index in range(len(self.columns))]
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, rule, *self.rows)]
        return f"**{self.title}**\n\n" + "\n".join(lines) + "\n"


def reads_grid(results: Results, orders: int) -> Grid:
    """Every cell of the shop of that size."""
    columns = ["operation", "connections", "server", "requests/s", "p50 ms", "p99 ms", "p99/p50"]
    columns += ["of the ceiling", "times strawberry", "MiB"]
    rows = [_row(results, cell) for cell in results.cells if cell.orders == orders]
    return Grid(f"Reads of a shop of {orders:,} orders", columns, rows, numbers=3)


def curve_grid(results: Results, sizes: Sequence[int]) -> Grid:
    """The API on shops of several sizes: requests/s, and how many times as long a request takes as in the smallest."""
    columns = ["operation", "connections", "driver", *(f"{size:,}" for size in sizes)]
    columns += [f"time at {size:,}" for size in sizes[1:]]
    rows = [
        [
            *(cell.operation, str(cell.connections), cell.server),
            *(f"{results.middle(replace(cell, orders=size), lambda m: m.load.rate):,.0f}" for size in sizes),
            *(_times(results.ratio(cell, replace(cell, orders=size))) for size in sizes[1:]),
        ]
        for cell in results.cells
        if cell.orders == sizes[0] and cell.server in APIS
    ]
    return Grid(
        f"Reads as the shop grows: requests/s by its orders, and time relative to {sizes[0]:,}", columns, rows, numbers=3
    )


def _row(results: Results, cell: Cell) -> list[str]:
    rate = results.middle(cell, lambda m: m.load.rate)
    p50 = results.middle(cell, lambda m: m.load.p50)
    p99 = results.middle(cell, lambda m: m.load.p99)
    spread = results.middle(cell, lambda m: m.load.p99 / m.load.p50)
    memory = results.middle(cell, lambda m: m.memory)
    ceiling = results.ratio(cell, replace(cell, server=CEILING))
    ordinary = results.ratio(cell, replace(cell, server=ORDINARY))
    return [
        *(cell.operation, str(cell.connections), cell.server),
        *(f"{rate:,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{spread:.1f}"),
        *(_times(ceiling), "-" if ordinary is None else f"{ordinary:.1f}", f"{memory:.0f}"),
    ]


def shares(used: Mapping[str, float]) -> str:
    """Shares of a processor, by who used them."""
    return ", ".join(f"{name} {share:.0%}" for name, share in used.items())


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"
