"""Comparing: two generations of a projection, document by document, while events come in.

Memory is bounded: both are read a stretch at a time. A stretch is read at one moment, of which both checkpoints are known,
and brought to the place that the later one has reached: only what is really different is found.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from projections.kernel.breaths import breaths
from projections.kernel.differences import Difference, difference
from projections.kernel.errors import TooFarBehind
from projections.kernel.excerpts import Excerpt, Excerpts
from projections.kernel.generations import Generation
from projections.kernel.projection import Key
from projections.kernel.replaying import MOST_PENDING
from projections.kernel.windows import Window, reached
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

STRETCH = 1_000
"""So many documents of each generation are read together."""

FAR = 2_000
"""With so many events between the two, the one that can be is brought forward before the next stretch."""

MOST_KEPT = 100
"""So many differences are kept; all are counted."""

BREATH = 100
"""After so many documents others get their turn."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out: how many documents there are, how many of them differ, and how many could not be compared.

    What is parked is not compared. `left_out` are parked on both sides; `parked_in_stored` and `parked_in_expected` on that
    side only: the other has folded what this one could not. `differences` are the first of those that differ, `apart` the
    first that are parked on one side. `position` is the place in the log that all was brought to last.
    """

    documents: int
    differing: int
    left_out: int
    parked_in_stored: int
    parked_in_expected: int
    differences: Sequence[Difference]
    apart: Sequence[Key]
    position: LogPosition

    @property
    def is_clean(self) -> bool:
        """Whether the log says nothing else than what is stored. What is parked on both sides is behind on both."""
        return not (self.differing or self.parked_in_stored or self.parked_in_expected)


class Comparing:
    """Compares generations. Each is folded from the log that `log` reads."""

    def __init__(self, excerpts: Excerpts, log: LogReader, stretch: int = STRETCH, far: int = FAR) -> None:
        self._excerpts = excerpts
        self._log = log
        self._stretch = stretch
        self._far = far

    async def compare(
        self,
        stored: Generation,
        expected: Generation,
        catch_up: Callable[[], Awaitable[object]],
        progress: Callable[[int], None] = lambda _: None,
    ) -> Comparison:
        """Holds every document of `stored` against that of `expected`, which `catch_up` brings up to the log's end.

        `progress` is told how many documents were compared. Raises `TooFarBehind` where `stored` stays too far behind,
        `StoreUnavailable`, `LogUnavailable`.
        """
        documents = differing = left_out = parked_in_stored = parked_in_expected = 0
        kept: list[Difference] = []
        apart: list[Key] = []
        after: Key | None = None
        while True:
            one, other = await self._read(stored, expected, after, catch_up)
            end = _end((one, other), self._stretch)
            brought, other_brought, position = await self._level(stored, one, other, after, end)
            left = brought.parked | other_brought.parked
            keys = sorted(brought.documents.keys() | other_brought.documents.keys() | left)
            async for some in breaths([key for key in keys if key not in left], BREATH):
                for key in some:
                    found = difference(key, brought.documents.get(key), other_brought.documents.get(key))
                    if found is not None:
                        differing += 1
                        kept += [found][: MOST_KEPT - len(kept)]
            documents += len(keys)
            left_out += len(brought.parked & other_brought.parked)
            parked_in_stored += len(brought.parked - other_brought.parked)
            parked_in_expected += len(other_brought.parked - brought.parked)
            apart += sorted(brought.parked ^ other_brought.parked)[: MOST_KEPT - len(apart)]
            progress(documents)
            if end is None:
                return Comparison(
                    documents, differing, left_out, parked_in_stored, parked_in_expected, kept, apart, position
                )
            after = end

    async def _read(
        self, stored: Generation, expected: Generation, after: Key | None, catch_up: Callable[[], Awaitable[object]]
    ) -> tuple[Excerpt, Excerpt]:
        """The next stretch of both, near enough to one another."""
        caught_up = False
        while True:
            one, other = await self._excerpts.read((stored, expected), after, self._stretch)
            ahead = reached(one.checkpoint) - reached(other.checkpoint)
            if not caught_up and ahead > self._far:
                await catch_up()
                caught_up = True
                continue
            if abs(ahead) > MOST_PENDING:
                raise TooFarBehind(abs(ahead))
            return one, other

    async def _level(
        self, generation: Generation, one: Excerpt, other: Excerpt, after: Key | None, end: Key | None
    ) -> tuple[Excerpt, Excerpt, LogPosition]:
        """Both at the same place, cut to the stretch from `after` to `end`."""
        first = min(one.checkpoint.position, other.checkpoint.position)
        last = max(reached(one.checkpoint), reached(other.checkpoint))
        window = Window(generation.projection, await self._events(first, last), self._log.positions)

        def within(key: Key) -> bool:
            return (after is None or key > after) and (end is None or key <= end)

        return window.bring_forward(one, within), window.bring_forward(other, within), last

    async def _events(self, after: LogPosition, to: LogPosition) -> Sequence[Recorded]:
        events: list[Recorded] = []
        while after < to:
            more = await self._log.read(after, to - after)
            if not more:
                raise LogUnavailable(f"the log that answered ends at {after}")
            events += more
            after = events[-1].position
        return events


def _end(excerpts: Sequence[Excerpt], stretch: int) -> Key | None:
    """The last key that all of them have come to; None at the end of all."""
    return min((max(each.documents) for each in excerpts if len(each.documents) >= stretch), default=None)
