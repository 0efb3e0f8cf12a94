"""The port that a projector writes through: documents and their checkpoint, together or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from projections.kernel.conditions import Condition
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.ids import EventId
from write_side.kernel.positions import LogPosition, Positions


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a generation has come: every event up to `position`, whose event has the id `event_id`.

    While the next event fans out over more documents than one transaction takes, `partial` is the last key it has reached.
    """

    position: LogPosition
    event_id: EventId | None
    partial: Key | None = None


class ProjectionStore(Protocol):
    """Documents and checkpoints of projections. All raise `StoreUnavailable`."""

    async def prepare(self, projection: AnyProjection, positions: Positions, born: Mapping[Key, Stored]) -> None:
        """Makes what is lacking: collection, validator, indexes, checkpoint, the documents in `born`."""
        ...

    async def claim(self, projection: AnyProjection, owner: str, positions: Positions) -> Checkpoint | None:
        """Takes or renews the lease, and owns the checkpoint then. None while another owner's lease is good.

        Raises `LogMismatch` when the checkpoint belongs to another log.
        """
        ...

    async def renew(self, projection: AnyProjection, owner: str) -> None:
        """Keeps the lease. Losing it is found out at the next commit."""
        ...

    async def release(self, projection: AnyProjection, owner: str) -> None:
        """Gives the lease up, so that another may take it at once."""
        ...

    async def load(self, projection: AnyProjection, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        """The stored documents of those keys that have one: one read."""
        ...

    async def matching(
        self, projection: AnyProjection, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        """Up to `limit` documents that meet a condition, in the order of their keys, past the key `after`."""
        ...

    async def commit(
        self,
        projection: AnyProjection,
        owner: str,
        before: Checkpoint,
        after: Checkpoint,
        documents: Sequence[Stored],
    ) -> None:
        """Writes documents and moves the checkpoint from `before` to `after`, in one transaction.

        Raises `Fenced` when the checkpoint has another owner or stands elsewhere.
        """
        ...
