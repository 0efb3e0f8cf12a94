"""Claiming: how a process comes by a claim on a generation."""

from collections.abc import Callable
from datetime import datetime

from projections.kernel.claim import CHUNK, Claim, Moved
from projections.kernel.generations import Generation
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import ProjectionStore
from projections.kernel.working_set import KEPT
from write_side.kernel.errors import LogMismatch
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition


async def claim(
    generation: Generation,
    store: ProjectionStore,
    log: LogReader,
    owner: str,
    now: Callable[[], datetime],
    *,
    chunk: int = CHUNK,
    kept: int = KEPT,
    moved: Moved | None = None,
    steps: Steps = unwatched,
) -> Claim | None:
    """A claim on a generation; None while another owner's lease is good.

    Raises `LogMismatch` where the log does not hold the event that the checkpoint stands on, and what log and store raise.
    """
    claimed = await store.claim(generation, owner, log.positions)
    if claimed is None:
        return None
    checkpoint = claimed.checkpoint
    if checkpoint.position > 0:
        found = await log.read(LogPosition(checkpoint.position - 1), 1)
        if not found or found[0].event_id != checkpoint.event_id:
            raise LogMismatch(str(log.positions.log_id), f"that had event {checkpoint.event_id}")
    return Claim(generation, store, log.positions, owner, claimed, now, chunk=chunk, kept=kept, moved=moved, steps=steps)
