"""Claims on an in-memory store: poison parks one document, and any batches and any crashes give the same documents."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.claim import Claim
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import DocumentRefused, Fenced, StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import Stored
from projections.kernel.storing import Work
from tests.projections.kernel.fragile import folded, jar, jars, story
from tests.projections.kernel.memory import MemoryStore, now
from write_side.kernel.events import Recorded

BAD = Key(jar(1))
SECOND, THIRD = Key(jar(2)), Key(jar(3))


async def claim_of(store: MemoryStore, projection: AnyProjection, *, kept: int = 100, chunk: int = 100) -> Claim:
    generation = Generation(projection, 1)
    claimed = await store.claim(generation, "me", POSITIONS)
    assert claimed is not None
    return Claim(generation, store, POSITIONS, "me", claimed, now, kept=kept, chunk=chunk, pause=0)


def spoils(stored: Stored) -> str | None:
    """Why a jar is refused that was `spoilt`, as its validator would."""
    return "contents" if 0 in stored["contents"] else None


async def project(
    events: Sequence[Recorded], store: MemoryStore, projection: AnyProjection, *, batch: int = 100, chunk: int = 100
) -> Claim:
    """Projects to the end, by a new claim after each crash."""
    while True:
        claim = await claim_of(store, projection, chunk=chunk)
        try:
            while left := events[claim.position : claim.position + batch]:
                await claim.advance(left)
            await claim.settle()
            return claim
        except StoreUnavailable:
            continue


async def test_a_fold_that_raises_parks_its_document_and_nothing_else() -> None:
    events = story(["m1", "m2", "f1", "f2", "f1", "n1", "f2"])
    store = MemoryStore()

    claim = await project(events, store, jars({(BAD, 3)}))

    assert store.letters == {
        BAD: DeadLetter(
            key=BAD,
            position=events[2].position,
            event="jar-filled",
            error="Cracked",
            place=store.letters[BAD].place,
            attempts=3,
            parked_at=now(),
        )
    }
    assert store.letters[BAD].place.startswith("tests/projections/kernel/fragile.py:")
    assert store.letters[BAD].place.endswith(" suffer")
    assert store.documents[SECOND] == folded(events)[SECOND]
    assert store.documents[BAD] == folded(events[:1])[BAD]
    assert claim.checkpoint.position == len(events)


async def test_what_came_before_the_poison_is_in_the_document() -> None:
    events = story(["m1", "f1", "f1", "f1"])
    store = MemoryStore()

    await project(events, store, jars({(BAD, 3)}))

    assert store.documents == folded(events[:2])


async def test_a_document_that_could_not_be_begun_is_parked_without_one() -> None:
    events = story(["m1", "f1", "m2"])
    store = MemoryStore()

    await project(events, store, jars({(BAD, 1)}))

    assert store.documents.keys() == {SECOND}
    assert store.letters[BAD].position == 1


async def test_a_fold_that_raises_once_is_tried_again() -> None:
    class Once(set[tuple[str, int]]):
        def __contains__(self, found: object) -> bool:
            present = super().__contains__(found)
            self.clear()
            return present

    events = story(["m1", "f1"])
    store = MemoryStore()

    await project(events, store, jars(Once({(BAD, 2)})))

    assert store.letters == {}
    assert store.documents == folded(events)


async def test_an_event_for_many_leaves_out_whom_it_poisons() -> None:
    events = story(["m1", "m2", "m3", "n1"])
    store = MemoryStore()

    await project(events, store, jars({(BAD, 4)}), chunk=2)

    assert store.letters.keys() == {BAD}
    assert {key: stored["ownerName"] for key, stored in store.documents.items()} == {
        BAD: "?",
        SECOND: "Name 4",
        THIRD: "Name 4",
    }


@pytest.mark.parametrize("batch", [1, 2, 100])
async def test_a_document_that_is_refused_is_parked_at_the_very_event(batch: int) -> None:
    def full(stored: Stored) -> str | None:
        return "too full" if len(stored["contents"]) > 2 else None

    events = story(["m1", "m2", "f1", "f2", "f1", "n1", "f1", "f1", "f2"])
    store = MemoryStore(refuses=full)

    await project(events, store, jars(), batch=batch)

    assert store.letters.keys() == {BAD}
    assert store.letters[BAD].position == 7
    assert store.letters[BAD].error == "too full"
    assert store.documents == {**folded(events), BAD: folded(events[:6])[BAD]}


async def test_refused_and_raising_documents_of_one_batch_are_both_parked() -> None:
    events = story(["m1", "m2", "m3", "f1", "f2", "f3"])
    store = MemoryStore(refuses=lambda stored: "no" if stored["_id"] == SECOND and stored["contents"] else None)

    await project(events, store, jars({(BAD, 4)}))

    assert {key: letter.position for key, letter in store.letters.items()} == {BAD: 4, SECOND: 5}
    assert store.documents[THIRD] == folded(events)[THIRD]


@pytest.mark.parametrize("batch", [1, 2, 10])
async def test_a_document_that_cannot_be_encoded_is_parked_at_the_very_event(batch: int) -> None:
    events = story(["m1", "m2", "f1", "f1", "f2", "f1"])
    store = MemoryStore()

    await project(events, store, jars(unfit={(BAD, 4)}), batch=batch)

    assert {key: (letter.position, letter.error) for key, letter in store.letters.items()} == {BAD: (4, "TypeError")}
    assert store.documents == folded(events[:3]) | {SECOND: folded(events)[SECOND]}


async def test_a_store_that_refuses_and_does_not_say_what_stops_the_projection() -> None:
    class Sullen(MemoryStore):
        async def commit(self, generation: Generation, owner: str, work: Work) -> None:
            raise DocumentRefused("jars", None)

    with pytest.raises(DocumentRefused):
        await project(story(["m1"]), Sullen(), jars())


async def test_whoever_was_overtaken_changes_nothing() -> None:
    events = story(["m1", "f1"])
    store = MemoryStore()
    slow = await claim_of(store, jars())
    await project(events, store, jars())
    done = dict(store.documents)
    store.owner = "another"

    await slow.advance(events)
    with pytest.raises(Fenced):
        await slow.settle()

    assert store.documents == done


async def test_what_was_written_lately_is_not_read_again_and_what_is_started_never() -> None:
    events = story(["m1", "m2", "f1", "f2"])
    store = MemoryStore()
    claim = await claim_of(store, jars())

    await claim.advance(events[:2])
    await claim.advance(events[2:])
    await claim.settle()

    assert store.loaded == []
    assert store.documents == folded(events)


async def test_what_a_fan_out_has_changed_is_read_again() -> None:
    events = story(["m1", "n1", "f1"])
    store = MemoryStore()

    await project(events, store, jars(), batch=1)

    assert store.documents == folded(events)


async def test_no_more_is_kept_than_allowed() -> None:
    events = story(["m1", "m2", "f1", "f2"])
    store = MemoryStore()
    claim = await claim_of(store, jars(), kept=1)

    await claim.advance(events[:2])
    await claim.settle()
    await claim.advance(events[2:])
    await claim.settle()

    assert store.loaded == [BAD]
    assert store.documents == folded(events)


class Slow(MemoryStore):
    """Takes its time, and is asked meanwhile."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.going = asyncio.Event()
        self.on_their_way = 0

    async def commit(self, generation: Generation, owner: str, work: Work) -> None:
        self.on_their_way += 1
        await self.going.wait()
        await super().commit(generation, owner, work)


async def test_the_next_batch_is_folded_upon_what_is_being_committed_and_waits_for_it() -> None:
    events = story(["m1", "m2", "f1", "f2", "f1"])
    store = Slow()
    claim = await claim_of(store, jars(), kept=1)

    await claim.advance(events[:2])
    assert (claim.position, claim.checkpoint.position) == (2, 0)
    going_on = asyncio.create_task(claim.advance(events[2:4]))
    await asyncio.sleep(0.01)
    assert (store.on_their_way, store.documents, store.loaded) == (1, {}, [])

    store.going.set()
    await going_on
    await claim.advance(events[4:])
    await claim.settle()
    assert store.documents == folded(events)
    assert claim.position == claim.checkpoint.position == 5


async def test_what_was_folded_upon_a_batch_that_is_refused_is_folded_again() -> None:
    events = story(["m1", "m2", "f1", "f2", "f1", "f2"])
    store = MemoryStore(refuses=spoils)

    claim = await project(events, store, jars(spoilt={(BAD, 3)}), batch=2)

    assert {key: letter.position for key, letter in claim.parked.items()} == {BAD: 3}
    assert store.documents == folded(events[:2]) | {SECOND: folded(events)[SECOND]}


async def test_who_ends_leaves_nothing_under_way() -> None:
    events = story(["m1"])
    store = Slow(crash_after=frozenset({1}))
    claim = await claim_of(store, jars())
    await claim.advance(events)

    ending = asyncio.create_task(claim.end())
    await asyncio.sleep(0.01)
    assert not ending.done()
    store.going.set()
    await ending

    assert store.documents == folded(events)


STEPS = st.sampled_from(["m1", "m2", "m3", "f1", "f2", "f3", "M4", "f4", "n1", "n2"])


@settings(max_examples=100)
@given(
    steps=st.lists(STEPS, min_size=1, max_size=30),
    poison=st.sets(st.tuples(st.sampled_from([jar(1), jar(2), jar(4)]), st.integers(1, 30)), max_size=4),
    spoilt=st.sets(st.tuples(st.sampled_from([jar(1), jar(2), jar(4)]), st.integers(1, 30)), max_size=2),
    unfit=st.sets(st.tuples(st.sampled_from([jar(1), jar(2), jar(4)]), st.integers(1, 30)), max_size=2),
    batch=st.integers(1, 40),
    chunk=st.integers(1, 4),
    before=st.frozensets(st.integers(1, 30), max_size=6),
    after=st.frozensets(st.integers(1, 30), max_size=6),
)
def test_any_batches_any_poison_and_any_crashes_give_the_same(
    steps: list[str],
    poison: set[tuple[str, int]],
    spoilt: set[tuple[str, int]],
    unfit: set[tuple[str, int]],
    batch: int,
    chunk: int,
    before: frozenset[int],
    after: frozenset[int],
) -> None:
    """As one event after the other, without a crash. Also when a jar is filled that was never made."""
    events = story(steps)
    plain, store = MemoryStore(refuses=spoils), MemoryStore(crash_before=before, crash_after=after, refuses=spoils)

    asyncio.run(project(events, plain, jars(poison, spoilt, unfit), batch=1))
    asyncio.run(project(events, store, jars(poison, spoilt, unfit), batch=batch, chunk=chunk))

    assert store.documents == plain.documents
    assert {key: letter.position for key, letter in store.letters.items()} == {
        key: letter.position for key, letter in plain.letters.items()
    }
