"""Attempts: a batch folded at one go, up to what would be stored of it. No I/O; others get their turn in between."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projections.kernel.batches import Folding, Poison, Touch
from projections.kernel.breaths import breaths
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.events import Recorded
from write_side.kernel.positions import Positions

BREATH = 50
"""After so many documents or events others get their turn."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of `touches`: the documents that have changed, as they are and as they are stored.

    `poison` is what could not be folded. `unfit` are those that were folded, and are nothing that could be stored.
    """

    touches: Sequence[Touch]
    changed: Mapping[Key, Any]
    encoded: Sequence[Stored]
    poison: Mapping[Key, Poison]
    unfit: Sequence[Key]
    before: Folding

    @property
    def is_whole(self) -> bool:
        """Whether everything could be folded, and would be stored."""
        return not self.poison and not self.unfit

    def states(self, key: Key) -> Sequence[tuple[Recorded, Stored]]:
        """A document after each event that touches it, as it would be stored, up to one that it cannot take."""
        return self.before.states(key, self.touches)[0]

    def poisoned(self) -> dict[Key, Poison]:
        """All that is at fault: of those that are unfit, the event that made them so."""
        found = (self.before.states(key, self.touches)[1] for key in self.unfit)
        return {**self.poison, **{poison.key: poison for poison in found if poison is not None}}


async def attempted(
    projection: AnyProjection,
    positions: Positions,
    documents: Mapping[Key, Any],
    touches: Sequence[Touch],
    left_out: Container[Key] = (),
    known: Mapping[Key, Poison] | None = None,
) -> Attempt:
    """Folds `touches` into `documents`, which are left as they are. The others are as `Folding` has them."""
    folding = Folding(projection, positions, documents, left_out, known)
    async for some in breaths(touches, BREATH):
        folding.fold(some)
    changed: dict[Key, Any] = {}
    encoded: list[Stored] = []
    unfit: list[Key] = []
    async for keys in breaths(folding.changed, BREATH):
        for key in keys:
            try:
                document, stored = folding.finished(key)
            except Exception:  # any: a document must not stop the others. What it is, is asked for if it stays so
                unfit.append(key)
            else:
                changed[key] = document
                encoded.append(stored)
    return Attempt(touches, changed, encoded, folding.poison, unfit, Folding(projection, positions, documents))
