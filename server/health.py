"""Whether this process can serve, and how far its projections are behind."""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass

from projections.kernel.errors import StoreUnavailable
from projections.kernel.projection import AnyProjection
from server.shop import PROJECTIONS
from server.wiring import Backend
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import START, LogPosition

PATIENCE = 3.0
"""How long a database may take to answer before it counts as down, in seconds."""


@dataclass(frozen=True, slots=True)
class ProjectionHealth:
    """One projection: the position it has reached, how many events it is behind, and what keeps it, if anything does."""

    position: int
    behind: int
    failure: str | None


@dataclass(frozen=True, slots=True)
class Health:
    """`status` is ok, degraded (it serves, but not everything is as it should be) or down."""

    status: str
    log: str
    documents: str
    head: int
    projections: dict[str, ProjectionHealth]

    @property
    def serves(self) -> bool:
        """Whether requests can be answered."""
        return self.status != "down"

    def as_json(self) -> dict[str, object]:
        """For an answer in JSON."""
        return asdict(self)


async def look(backend: Backend) -> Health:
    """Asks both databases, and what the process knows of its projections."""
    head, held = await asyncio.gather(_head(backend), _held(backend))
    projections = {}
    for projection in PROJECTIONS:
        position = backend.checkpoints.known(projection) or START
        behind = max(0, (head or position) - position)
        projections[projection.name] = ProjectionHealth(position, behind, _failure(backend, projection, held))
    status = "ok"
    if head is None or held is None or None in map(backend.checkpoints.known, PROJECTIONS):
        status = "down"
    elif any(projection.failure for projection in projections.values()):
        status = "degraded"
    return Health(status, _word(head is not None), _word(held is not None), head or 0, projections)


def _failure(backend: Backend, projection: AnyProjection, held: AbstractSet[str] | None) -> str | None:
    own = {projector.name: projector.failure for projector in backend.projectors}
    if own.get(projection.name) is not None:
        return own[projection.name]
    if backend.checkpoints.known(projection) is None:
        return "not made for this log"
    # A projector of this process works on it, or will as soon as no other does.
    if projection.name in own or held is None or backend.collections.checkpoint_id(projection) in held:
        return None
    return "no projector works on it"


def _word(answers: bool) -> str:
    return "ok" if answers else "down"


async def _head(backend: Backend) -> LogPosition | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await backend.log.head()
    except (LogUnavailable, TimeoutError):
        return None


async def _held(backend: Backend) -> AbstractSet[str] | None:
    """The checkpoints that are worked on, by whichever process; None when the database does not answer."""
    try:
        async with asyncio.timeout(PATIENCE):
            # Left alone when the time is over: PyMongo's locks may not survive a call that is cancelled.
            return await asyncio.shield(backend.collections.held())
    except (StoreUnavailable, TimeoutError):
        return None
