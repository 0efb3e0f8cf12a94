"""Repairs on an in-memory store: what was parked becomes what the log folds to, at whatever moment it is asked for."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.claim import Claim
from projections.kernel.dead_letters import Remedy
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.repairs import BREATH, Repairs
from projections.kernel.shapes import Stored
from tests.projections.kernel.fragile import folded, jar, jars, story
from tests.projections.kernel.memory import MemoryLog, MemoryStore, now
from tests.projections.kernel.test_claim import STEPS, claim_of, project
from write_side.kernel.events import Recorded

BAD, SECOND = Key(jar(1)), Key(jar(2))


async def repair(
    events: list[Recorded], store: MemoryStore, projection: AnyProjection, remedy: Remedy, *, piece: int = 3
) -> Claim:
    """Repairs whatever is parked."""
    claim = await claim_of(store, projection)
    repairs = Repairs(claim, store, MemoryLog(events), now, piece=piece)
    repairs.ask(replace(letter, asked=remedy) for letter in store.letters.values())
    while repairs.under_way:
        await repairs.go_on()
    return claim


async def test_a_mended_fold_makes_it_whole_and_a_name_that_came_meanwhile_is_not_missed() -> None:
    events = story(["m1", "m2", "f1", "n1", "f1", "f2"])
    store, poison = MemoryStore(), {(BAD, 3)}
    await project(events, store, jars(poison))
    poison.clear()

    claim = await repair(events, store, jars(poison), Remedy.RETRY)

    assert store.letters == {}
    assert claim.parked == {}
    assert store.documents == folded(events)
    assert store.documents[BAD]["ownerName"] == "Name 4"


async def test_what_comes_while_it_is_replayed_is_in_it() -> None:
    events = story(["m1", "f1", "f1", "f1", "f1", "n1"])
    store, poison = MemoryStore(), {(BAD, 2)}
    projection = jars(poison)
    await project(events[:4], store, projection)
    poison.clear()
    claim = await claim_of(store, projection)
    repairs = Repairs(claim, store, MemoryLog(events), now, piece=1)
    repairs.ask([replace(store.letters[BAD], asked=Remedy.RETRY)])

    await repairs.go_on()
    await claim.advance(events[4:])
    while repairs.under_way:
        await repairs.go_on()

    # The last event names by condition: the document was still parked, and takes it when it is replayed.
    await claim.advance(events[5:])
    await claim.settle()
    assert store.documents == folded(events)
    assert store.letters == {}


async def test_what_still_raises_stays_parked_and_says_so() -> None:
    events = story(["m1", "f1", "f1", "f1"])
    store, poison = MemoryStore(), {(BAD, 2), (BAD, 4)}
    await project(events, store, jars(poison))
    poison.remove((BAD, 2))

    claim = await repair(events, store, jars(poison), Remedy.RETRY)

    assert store.letters[BAD].position == 4
    assert store.letters[BAD].attempts == 4
    assert store.letters[BAD].asked is None
    assert claim.parked.keys() == {BAD}
    assert store.documents == folded(events[:3])


async def test_what_is_still_refused_stays_parked_and_others_are_repaired() -> None:
    def full(stored: Stored) -> str | None:
        return "too full" if stored["_id"] == BAD and stored["contents"] else None

    events = story(["m1", "m2", "f1", "f2"])
    store, poison = MemoryStore(refuses=full), {(jar(2), 4)}
    await project(events, store, jars(poison))
    poison.clear()

    await repair(events, store, jars(poison), Remedy.RETRY)

    assert store.letters.keys() == {BAD}
    assert store.letters[BAD].error == "too full"
    assert store.documents == {**folded(events), BAD: folded(events[:1])[BAD]}


async def test_a_discarded_event_is_the_only_one_that_the_document_lacks() -> None:
    events = story(["m1", "f1", "f1", "f1"])
    store = MemoryStore()
    projection = jars({(BAD, 3)})
    await project(events, store, projection)

    await repair(events, store, projection, Remedy.DISCARD)

    assert store.letters == {}
    assert store.documents[BAD]["contents"] == ["plum 2", "plum 4"]


async def test_what_a_retry_leaves_parked_was_parked_when_it_was() -> None:
    long_ago = now() - timedelta(days=1)
    events = story(["m1", "m2", "f1", "f2"])
    store = MemoryStore(refuses=lambda stored: "too full" if stored["_id"] == SECOND and stored["contents"] else None)
    projection = jars({(BAD, 3)})
    await project(events, store, projection)
    store.letters = {key: replace(letter, parked_at=long_ago) for key, letter in store.letters.items()}

    await repair(events, store, projection, Remedy.RETRY)

    assert {key: (letter.parked_at, letter.tried_at) for key, letter in store.letters.items()} == {
        BAD: (long_ago, now()),
        SECOND: (long_ago, now()),
    }


@pytest.mark.parametrize("piece", [1, 2, 100])
async def test_what_cannot_be_encoded_stays_parked_at_the_very_event(piece: int) -> None:
    """Whether that is found out at an event that touches by a condition, or at the end."""
    for steps in (["m1", "f1", "f1", "f1"], ["m1", "f1", "f1", "n1", "f1"]):
        events = story(steps)
        store = MemoryStore()
        await project(events, store, jars({(BAD, 2)}))

        claim = await repair(events, store, jars(unfit={(BAD, 3)}), Remedy.RETRY, piece=piece)

        letter = store.letters[BAD]
        assert (letter.position, letter.error, letter.attempts, letter.asked) == (3, "TypeError", 4, None)
        assert store.documents == folded(events[:2])
        assert claim.parked.keys() == {BAD}


async def test_what_could_not_be_encoded_for_a_while_only_is_whole() -> None:
    """As it is when a projector folds both events in one batch."""
    events = story(["m1", "f1", "f1", "f1"])
    store = MemoryStore()
    await project(events, store, jars({(BAD, 2)}))
    mending = jars(unfit={(BAD, 2)}, emptied={(BAD, 3)})

    await repair(events, store, mending, Remedy.RETRY, piece=100)

    assert store.letters == {}
    assert store.documents[BAD]["contents"] == ["plum 4"]


async def test_what_is_asked_while_a_repair_is_under_way_is_not_forgotten() -> None:
    events = story(["m1", "f1", "f1"])
    store = MemoryStore()
    projection = jars({(BAD, 2)})
    await project(events, store, projection)
    claim = await claim_of(store, projection)
    repairs = Repairs(claim, store, MemoryLog(events), now, piece=1)
    repairs.ask([replace(store.letters[BAD], asked=Remedy.RETRY)])
    await repairs.go_on()

    store.letters[BAD] = replace(store.letters[BAD], asked=Remedy.DISCARD)
    repairs.ask(await store.asked(claim.generation))
    await repairs.go_on()
    repairs.ask(await store.asked(claim.generation))
    while repairs.under_way:
        await repairs.go_on()

    assert store.letters == {}
    assert store.documents[BAD]["contents"] == ["plum 3"]


async def test_what_was_asked_about_one_event_is_not_done_about_another() -> None:
    events = story(["m1", "f1", "f1", "f1"])
    store, poison = MemoryStore(), {(BAD, 2), (BAD, 3)}
    await project(events, store, jars(poison))
    poison.remove((BAD, 2))
    claim = await claim_of(store, jars(poison))
    repairs = Repairs(claim, store, MemoryLog(events), now, piece=1)
    first = store.letters[BAD]
    repairs.ask([replace(first, asked=Remedy.RETRY)])
    await repairs.go_on()
    store.letters[BAD] = replace(first, asked=Remedy.DISCARD)
    while repairs.under_way:
        await repairs.go_on()

    # It was read while the retry was being committed.
    repairs.ask([replace(first, asked=Remedy.DISCARD)])
    await repairs.go_on()

    assert not repairs.under_way
    assert (store.letters[BAD].position, store.letters[BAD].asked) == (3, None)
    assert store.documents == folded(events[:2])


async def test_others_get_their_turn_while_an_event_is_given_to_many() -> None:
    events = story([f"m{number}" for number in range(1, 201)] + ["n1"] * 20)
    store = MemoryStore()
    poison = {(jar(number), 201) for number in range(1, 201)}
    await project(events, store, jars(poison), chunk=1_000)
    claim = await claim_of(store, jars())
    repairs = Repairs(claim, store, MemoryLog(events), now)
    repairs.ask(replace(letter, asked=Remedy.RETRY) for letter in store.letters.values())
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    waiting = asyncio.create_task(others())
    await repairs.go_on()
    waiting.cancel()

    assert store.documents == folded(events)
    assert turns >= 200 * 20 / BREATH


async def test_a_document_without_a_beginning_is_begun_or_done_without() -> None:
    events = story(["m1", "f1"])
    store = MemoryStore()
    await project(events, store, jars({(BAD, 1)}))

    await repair(events, store, jars(), Remedy.RETRY)

    assert store.documents == folded(events)


async def test_what_is_parked_no_more_is_nobodys_business() -> None:
    events = story(["m1", "f1"])
    store = MemoryStore()
    await project(events, store, jars({(BAD, 2)}))
    letter = replace(store.letters.pop(BAD), asked=Remedy.RETRY)
    claim = await claim_of(store, jars())
    repairs = Repairs(claim, store, MemoryLog(events), now)

    repairs.ask([letter])
    await repairs.go_on()

    assert not repairs.under_way
    assert store.documents == folded(events[:1])


@settings(max_examples=100)
@given(
    steps=st.lists(STEPS, min_size=1, max_size=30),
    poison=st.sets(st.tuples(st.sampled_from([jar(1), jar(2), jar(4)]), st.integers(1, 30)), max_size=4),
    batch=st.integers(1, 40),
    piece=st.integers(1, 10),
)
def test_a_repair_undoes_what_poison_did(steps: list[str], poison: set[tuple[str, int]], batch: int, piece: int) -> None:
    events = story(steps)
    plain, store = MemoryStore(), MemoryStore()
    asyncio.run(project(events, plain, jars()))
    asyncio.run(project(events, store, jars(poison), batch=batch))

    asyncio.run(repair(events, store, jars(), Remedy.RETRY, piece=piece))

    assert store.documents == plain.documents
    assert store.letters.keys() == plain.letters.keys()
