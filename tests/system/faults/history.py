"""What happens to the jars, in the log, and what has to become of them."""

from collections.abc import Mapping, Sequence

from projections.kernel.generations import Checkpoint
from projections.kernel.projection import Key
from projections.kernel.scenario import fold_all
from projections.kernel.shapes import Stored
from tests.projections.kernel.fragile import jars, story
from tests.system.faults.cellar import Cellar
from write_side.kernel.append import EMPTY, Append, Appended, Head, NewEvent
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.store import PostgresLog

JARS = 30

BATCHES = (1, 100, 1_000)
"""The sizes of batches that are tried."""


def a_story(batch: int) -> list[str]:
    """Jars are made, their owner is renamed, they are filled for more than a batch, and all but the making once more."""
    filled = [f"f{number % JARS + 1}" for number in range(max(60, batch + batch // 10))]
    return [*(f"m{number}" for number in range(1, JARS + 1)), "n1", *filled, "n1", *filled[:40]]


class History:
    """Writes a story, as `story` spells it, into a log that is empty at first."""

    def __init__(self, log: PostgresLog) -> None:
        self._log = log
        self._steps: list[str] = []
        self._heads: dict[StreamName, Head] = {}

    async def go_on(self, steps: Sequence[str]) -> None:
        """Has more happen."""
        self._steps += steps
        happened = story(self._steps)[-len(steps) :]
        heads = {event.stream: self._heads.get(event.stream, EMPTY) for event in happened}
        new = tuple(NewEvent(event.event_id, event.stream, event.version, event.event) for event in happened)
        last = happened[-1]
        append = Append(last.stream, heads, new, b"", False, last.metadata, last.occurred_at)
        assert isinstance((await self._log.append([append]))[0], Appended)
        self._heads |= {event.stream: Head(event.version, event.event_id) for event in happened}


async def assert_whole(cellar: Cellar, parked: Mapping[Key, LogPosition] | None = None) -> None:
    """What is served is what the log folds to, up to its end; and a parked document what it folds to up to its letter."""
    parked = parked or {}
    events = await _events(cellar.log)
    generation = await cellar.served()
    letters = [each for each in await cellar.letters.find([cellar.projection]) if each[0] == generation]
    assert {letter.key: letter.position for _, letter in letters} == parked
    assert len(letters) == len(parked)
    expected = _folded(cellar, events)
    for key, position in parked.items():
        before = _folded(cellar, events[: position - 1])
        expected.pop(key, None)
        if key in before:
            expected[key] = before[key]
    stored = await cellar.collections.documents(generation).find().to_list(None)
    assert {document["_id"]: document for document in stored} == expected
    assert (await cellar.checkpoint()) == Checkpoint(events[-1].position, events[-1].event_id)


def _folded(cellar: Cellar, events: Sequence[Recorded]) -> dict[Key, Stored]:
    projection = jars()
    documents = fold_all(projection, events, cellar.log.positions, cellar.log.created_at)
    return {key: projection.shape.encode(document) for key, document in documents.items()}


async def _events(log: PostgresLog) -> Sequence[Recorded]:
    events: list[Recorded] = []
    while more := await log.read(LogPosition(len(events)), 5_000):
        events += more
    return events
