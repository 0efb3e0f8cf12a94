"""Compares every stored document with the log folded afresh."""

from typing import Any

from bson.decimal128 import Decimal128

from projections.kernel.projection import AnyProjection
from projections.kernel.scenario import fold_all
from server.shop import PROJECTIONS
from server.wiring import Backend
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition


async def whole_log(backend: Backend) -> list[Recorded]:
    """Every event."""
    events: list[Recorded] = []
    while more := await backend.log.read(LogPosition(len(events)), 1_000):
        events += more
    return events


async def caught_up(backend: Backend, seconds: float = 30) -> None:
    """Waits until every projection has folded the whole log."""
    head = await backend.log.head()
    for projection in PROJECTIONS:
        reached = await backend.checkpoints.reached(projection, head, seconds)
        failures = {projector.name: projector.failure for projector in backend.projectors}
        assert reached, f"{projection.name} has not reached {head}: {failures}"


async def stored(backend: Backend, projection: AnyProjection) -> dict[str, Any]:
    """Every document of a read model, numbers as Python's decimals."""
    found = {}
    async for document in backend.collections.documents(backend.serving.generation(projection)).find():
        keys = document.get("_keys", {})
        keys.update({k: v.to_decimal() for k, v in keys.items() if isinstance(v, Decimal128)})
        found[document["_id"]] = document
    return found


async def assert_documents_equal_the_log(backend: Backend) -> None:
    """Nothing lost, nothing twice: what is stored is what the log folds to."""
    await caught_up(backend)
    events = await whole_log(backend)
    for projection in PROJECTIONS:
        folded = fold_all(projection, events, backend.log.positions, backend.log.created_at)
        expected = {key: projection.shape.encode(document) for key, document in folded.items()}
        assert await stored(backend, projection) == expected, projection.name
