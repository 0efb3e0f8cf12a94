"""Explaining: which event should have made what is different. One pass over the log does for many documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from projections.kernel.breaths import breaths
from projections.kernel.differences import ABSENT, Difference, value_at
from projections.kernel.projection import AnyProjection, Touched
from projections.kernel.replaying import BREATH, Replay
from projections.kernel.seeding import born
from projections.kernel.shapes import Stored
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import START, LogPosition

BATCH = 1_000
"""So many events are read at a time."""

WHOLE = ""
"""The path of a document as a whole, where it is missing."""


@dataclass(frozen=True, slots=True)
class Maker:
    """An event that made something what it should be: its place in the log, its name, and when it happened (UTC)."""

    position: LogPosition
    event: str
    occurred_at: datetime


Makers = Mapping[str, Maker]
"""By the path of each differing field the event that should have made it; `WHOLE` for a document that is missing.

What no event has made is not in it: what a document is born with, and what should not be there.
"""


@dataclass(slots=True)
class _Case:
    """A differing document: as it comes to be, event by event, and which of them made each path what it is."""

    projection: AnyProjection
    replay: Replay[Any]
    paths: tuple[str, ...]
    makers: dict[str, Maker] = field(default_factory=dict)
    failed: bool = False


class Explaining:
    """Explains differences. `opened` is when the log was made (UTC)."""

    def __init__(self, log: LogReader, opened: datetime, batch: int = BATCH) -> None:
        self._log = log
        self._opened = opened
        self._batch = batch

    async def explain(self, differences: Sequence[tuple[AnyProjection, Difference]], to: LogPosition) -> Sequence[Makers]:
        """For each difference, by path, the last event up to `to` after which it was what it should be.

        Raises `LogUnavailable`.
        """
        cases = [self._case(projection, difference) for projection, difference in differences]
        after = START
        while cases and after < to:
            events = await self._log.read(after, min(self._batch, to - after))
            if not events:
                break
            after = events[-1].position
            async for some in breaths(events, BREATH):
                for projection in dict.fromkeys(case.projection for case in cases):
                    self._follow(projection, cases, some)
        return [case.makers for case in cases]

    def _case(self, projection: AnyProjection, difference: Difference) -> _Case:
        paths = tuple(one.path for one in difference.fields) or (WHOLE,)
        stored = born(projection, self._log.positions, self._opened).get(difference.key)
        document = None if stored is None else projection.shape.decode(stored)
        return _Case(projection, Replay(projection, difference.key, document, self._log.positions), paths)

    def _follow(self, projection: AnyProjection, cases: Sequence[_Case], events: Sequence[Recorded]) -> None:
        own = [case for case in cases if case.projection is projection]
        for event in events:
            touched = projection.touches(event)
            for case in own:
                if not case.failed:
                    _fold(case, event, touched)


def _fold(case: _Case, event: Recorded, touched: Touched) -> None:
    replay = case.replay
    try:
        before = replay.encoded()
        if not replay.is_among(touched):
            return
        replay.fold(event)
        after = replay.encoded()
    except Exception:  # any: what came before it is explained all the same
        case.failed = True
        return
    for path in case.paths:
        if _at(path, after) != _at(path, before):
            case.makers[path] = Maker(event.position, event.event.event_name, event.occurred_at)


def _at(path: str, stored: Stored | None) -> object:
    if path == WHOLE:
        return stored is not None
    return ABSENT if stored is None else value_at(path, stored)
