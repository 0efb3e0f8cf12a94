"""What the tests of faults begin with."""

from collections.abc import Callable

from projections.kernel.steps import Step
from tests.system.faults.cellar import Place, opened
from write_side.kernel.positions import LogPosition

A_PLACE = Callable[[int], Place]
"""Makes places for batches of a size."""

PROJECTING: tuple[Step, ...] = (
    "batch: read",
    "batch: loaded",
    "batch: folded",
    "batch: documents written",
    "batch: checkpoint moved",
    "batch: committed",
    "fan-out: chunk committed",
)
"""What a projector does, again and again."""


def in_its_midst(step: Step, batch: int) -> int:
    """Which time a projector does a step when it has done something already, and has something left to do."""
    if step == "fan-out: chunk committed":
        return 1
    if step == "batch: read":
        return {1: 40, 100: 2, 1_000: 2}[batch]
    # After the jars were made, which is one batch unless batches are single events, and their owner was renamed.
    return {1: 40, 100: 5, 1_000: 4}[batch]


async def begun(place: Place) -> None:
    """An empty generation is served."""
    async with opened(place) as cellar:
        await cellar.generations.prepare(cellar.projection, LogPosition(0))


async def projected(place: Place) -> None:
    """A generation is served that has everything."""
    await begun(place)
    async with opened(place) as cellar:
        await cellar.catch_up()
