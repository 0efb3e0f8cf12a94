"""Measures: every operation with every number of connections, on all servers right after one another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.lineup import Contender
from bench.load import BenchError, run_load
from bench.operations import Operation
from bench.results import Cell, Measured, Results


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long: seconds per cell, of which the warm-up's are thrown away."""

    operations: Sequence[Operation]
    connections: Sequence[int]
    rounds: int
    seconds: int
    warm_up: int

    def count(self, contenders: int) -> int:
        """How many cells that makes, rounds included."""
        return len(list(self._steps())) * contenders

    def measure(self, contenders: Sequence[Contender], begins: Callable[[Cell], None]) -> Results:
        """The results; each cell is told before it begins. Raises `BenchError` for a server that fails a request."""
        results = Results()
        for operation, connections in self._steps():
            for contender in contenders:
                cell = Cell(operation.name, connections, contender.running.name, contender.shop.orders)
                begins(cell)
                results.add(cell, self._measured(contender, operation, connections))
        return results

    def _steps(self) -> Iterator[tuple[Operation, int]]:
        for _ in range(self.rounds):
            for operation in self.operations:
                for connections in self.connections:
                    yield operation, connections

    def _measured(self, contender: Contender, operation: Operation, connections: int) -> Measured:
        url, bodies = contender.url(operation), contender.bodies[operation.name]
        if self.warm_up:
            run_load(url, bodies, connections=connections, seconds=self.warm_up)
            contender.running.wait_until_idle()
        load = run_load(url, bodies, connections=connections, seconds=self.seconds)
        if not load.rate:
            raise BenchError(f"{contender.running.name} answered no {operation.name} in time: give it a longer --duration")
        memory = contender.running.memory()
        contender.running.wait_until_idle()
        return Measured(load, memory)
