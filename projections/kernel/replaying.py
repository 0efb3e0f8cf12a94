"""Replays: one document brought forward by the log's events, with its projection's own fold. The port `Replays`."""

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from projections.kernel.breaths import breaths
from projections.kernel.conditions import Condition, holds
from projections.kernel.documents import Document
from projections.kernel.errors import TooFarBehind
from projections.kernel.projection import AnyProjection, Key, Projection, Touched
from projections.kernel.reading import Documents, Freshness
from projections.kernel.shapes import Stored
from projections.kernel.tail import Tail
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.events import Recorded
from write_side.kernel.positions import START, LogPosition, Positions

D = TypeVar("D", bound=Document)

MOST_PENDING = 10_000
"""So many events are folded for one read at most."""

BREATH = 500
"""After so many events others get their turn."""


class Replay(Generic[D]):
    """One document on its way through the log. `document` is what it has become, None while there is none."""

    def __init__(self, projection: Projection[D], key: Key, document: D | None, positions: Positions) -> None:
        self._projection = projection
        self._key = key
        self._positions = positions
        self._reflected = START if document is None else positions.parse(document.position)
        self._stored: Stored | None = None
        self.document = document

    def follow(self, events: Iterable[Recorded]) -> None:
        """Folds those of the next events that touch the document. What it reflects, by its position, is passed over.

        Raises what `Projection.touches` raises, and what `fold` and `encoded` raise.
        """
        for event in events:
            if event.position > self._reflected and self.is_among(self._projection.touches(event)):
                self.fold(event)

    def is_among(self, touched: Touched) -> bool:
        """Whether the document, as it is now, is one of those that an event touches. Raises what `encoded` raises."""
        if not isinstance(touched, Condition):
            return self._key in touched
        stored = self.encoded()
        return stored is not None and holds(touched, stored)

    def fold(self, event: Recorded) -> None:
        """Folds an event that touches the document. Raises `MissingDocument`, and whatever the fold raises."""
        token = self._positions.token(event.position)
        self.document, self._stored = self._projection.fold(self._key, self.document, event, token), None

    def encoded(self) -> Stored | None:
        """The document as it is stored: made once for each state. Raises whatever a fold has left in it."""
        if self._stored is None and self.document is not None:
            self._stored = self._projection.shape.encode(self.document)
        return self._stored


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
        replay = Replay(projection, key, document, self._positions)
        async for events in breaths(await self._read(reflected, to), BREATH):
            replay.follow(events)
        return replay.encoded()

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
