"""Excerpts: stretches of generations' documents, in the order of their keys, as they are at one moment."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from projections.kernel.generations import Checkpoint, Generation
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a generation, and where it stood at that moment. `parked` are keys of the stretch that are behind."""

    checkpoint: Checkpoint
    documents: Mapping[Key, Stored]
    parked: AbstractSet[Key] = frozenset()


class Excerpts(Protocol):
    """Reads whole generations, a stretch at a time."""

    async def read(self, generations: Sequence[Generation], after: Key | None, limit: int) -> Sequence[Excerpt]:
        """The next documents of each generation past the key `after`, up to `limit` of each; all at the same moment.

        Decimals are as shapes encode them. Raises `StoreUnavailable`, and `NotReady` for a generation that is
        not there.
        """
        ...
