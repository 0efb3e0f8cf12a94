"""What processes do in the cellar."""

import asyncio
import sys
from contextlib import suppress

from projections.kernel.claim import Claim, claim
from projections.kernel.errors import Fenced
from projections.kernel.generations import Generation, State
from tests.system.faults.cellar import Cellar, now
from write_side.kernel.positions import LogPosition

FENCED = 3
"""How a process ends that finds itself overtaken."""


class Unobserved:
    """Nobody looks on."""

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        """See `Observer.reached`."""

    def compared(self, generation: Generation, documents: int) -> None:
        """See `Observer.compared`."""


async def project(cellar: Cellar) -> None:
    """Projects for ever."""
    await cellar.projector().run()


async def drain(cellar: Cellar) -> None:
    """Projects until it has got somewhere, and stops as a process does that is asked to."""

    def stop(moved: Claim) -> None:
        projecting.cancel()

    projecting = asyncio.create_task(cellar.projector(stop).run())
    with suppress(asyncio.CancelledError):
        await projecting


async def insist(cellar: Cellar) -> None:
    """Projects what is served, and ends when it is overtaken."""
    generation = await cellar.served()
    claimed = await claim(
        generation, cellar.store, cellar.log, cellar.owner, now, chunk=cellar.pace.chunk, steps=cellar.steps
    )
    assert claimed is not None
    try:
        while events := await cellar.log.read(claimed.checkpoint.position, cellar.pace.batch):
            while events:
                events = await claimed.advance(events)
    except Fenced:
        sys.exit(FENCED)


async def rebuild(cellar: Cellar) -> None:
    """Rebuilds."""
    for outcome in (await cellar.rebuilding().rebuild([cellar.projection], Unobserved())).values():
        if isinstance(outcome, Exception):
            raise outcome


async def verify(cellar: Cellar) -> None:
    """Verifies, and finds nothing."""
    for outcome in (await cellar.verifying().verify([cellar.projection], Unobserved())).values():
        if isinstance(outcome, Exception):
            raise outcome
        assert not outcome.comparison.differing, outcome


async def prune(cellar: Cellar) -> None:
    """Drops what nobody needs."""
    for standing in await cellar.generations.standings([cellar.projection]):
        if standing.state in (State.FORMER, State.LEFT):
            await cellar.generations.drop(standing.generation)
