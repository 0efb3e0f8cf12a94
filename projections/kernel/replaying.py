"""Replays: one document brought forward by the log's events, with its projection's own fold. The port `Replays`."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from projections.kernel.breaths import breaths
from projections.kernel.conditions import Condition, holds
from projections.kernel.documents import Document
from projections.kernel.errors import TooFarBehind
from projections.kernel.projection import AnyProjection, Key, Projection
from projections.kernel.reading import Documents, Freshness
from projections.kernel.shapes import Stored
from projections.kernel.tail import Tail
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition, Positions

D = TypeVar("D", bound=Document)

MOST_PENDING = 10_000
"""So many events are folded for one read at most."""

BREATH = 500
"""After so many events others get their turn."""


def replay(
    projection: Projection[D], key: Key, document: D | None, events: Iterable[Recorded], positions: Positions
) -> D | None:
    """The document `key` after `events`, which are in their order; None when there is none.

    What the document reflects already, by its own position, is passed over. Raises `MissingDocument`, and whatever a fold
    raises.
    """
    reflected = None if document is None else positions.parse(document.position)
    stored: Stored | None = None
    for event in events:
        if reflected is not None and event.position <= reflected:
            continue
        touched = projection.touches(event)
        if isinstance(touched, Condition):
            if document is None:
                continue
            stored = stored or projection.shape.encode(document)
            if not holds(touched, stored):
                continue
        elif key not in touched:
            continue
        document, stored = projection.fold(key, document, event, positions.token(event.position)), None
    return document


class LogReplays:
    """The port `Replays`: what is stored, and the log's events past it."""

    def __init__(self, documents: Documents, freshness: Freshness, tail: Tail, positions: Positions) -> None:
        self._documents = documents
        self._freshness = freshness
        self._tail = tail
        self._positions = positions

    async def find(self, projection: AnyProjection, key: Key, to: LogPosition) -> Stored | None:
        """See `Replays.find`."""
        # Noted before the read: what is stored then reflects every event up to it, and maybe more.
        reflected = self._freshness.checkpoint(projection)
        stored = await self._documents.find(projection, key)
        if stored is not None:
            reflected = max(reflected, self._positions.parse(stored["position"]))
        if reflected >= to:
            return stored
        if to - reflected > MOST_PENDING:
            raise TooFarBehind(to - reflected)
        document = None if stored is None else projection.shape.decode(stored)
        async for events in breaths(await self._read(reflected, to), BREATH):
            document = replay(projection, key, document, events, self._positions)
        return None if document is None else projection.shape.encode(document)

    async def _read(self, after: LogPosition, to: LogPosition) -> Sequence[Recorded]:
        """The events past `after`, up to `to`: from memory as far as they are there, else from the log.

        Raises `LogUnavailable` where the log ends short of `to`, which it is known to have reached.
        """
        events: list[Recorded] = []
        while not events or events[-1].position < to:
            reached = events[-1].position if events else after
            more = await self._tail.read(reached, to - reached, known=to)
            if not more:
                raise LogUnavailable(f"the log that answered ends at {reached}")
            events += more
        return events
