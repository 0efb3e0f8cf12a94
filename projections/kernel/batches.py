"""Batches: what events make of the documents at hand. Pure: no I/O, and what is given is left as it was.

What cannot be folded into a document is that document's affair alone: it stays as it was before the event, and everything
else goes on.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from projections.kernel.blame import kind_of, place_of
from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.events import Recorded
from write_side.kernel.positions import Positions


class Touch(NamedTuple):
    """An event, and the documents that it touches."""

    event: Recorded
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Poison:
    """An event that a document cannot take: what was raised, and where, as in `DeadLetter`."""

    key: Key
    event: Recorded
    error: str
    place: str = ""

    def letter(self, attempts: int, at: datetime) -> DeadLetter:
        """The dead letter, `attempts` tries later, at `at` (UTC)."""
        name = self.event.event.event_name
        return DeadLetter(self.key, self.event.position, name, self.error, self.place, attempts, at)


def first_touches(projection: AnyProjection, events: Sequence[Recorded]) -> tuple[list[Touch], int] | Condition:
    """What the first of `events` (at least one) touch, and how many they are; or the condition of the very first.

    They end before one that touches by condition, which has to see what came before it. Raises what `touches` raises, if it
    is for the very first.
    """
    touches: list[Touch] = []
    for before, event in enumerate(events):
        try:
            touched = projection.touches(event)
        except Exception:
            if not before:
                raise
            return touches, before  # what comes before it can still be done
        if isinstance(touched, Condition):
            return (touches, before) if before else touched
        if touched:
            touches.append(Touch(event, touched))
    return touches, len(events)


class Folding:
    """Documents of one projection, event by event: `documents` are those that are there.

    What is in `left_out` is not touched, and what is in `known` not from that event on.
    """

    def __init__(
        self,
        projection: AnyProjection,
        positions: Positions,
        documents: Mapping[Key, Any],
        left_out: Container[Key] = (),
        known: Mapping[Key, Poison] | None = None,
    ) -> None:
        self._projection = projection
        self._positions = positions
        self._left_out = left_out
        self._known = known or {}
        self._documents: dict[Key, Any] = dict(documents)
        self._last: dict[Key, Recorded] = {}
        self._versions: dict[Key, int] = {}
        self.poison: dict[Key, Poison] = {}

    def fold(self, touches: Iterable[Touch]) -> None:
        """Folds some more."""
        fold, version_by = self._projection.unstamped, self._projection.version_by
        for event, keys in touches:
            for key in keys:
                if key in self._left_out or key in self.poison:
                    continue
                if (known := self._known.get(key)) is not None and known.event.position <= event.position:
                    self.poison[key] = known
                    continue
                try:
                    folded = fold(key, self._documents.get(key), event)
                except Exception as error:  # any: a document must not stop the others
                    self.poison[key] = Poison(key, event, kind_of(error), place_of(error))
                    continue
                if folded is not None:
                    self._documents[key], self._last[key] = folded, event
                    if (version := version_by(event)) is not None:
                        self._versions[key] = version

    @property
    def changed(self) -> Sequence[Key]:
        """The documents that are new or different."""
        return tuple(self._last)

    def finished(self, key: Key) -> tuple[Any, Stored]:
        """A changed document after all that was folded, and as it is stored. Raises whatever a fold has left in it."""
        token = self._positions.token(self._last[key].position)
        document = self._projection.stamped(self._documents[key], token, self._versions.get(key))
        return document, self._projection.shape.encode(document)

    def states(self, key: Key, touches: Iterable[Touch]) -> tuple[list[tuple[Recorded, Stored]], Poison | None]:
        """A document after each of the events that touch it, as it is stored, up to one that it cannot take."""
        states: list[tuple[Recorded, Stored]] = []
        document = self._documents.get(key)
        for event, keys in touches:
            if key not in keys:
                continue
            try:
                folded = self._projection.fold(key, document, event, self._positions.token(event.position))
                if folded is not None:
                    document = folded
                    states.append((event, self._projection.shape.encode(document)))
            except Exception as error:  # any: a document must not stop the others
                return states, Poison(key, event, kind_of(error), place_of(error))
        return states, None
