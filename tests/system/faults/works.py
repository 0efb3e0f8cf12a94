"""What processes do in the cellar."""

import asyncio
import logging
import os
import sys
from contextlib import suppress

from projections.kernel.claim import Claim
from projections.kernel.errors import Fenced, StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.pruning import unneeded
from tests.system.faults.cellar import Cellar
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition

FENCED = 3
"""How a process ends that finds itself overtaken."""
UNAVAILABLE = 4
"""How one ends that has given a database up."""


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
    """Projects, and ends when it is overtaken."""
    logging.getLogger("projections.kernel.projector").addHandler(_Ending("projection stepped back"))
    await cellar.projector().run()


class _Ending(logging.Handler):
    """Ends the process as one that was overtaken, as soon as it says `message`."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self._message = message

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage() == self._message:
            os._exit(FENCED)


async def rebuild(cellar: Cellar) -> None:
    """Rebuilds, and ends when it is overtaken or a database does not answer."""
    try:
        outcomes = await cellar.rebuilding().rebuild([cellar.projection], Unobserved())
    except (StoreUnavailable, LogUnavailable):
        sys.exit(UNAVAILABLE)
    for outcome in outcomes.values():
        if isinstance(outcome, Fenced):
            sys.exit(FENCED)
        if isinstance(outcome, StoreUnavailable | LogUnavailable):
            sys.exit(UNAVAILABLE)
        if isinstance(outcome, Exception):
            raise outcome


async def verify(cellar: Cellar) -> None:
    """Verifies, and finds nothing."""
    for outcome in (await cellar.verifying().verify([cellar.projection], Unobserved())).values():
        if isinstance(outcome, Exception):
            raise outcome
        assert outcome.comparison.is_clean, outcome


async def prune(cellar: Cellar) -> None:
    """Drops what nobody needs."""
    for standing in unneeded(await cellar.generations.standings([cellar.projection])):
        await cellar.generations.drop(standing.generation)
