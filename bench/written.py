"""What was measured of writes, round by round, and the medians of it: figures are compared within a round."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple, Self

import orjson

from bench.percentiles import Spread


@dataclass(frozen=True, slots=True)
class Written:
    """Writes per second, and how long one took in milliseconds, if that was looked at."""

    rate: float
    took: Spread | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """What a process printed."""
        told = orjson.loads(text)
        return cls(told["rate"], Spread(**told["took"]))


class Cell(NamedTuple):
    """What is measured at once: a line of a table, and so many clients of each process."""

    line: str
    clients: int


@dataclass(frozen=True, slots=True)
class Results:
    """All cells with their rounds, in the order in which they were first measured."""

    cells: dict[Cell, list[Written]] = field(default_factory=dict)

    def add(self, cell: Cell, written: Written) -> None:
        """One more round of a cell."""
        self.cells.setdefault(cell, []).append(written)

    def rate(self, cell: Cell) -> float:
        """Writes per second: the median."""
        return median(one.rate for one in self.cells[cell])

    def ratio(self, cell: Cell, base: Cell) -> float | None:
        """The rate of a cell in times of another's: the median of the rounds'. None when either is not there."""
        if cell not in self.cells or base not in self.cells:
            return None
        pairs = zip(self.cells[cell], self.cells[base], strict=True)
        return median(one.rate / other.rate for one, other in pairs)

    def spread(self, cell: Cell) -> float | None:
        """P99 in times of p50: the median of the rounds'. None when it is not there."""
        spreads = list(self._took(cell))
        return median(one.p99 / one.p50 for one in spreads) if spreads else None

    def took(self, cell: Cell) -> Spread | None:
        """How long a write took: the medians."""
        spreads = list(self._took(cell))
        if not spreads:
            return None
        return Spread(
            median(one.p50 for one in spreads), median(one.p99 for one in spreads), sum(one.count for one in spreads)
        )

    def _took(self, cell: Cell) -> Iterator[Spread]:
        return (one.took for one in self.cells.get(cell, ()) if one.took is not None)
