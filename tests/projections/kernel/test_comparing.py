"""Comparing: what is different is found, and nothing else, wherever the two generations stand."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.kernel.comparing import MOST_KEPT, Comparing, Comparison
from projections.kernel.conditions import Condition, holds
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.differences import ABSENT, Difference, FieldDifference, Kind, difference, value_at
from projections.kernel.errors import TooFarBehind
from projections.kernel.generations import Checkpoint
from projections.kernel.projection import Key
from projections.kernel.replaying import MOST_PENDING
from projections.kernel.scenario import POSITIONS
from tests.projections.kernel.fragile import folded, jar, jars, story
from tests.projections.kernel.house import House
from tests.projections.kernel.memory import MemoryLog, MemoryStore, now
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition

JARS = jars()
STEPS = st.lists(st.sampled_from(["m1", "m2", "M3", "m4", "M5", "f1", "f2", "f3", "n1", "n2"]), max_size=25)


def possible(steps: Sequence[str]) -> list[Recorded]:
    """A story in which each jar is made once, and before it is filled."""
    made: set[str] = set()
    told = []
    for step in steps:
        makes = step[0] in "mM"
        if step[0] == "n" or makes != (step[1] in made):
            told.append(step)
            made |= {step[1]} if makes else set()
    return story(told)


def at(events: Sequence[Recorded], position: int, partial: Key | None = None) -> MemoryStore:
    """A generation that has folded so much, and of a fan-out that comes next the keys up to `partial`."""
    documents = folded(events[:position])
    if partial is not None:
        touched = JARS.touches(events[position])
        assert isinstance(touched, Condition)
        after = folded(events[: position + 1])
        documents |= {key: after[key] for key, one in documents.items() if holds(touched, one) and key <= partial}
    return MemoryStore(checkpoint=Checkpoint(LogPosition(position), None, partial), documents=documents)


async def compared(events: Sequence[Recorded], stored: MemoryStore, expected: MemoryStore, **given: int) -> Comparison:
    house = House()
    one, other = house.serve(JARS, stored), house.serve(JARS, expected)

    async def catch_up() -> None:
        """It stays where it is."""

    return await Comparing(house, MemoryLog(events), **given).compare(one, other, catch_up)


@st.composite
def standing(draw: st.DrawFn, events: list[Recorded]) -> MemoryStore:
    """A generation somewhere in the log, maybe in the middle of a fan-out."""
    position = draw(st.integers(0, len(events)))
    partial = None
    if position < len(events) and isinstance(JARS.touches(events[position]), Condition):
        partial = draw(st.none() | st.sampled_from([Key(jar(number)) for number in range(1, 6)]))
    return at(events, position, partial)


@given(STEPS, st.data(), st.integers(1, 7))
def test_two_that_stand_anywhere_do_not_differ(steps: list[str], data: st.DataObject, stretch: int) -> None:
    events = possible(steps)
    stored, expected = data.draw(standing(events)), data.draw(standing(events))

    found = asyncio.run(compared(events, stored, expected, stretch=stretch))

    assert (found.differing, found.differences, found.left_out) == (0, [], 0)
    assert found.documents == len(folded(events[: found.position]))


@given(STEPS, st.data(), st.integers(1, 7))
def test_what_is_wrong_in_one_of_them_is_found(steps: list[str], data: st.DataObject, stretch: int) -> None:
    events = possible(["m1", "m2", *steps])
    stored, expected = data.draw(standing(events)), data.draw(standing(events))
    wrong = data.draw(st.sampled_from(sorted(stored.documents)) if stored.documents else st.none())
    if wrong is None:
        return
    stored.documents[wrong] = {**stored.documents[wrong], "contents": ["a stone", *stored.documents[wrong]["contents"]]}

    found = asyncio.run(compared(events, stored, expected, stretch=stretch))

    assert [(one.key, one.kind) for one in found.differences] == [(wrong, Kind.DIFFERENT)]
    assert (found.differing, found.left_out) == (1, 0)


async def test_an_event_that_was_lost_is_not_made_good_by_the_comparison() -> None:
    events = story(["m1", "f1", "f1", "f1"])
    stored, expected = at(events, 4), at(events, 2)
    stored.documents = folded(events[:2])

    found = await compared(events, stored, expected)

    [lost] = found.differences
    assert {one.path: (one.stored, one.expected) for one in lost.fields} == {
        "version": (2, 4),
        "position": tuple(POSITIONS.token(LogPosition(position)) for position in (2, 4)),
        "contents.1": (ABSENT, "plum 3"),
        "contents.2": (ABSENT, "plum 4"),
    }


async def test_what_is_missing_and_what_should_not_be_there() -> None:
    events = story(["m1", "m2", "m3"])
    stored, expected = at(events, 3), at(events, 3)
    del stored.documents[Key(jar(1))], expected.documents[Key(jar(3))]

    found = await compared(events, stored, expected, stretch=2)

    assert found.differences == [Difference(Key(jar(1)), Kind.MISSING), Difference(Key(jar(3)), Kind.EXTRA)]


def parked_at(store: MemoryStore, position: int, key: Key) -> None:
    """Parks a document of a generation."""
    store.letters[key] = DeadLetter(key, LogPosition(position), "jar-filled", "Cracked", "", 3, now())


async def test_what_is_parked_on_both_sides_is_left_out_and_counted() -> None:
    events = story(["m1", "m2", "m3", "f1", "f2"])
    stored, expected = at(events, 5), at(events, 5)
    key = Key(jar(2))
    stored.documents[key] = folded(events[:3])[key]
    parked_at(stored, 5, key)
    # The other has never had it at all.
    del expected.documents[key]
    parked_at(expected, 2, key)

    found = await compared(events, stored, expected, stretch=2)

    assert (found.documents, found.left_out, found.differing, found.is_clean) == (3, 1, 0, True)


@pytest.mark.parametrize("in_stored", [True, False], ids=["in what is stored", "in what is expected"])
async def test_what_is_parked_on_one_side_only_is_counted_apart_and_not_clean(in_stored: bool) -> None:
    events = story(["m1", "m2", "m3", "f1", "f2"])
    stored, expected = at(events, 5), at(events, 5)
    key = Key(jar(2))
    parked_at(stored if in_stored else expected, 5, key)

    found = await compared(events, stored, expected, stretch=2)

    assert (found.parked_in_stored, found.parked_in_expected) == (int(in_stored), int(not in_stored))
    assert (found.apart, found.left_out, found.differing, found.is_clean) == ([key], 0, 0, False)


async def test_what_cannot_be_brought_forward_counts_as_parked() -> None:
    events = story(["m1", "m2", "f1"])
    poison = jars({(jar(1), 3)})
    house = House()
    stored, expected = at(events, 2), at(events, 3)
    one, other = house.serve(poison, stored), house.serve(poison, expected)

    async def catch_up() -> None:
        raise AssertionError("they are near enough")

    found = await Comparing(house, MemoryLog(events)).compare(one, other, catch_up)

    assert (found.parked_in_stored, found.left_out, found.differing) == (1, 0, 0)


async def test_differences_beyond_the_first_are_only_counted() -> None:
    events = story([f"m{number}" for number in range(1, MOST_KEPT + 21)])

    found = await compared(events, at(events, len(events)), at([], 0), stretch=9)

    assert (found.differing, found.differences) == (0, [])
    stored = at(events, len(events))
    stored.documents.clear()
    found = await compared(events, stored, at(events, len(events)), stretch=9)
    assert (found.differing, len(found.differences)) == (MOST_KEPT + 20, MOST_KEPT)


async def test_the_new_one_is_brought_forward_when_the_other_has_got_far() -> None:
    events = story(["m1", *["f1"] * 20])
    house = House()
    stored, expected = house.serve(JARS, at(events, 21)), house.serve(JARS, at(events, 1))

    async def catch_up() -> None:
        house.stores[expected] = at(events, 21)
        house.done.append("caught up")

    found = await Comparing(house, MemoryLog(events), far=10).compare(stored, expected, catch_up)

    assert (house.done, found.differing, found.position) == (["caught up"], 0, 21)


async def test_what_stays_too_far_behind_is_not_compared() -> None:
    stored, expected = at([], 0), at([], 0)
    expected.checkpoint = Checkpoint(LogPosition(MOST_PENDING + 1), None)
    with pytest.raises(TooFarBehind):
        await compared([], stored, expected)


def test_fields_that_differ_are_named_by_their_paths() -> None:
    stored = {"_id": "a", "total": {"amount": "1.00", "code": "EUR"}, "lines": [{"n": 1}, {"n": 2}], "note": None}
    expected = {"_id": "a", "total": {"amount": "2.00", "code": "EUR"}, "lines": [{"n": 1}, {"n": 3}, {"n": 4}]}

    found = difference(Key("a"), stored, expected)

    assert found == Difference(
        Key("a"),
        Kind.DIFFERENT,
        (
            FieldDifference("total.amount", "1.00", "2.00"),
            FieldDifference("lines.1.n", 2, 3),
            FieldDifference("lines.2", ABSENT, {"n": 4}),
            FieldDifference("note", None, ABSENT),
        ),
    )
    assert [value_at(one.path, stored) for one in found.fields] == [one.stored for one in found.fields]
    assert [value_at(one.path, expected) for one in found.fields] == [one.expected for one in found.fields]
    assert difference(Key("a"), stored, dict(stored)) is None
