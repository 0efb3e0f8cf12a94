"""Whether this process can serve, and how far its projections are behind."""

import asyncio
from dataclasses import asdict, dataclass

from projections.kernel.errors import StoreUnavailable
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
    head, documents = await asyncio.gather(_head(backend), _documents(backend))
    failures = {projector.name: projector.failure for projector in backend.projectors}
    projections = {}
    for projection in PROJECTIONS:
        known = backend.checkpoints.known(projection)
        position = known or START
        behind = max(0, (head or position) - position)
        failure = failures.get(projection.name) or (None if known is not None else "not made for this log")
        projections[projection.name] = ProjectionHealth(position, behind, failure)
    status = "ok"
    if head is None or not documents or None in map(backend.checkpoints.known, PROJECTIONS):
        status = "down"
    elif any(failures.values()):
        status = "degraded"
    return Health(status, _word(head is not None), _word(documents), head or 0, projections)


def _word(answers: bool) -> str:
    return "ok" if answers else "down"


async def _head(backend: Backend) -> LogPosition | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await backend.log.head()
    except (LogUnavailable, TimeoutError):
        return None


async def _documents(backend: Backend) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await backend.collections.ping()
    except (StoreUnavailable, TimeoutError):
        return False
    return True
