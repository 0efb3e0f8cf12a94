"""What was measured, round by round, and the medians of it.

Machines are noisy over minutes and less so over seconds: figures are compared within a round, where they were measured
right after one another, and the median of these ratios is what counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from bench.load import Load

CEILING, MOTOR, PYMONGO, ORDINARY = "ceiling", "motor", "pymongo", "strawberry"
APIS = (MOTOR, PYMONGO)
SERVERS = (CEILING, MOTOR, PYMONGO, ORDINARY)


@dataclass(frozen=True, slots=True)
class Cell:
    """What is measured at once: an operation, so many connections, a server, a shop of so many orders."""

    operation: str
    connections: int
    server: str
    orders: int


@dataclass(frozen=True, slots=True)
class Measured:
    """A cell in one round. `memory` is that of the server's processes afterwards, in MiB."""

    load: Load
    memory: float


@dataclass(frozen=True, slots=True)
class Results:
    """All cells with their rounds."""

    cells: dict[Cell, list[Measured]] = field(default_factory=dict)

    def add(self, cell: Cell, measured: Measured) -> None:
        """One more round of a cell."""
        self.cells.setdefault(cell, []).append(measured)

    def middle(self, cell: Cell, figure: Callable[[Measured], float]) -> float:
        """The median of a figure of a cell over the rounds."""
        return median(figure(measured) for measured in self.cells[cell])

    def ratio(self, cell: Cell, base: Cell) -> float | None:
        """How many times the rate of `base` a cell reached: the median over the rounds. None when either is not there."""
        if cell not in self.cells or base not in self.cells:
            return None
        pairs = zip(self.cells[cell], self.cells[base], strict=True)
        return median(one.load.rate / other.load.rate for one, other in pairs)
