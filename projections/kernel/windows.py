"""Windows: the few events between two checkpoints, by the documents that they touch. Pure.

With them two generations that stand at different places are compared: each document is brought forward, in memory, to
the place that the later one has reached.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

from projections.kernel.conditions import Condition, holds
from projections.kernel.excerpts import Excerpt
from projections.kernel.generations import Checkpoint
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.replaying import Replay
from projections.kernel.shapes import Stored
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition, Positions


def reached(checkpoint: Checkpoint) -> LogPosition:
    """The last position that any document of a generation reflects: a fan-out under way has reached some of them."""
    return LogPosition(checkpoint.position + (checkpoint.partial is not None))


class Window:
    """The events of a projection between two places in the log, in their order."""

    def __init__(self, projection: AnyProjection, events: Sequence[Recorded], positions: Positions) -> None:
        self._projection = projection
        self._positions = positions
        self._by_key: defaultdict[Key, list[Recorded]] = defaultdict(list)
        self._by_condition: list[tuple[Recorded, Condition]] = []
        for event in events:
            touched = projection.touches(event)
            if isinstance(touched, Condition):
                self._by_condition.append((event, touched))
                continue
            for key in touched:
                self._by_key[key].append(event)

    def bring_forward(self, excerpt: Excerpt, within: Callable[[Key], bool]) -> Excerpt:
        """The documents of an excerpt at the end of the window, those that have come to be included.

        `within` says which keys the stretch is of. A document that cannot be brought forward counts as parked.
        """
        documents = {key: stored for key, stored in excerpt.documents.items() if within(key)}
        parked = {key for key in excerpt.parked if within(key)}
        for key in self._candidates(documents, within):
            if key in parked:
                continue
            try:
                forward = self._forward(key, documents.get(key), excerpt.checkpoint)
            except Exception:  # any: what is wrong with it, its projector finds out
                parked.add(key)
                continue
            if forward is not None:
                documents[key] = forward
        return Excerpt(excerpt.checkpoint, documents, parked)

    def _candidates(self, documents: dict[Key, Stored], within: Callable[[Key], bool]) -> set[Key]:
        """The documents that the window may change: what meets no condition now is changed by an event of its own first."""
        found = {key for key in self._by_key if within(key)}
        for _, condition in self._by_condition:
            found.update(key for key, stored in documents.items() if key not in found and holds(condition, stored))
        return found

    def _forward(self, key: Key, stored: Stored | None, checkpoint: Checkpoint) -> Stored | None:
        events = [*self._by_key.get(key, ()), *(event for event, _ in self._by_condition)]
        # Where a fan-out under way has reached it, the document's own position says so.
        pending = [event for event in events if event.position > checkpoint.position]
        pending.sort(key=lambda event: event.position)
        shape = self._projection.shape
        document = None if stored is None else shape.decode(stored)
        replay = Replay(self._projection, key, document, self._positions)
        replay.follow(pending)
        # What nothing has changed stays as it is stored, with whatever may be wrong with it.
        return stored if replay.document is document else replay.encoded()
