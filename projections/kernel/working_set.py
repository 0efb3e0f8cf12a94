"""The documents that a claim has at hand, as they are at its checkpoint: what was written lately need not be read again.

Nobody else changes them: a commit fails when somebody has moved the checkpoint, and what is kept is thrown away with the
claim that it belongs to.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from projections.kernel.documents import Document
from projections.kernel.generations import Generation
from projections.kernel.projection import Key
from projections.kernel.storing import ProjectionStore

KEPT = 2_000
"""So many documents are kept, those that were used last."""


class WorkingSet:
    """Documents of one generation, under one claim of its checkpoint."""

    def __init__(self, generation: Generation, store: ProjectionStore, kept: int = KEPT) -> None:
        self._generation = generation
        self._store = store
        self._most = kept
        self._kept: OrderedDict[Key, Document] = OrderedDict()
        self._expected: Mapping[Key, Document] = {}

    async def load(self, keys: Iterable[Key], started: AbstractSet[Key]) -> dict[Key, Any]:
        """Those of the documents that are there, by key: one read at most. Of `started` nobody asks what was before."""
        found: dict[Key, Any] = {}
        wanted: list[Key] = []
        for key in keys:
            if (kept := self._expected.get(key) or self._kept.get(key)) is not None:
                found[key] = kept
            elif key not in started:
                wanted.append(key)
        if wanted:
            decode = self._generation.projection.shape.decode
            stored = await self._store.load(self._generation, wanted)
            found.update((key, decode(document)) for key, document in stored.items())
        return found

    def expect(self, documents: Mapping[Key, Any]) -> None:
        """Takes note of documents that are being committed: none of them is read until it is kept, or all are dropped."""
        self._expected = documents

    def keep(self, documents: Mapping[Key, Any]) -> None:
        """Takes note of documents that were committed, and that no others are expected."""
        self._expected = {}
        for key, document in documents.items():
            self._kept[key] = document
            self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, keys: Iterable[Key]) -> None:
        """Drops documents that were changed another way."""
        for key in keys:
            self._kept.pop(key, None)

    def clear(self) -> None:
        """Drops all of them."""
        self._expected = {}
        self._kept.clear()
