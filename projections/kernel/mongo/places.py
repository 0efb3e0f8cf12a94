"""Where a checkpoint stands, as it is stored."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from projections.kernel.generations import Checkpoint
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogPosition


def place(checkpoint: Checkpoint) -> dict[str, Any]:
    """The fields of a stored checkpoint that tell where it stands."""
    event_id = None if checkpoint.event_id is None else checkpoint.event_id.hex
    return {"position": checkpoint.position, "eventId": event_id, "partial": checkpoint.partial}


def decode_checkpoint(stored: Mapping[str, Any]) -> Checkpoint:
    """Where a stored checkpoint stands."""
    event_id = None if stored["eventId"] is None else EventId(UUID(stored["eventId"]))
    return Checkpoint(LogPosition(stored["position"]), event_id, stored["partial"])
