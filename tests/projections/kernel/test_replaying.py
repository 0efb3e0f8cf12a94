"""Replays: one document brought forward by the log, over whatever was stored at a checkpoint."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.kernel.errors import MissingDocument, TooFarBehind
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.replaying import MOST_PENDING, LogReplays, Replay
from projections.kernel.scenario import OPENED, POSITIONS, Recorder, fold_all
from projections.kernel.shapes import Stored
from projections.kernel.tail import Tail
from tests.projections.kernel.library import (
    BOOKS,
    EMMA,
    EMMA_BOUGHT,
    HALL,
    PERSUASION,
    SHELVES,
    BookLent,
    BookMoved,
    BookRetitled,
    ShelfRenamed,
)
from tests.projections.kernel.memory import MemoryLog
from tests.projections.read_models.histories import histories
from tests.projections.read_models.registry import READ_MODELS
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition, Position


@dataclass
class Stands:
    """Stored documents and how far they are known to be projected. The ports `Documents` and `Freshness`."""

    documents: dict[Key, Stored] = field(default_factory=dict)
    known: int = 0

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        return LogPosition(self.known)

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        raise AssertionError("a replay waits for nothing")

    def mended(self, projection: AnyProjection) -> LogPosition | None:
        raise AssertionError("a replay tells no news")

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        return self.documents.get(key)

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        raise AssertionError("a replay reads one document")


class CountingLog(MemoryLog):
    """Counts the reads."""

    reads = 0

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        self.reads += 1
        return await super().read(after, limit)


def replays(events: Sequence[Recorded], stands: Stands) -> tuple[LogReplays, CountingLog]:
    log = CountingLog(events)
    return LogReplays(stands, stands, Tail(log), POSITIONS), log


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(histories(), st.data())
def test_over_any_checkpoint_it_is_the_whole_fold(log: list[Recorded], data: st.DataObject) -> None:
    projection: AnyProjection = data.draw(st.sampled_from(READ_MODELS))
    # A projector may be past what is known of it.
    known, at, to = sorted(data.draw(st.tuples(*[st.integers(0, len(log))] * 3)))
    stored, expected = (
        {key: projection.shape.encode(one) for key, one in fold_all(projection, log[:end], POSITIONS, OPENED).items()}
        for end in (at, to)
    )
    made, _ = replays(log, Stands(stored, known))

    async def found() -> dict[Key, Stored | None]:
        return {key: await made.find(projection, key, LogPosition(to)) for key in [*expected, Key("none")]}

    assert asyncio.run(found()) == {**expected, Key("none"): None}


def replay(projection: AnyProjection, key: str, document: Any, events: Sequence[Recorded]) -> Any:
    """The document after the events."""
    made = Replay(projection, Key(key), document, POSITIONS)
    made.follow(events)
    return made.document


def library() -> list[Recorded]:
    log = Recorder()
    log.record("book", EMMA, EMMA_BOUGHT)
    log.record("book", PERSUASION, EMMA_BOUGHT)
    log.record("shelf", HALL, ShelfRenamed(shelf="hall", name="attic"))
    log.record("book", EMMA, BookRetitled(title="Emma!"))
    log.record("shelf", HALL, ShelfRenamed(shelf="hall", name="cellar"))
    return log.events


def stored_after(events: Sequence[Recorded]) -> dict[Key, Stored]:
    return {key: BOOKS.shape.encode(one) for key, one in fold_all(BOOKS, events, POSITIONS, OPENED).items()}


def test_a_condition_is_held_against_the_document_as_it_stands() -> None:
    events = library()
    emma = replay(BOOKS, EMMA, None, events)
    assert emma is not None
    # It had left the hall before those in the hall were moved to the cellar.
    assert (emma.shelf, emma.title, emma.position) == ("attic", "Emma!", POSITIONS.token(LogPosition(4)))


def test_what_the_document_reflects_is_passed_over() -> None:
    events = library()
    before = fold_all(BOOKS, events[:3], POSITIONS, OPENED)[Key(EMMA)]
    after = replay(BOOKS, EMMA, before, events)
    assert after == fold_all(BOOKS, events, POSITIONS, OPENED)[Key(EMMA)]


def test_one_that_is_not_there() -> None:
    log = Recorder()
    lent = log.record("book", EMMA, BookLent(reader="Ann"))
    retitled = log.record("book", EMMA, BookRetitled(title="Emma!"))
    moved = log.record("book", EMMA, BookMoved(shelves=("attic",)))

    assert replay(BOOKS, EMMA, None, [lent]) is None
    with pytest.raises(MissingDocument):
        replay(BOOKS, EMMA, None, [retitled])
    attic = replay(SHELVES, "shl_attic", None, [moved])
    assert attic is not None
    assert (attic.moves, attic.position) == (1, Position(POSITIONS.token(LogPosition(3))))


def test_it_is_encoded_once_for_each_state() -> None:
    events = library()
    emma = Replay(BOOKS, Key(EMMA), None, POSITIONS)
    emma.follow(events[:3])

    stored = emma.encoded()
    emma.follow(events[4:])  # it touches what is in the hall, and Emma is there no more

    assert stored == stored_after(events[:3])[Key(EMMA)]
    assert emma.encoded() is stored
    emma.fold(events[3])
    assert emma.encoded() == stored_after(events[:4])[Key(EMMA)]


async def test_one_that_a_fan_out_has_reached_and_one_that_it_has_not() -> None:
    events = library()
    stored = stored_after(events[:2])
    stored[Key(EMMA)] = stored_after(events[:3])[Key(EMMA)]
    made, _ = replays(events, Stands(stored, known=2))

    assert [await made.find(BOOKS, Key(key), LogPosition(3)) for key in (EMMA, PERSUASION)] == list(
        stored_after(events[:3]).values()
    )


async def test_what_is_fresh_enough_is_answered_without_the_log() -> None:
    events = library()
    stands = Stands(stored_after(events), known=2)
    made, log = replays(events, stands)

    assert await made.find(BOOKS, Key(EMMA), LogPosition(4)) == stands.documents[Key(EMMA)]
    assert await made.find(BOOKS, Key("bok_none"), LogPosition(2)) is None
    assert log.reads == 0


async def test_many_that_replay_read_the_log_once() -> None:
    events = library()
    made, log = replays(events, Stands(stored_after(events[:1]), known=1))

    found = await asyncio.gather(*(made.find(BOOKS, Key(key), LogPosition(5)) for key in [EMMA, PERSUASION] * 5))

    assert found == list(stored_after(events).values()) * 5
    assert log.reads == 1


async def test_what_is_in_memory_may_end_short_of_it() -> None:
    events = library()
    stands = Stands(stored_after(events[:1]), known=1)
    made, log = replays(events, stands)
    await made.find(BOOKS, Key(EMMA), LogPosition(3))

    assert await made.find(BOOKS, Key(EMMA), LogPosition(5)) == stored_after(events)[Key(EMMA)]
    assert log.reads == 2


async def test_too_many_pending_events_are_not_folded() -> None:
    made, log = replays([], Stands(known=1))
    with pytest.raises(TooFarBehind) as raised:
        await made.find(BOOKS, Key(EMMA), LogPosition(MOST_PENDING + 2))
    assert (raised.value.pending, log.reads) == (MOST_PENDING + 1, 0)
