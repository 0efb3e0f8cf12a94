"""Rebuilding, going back and verifying, on generations in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from projections.kernel.comparing import Comparing
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.differences import ABSENT, FieldDifference, Kind
from projections.kernel.errors import HasDeadLetters, InUse, NoFormer, NotCaughtUp, NotReady
from projections.kernel.explaining import Explaining
from projections.kernel.generations import Alias, Checkpoint, Generation, Purpose
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.rebuilding import Builds, Rebuilding, Rebuilt, goes_on
from projections.kernel.scenario import OPENED, POSITIONS
from projections.kernel.verifying import Verified, Verifying
from tests.projections.kernel.fragile import folded, jar, jars, story
from tests.projections.kernel.house import House
from tests.projections.kernel.library import BOOKS
from tests.projections.kernel.memory import MemoryLog, MemoryStore, now
from write_side.kernel.events import Recorded
from write_side.kernel.positions import LogPosition

JARS = jars()
EVENTS = story(["m1", "f1", "m2", "n1", "f2", "f1"])


@dataclass
class Watching:
    """An observer that keeps what it is told."""

    positions: list[int] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)

    def reached(self, generation: Generation, position: LogPosition, head: LogPosition) -> None:
        self.positions.append(position)

    def compared(self, generation: Generation, documents: int) -> None:
        self.documents.append(documents)


def served(events: Sequence[Recorded]) -> MemoryStore:
    """A generation that has folded all of it."""
    return MemoryStore(checkpoint=Checkpoint(LogPosition(len(events)), None), documents=folded(events))


def builds(house: House, events: Sequence[Recorded]) -> Builds:
    return Builds(MemoryLog(events), house, now)


def rebuilding(house: House, events: Sequence[Recorded]) -> Rebuilding:
    return Rebuilding(house, builds(house, events), Comparing(house, MemoryLog(events)), patience=0.05)


def verifying(house: House, events: Sequence[Recorded]) -> Verifying:
    log = MemoryLog(events)
    return Verifying(house, builds(house, events), Comparing(house, log), Explaining(log, OPENED), POSITIONS.log_id)


def outcome(found: object) -> Rebuilt:
    assert isinstance(found, Rebuilt), found
    return found


async def test_a_rebuild_serves_what_the_log_folds_to() -> None:
    house, watching = House(), Watching()
    old = house.serve(JARS, served(EVENTS))

    found = await rebuilding(house, EVENTS).rebuild([JARS], watching)

    rebuilt = outcome(found[JARS])
    assert rebuilt.generation == Generation(JARS, 2)
    assert rebuilt.comparison is not None
    assert (rebuilt.comparison.documents, rebuilt.comparison.differing) == (2, 0)
    assert house.aliases[JARS] == Alias(POSITIONS.log_id, 2, former=1)
    assert house.stores[rebuilt.generation].documents == house.stores[old].documents == folded(EVENTS)
    assert house.done == ["completed 2", "switched to 2"]
    assert (watching.positions[-1], watching.documents) == (len(EVENTS), [2])
    assert house.stores[rebuilt.generation].owner is None


async def test_what_was_different_is_told_and_clients_have_to_read_again() -> None:
    house = House()
    old = house.stores[house.serve(JARS, served(EVENTS))]
    old.documents[Key(jar(1))] = {**old.documents[Key(jar(1))], "contents": []}

    rebuilt = outcome((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS])

    assert rebuilt.comparison is not None
    assert rebuilt.comparison.differing == 1
    assert house.done[-1] == "switched to 2, mended"


async def test_what_was_not_compared_is_taken_for_different() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))

    class Overtaken(Watching):
        def compared(self, generation: Generation, documents: int) -> None:
            """Another has come to be served meanwhile."""
            another = house.serve(JARS, served(EVENTS))
            house.aliases[JARS] = Alias(POSITIONS.log_id, another.number, generation.number)

    outcome((await rebuilding(house, EVENTS).rebuild([JARS], Overtaken()))[JARS])

    assert house.done[-1] == "switched to 2, mended"


async def test_a_first_generation_has_none_to_be_compared_with() -> None:
    house = House()

    rebuilt = outcome((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS])

    assert (rebuilt.comparison, house.done) == (None, ["completed 1", "switched to 1"])


async def test_what_is_served_gets_on_meanwhile() -> None:
    house = House(behind=3)
    house.serve(JARS, served(EVENTS))

    outcome((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS])

    assert house.done[-1] == "switched to 2"
    house.behind = 1_000_000
    assert isinstance((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS], NotCaughtUp)


async def test_it_goes_on_where_it_was_stopped() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))
    begun = await house.begin(JARS, Purpose.SERVING)
    house.stores[begun].checkpoint = Checkpoint(LogPosition(3), EVENTS[2].event_id)
    house.stores[begun].documents = folded(EVENTS[:3])

    assert outcome((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS]).generation == begun
    assert house.stores[begun].documents == folded(EVENTS)


async def test_what_is_gone_on_with_can_be_told_before() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))
    store = house.stores[await house.begin(JARS, Purpose.SERVING)]

    async def told(*, force: bool = False) -> list[int]:
        return [one.generation.number for one in await house.standings([JARS]) if goes_on(one, force=force)]

    assert await told() == []  # nothing is in it
    store.checkpoint = Checkpoint(LogPosition(3), EVENTS[2].event_id)
    assert await told() == [2]
    parked = DeadLetter(Key(jar(1)), LogPosition(2), "jar-filled", "Cracked", "", 3, now())
    store.letters[parked.key] = parked
    assert (await told(), await told(force=True)) == ([], [2])
    store.owner = "somebody"
    assert await told(force=True) == []


async def test_one_with_dead_letters_is_served_only_by_force_and_else_begun_anew() -> None:
    poison = {(jar(1), 2)}
    broken, house = jars(poison), House()
    house.serve(broken, served(EVENTS))

    refused = (await rebuilding(house, EVENTS).rebuild([broken], Watching()))[broken]
    assert isinstance(refused, HasDeadLetters)
    assert refused.count == 1
    assert house.aliases[broken].serving == 1

    forced = outcome((await rebuilding(house, EVENTS).rebuild([broken], Watching(), force=True))[broken])
    # A document that was parked is another one now for whoever has seen it whole.
    assert (forced.generation.number, house.done[-1]) == (2, "switched to 2, mended")

    await rebuilding(house, EVENTS).rebuild([broken], Watching())
    poison.clear()
    mended = outcome((await rebuilding(house, EVENTS).rebuild([broken], Watching()))[broken])
    assert mended.generation.number == 4
    assert "dropped 3" in house.done
    assert house.stores[mended.generation].documents == folded(EVENTS)


async def test_a_second_rebuild_is_kept_out() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))
    begun = await house.begin(JARS, Purpose.SERVING)
    house.stores[begun].taken = True

    assert isinstance((await rebuilding(house, EVENTS).rebuild([JARS], Watching()))[JARS], InUse)
    assert house.done == []


async def test_what_cannot_be_rebuilt_does_not_keep_the_others() -> None:
    house = House()
    house.serve(BOOKS, MemoryStore())
    house.serve(JARS, served(EVENTS))
    house.stores[await house.begin(BOOKS, Purpose.SERVING)].crash_before = frozenset([1])

    found = await rebuilding(house, EVENTS).rebuild([BOOKS, JARS], Watching())

    assert isinstance(found[BOOKS], Exception)
    assert outcome(found[JARS]).generation == Generation(JARS, 2)


async def test_going_back_brings_the_former_one_up_first() -> None:
    house = House()
    house.serve(JARS, served(EVENTS[:2]))
    house.serve(JARS, served(EVENTS))
    house.aliases[JARS] = Alias(POSITIONS.log_id, 2, former=1)
    house.stores[Generation(JARS, 1)].checkpoint = Checkpoint(LogPosition(2), EVENTS[1].event_id)

    found = await rebuilding(house, EVENTS).go_back([JARS, BOOKS], Watching())

    assert outcome(found[JARS]).generation == Generation(JARS, 1)
    assert house.stores[Generation(JARS, 1)].documents == folded(EVENTS)
    assert house.aliases[JARS] == Alias(POSITIONS.log_id, 1, former=2)
    assert isinstance(found[BOOKS], NoFormer)


def verified(found: object) -> Verified:
    assert isinstance(found, Verified), found
    return found


async def test_verify_finds_what_is_wrong_and_which_event_should_have_made_it() -> None:
    house = House()
    store = house.stores[house.serve(JARS, served(EVENTS))]
    key, other = Key(jar(1)), Key(jar(2))
    store.documents[key] = {**store.documents[key], "contents": ["plum 2"]}
    del store.documents[other]

    found = verified((await verifying(house, EVENTS).verify([JARS], Watching()))[JARS])

    [(first, makers), (missing, made)] = found.explained
    assert (first.key, first.fields) == (key, (FieldDifference("contents.1", ABSENT, "plum 6"),))
    assert {path: (maker.position, maker.event) for path, maker in makers.items()} == {"contents.1": (6, "jar-filled")}
    assert (missing.kind, [(maker.position, maker.event) for maker in made.values()]) == (Kind.MISSING, [(3, "jar-made")])
    assert house.done == ["dropped 2"]


async def test_verify_of_what_is_as_it_should_be() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))

    found = await verifying(house, EVENTS).verify([JARS, BOOKS], Watching())

    assert verified(found[JARS]).comparison.differing == 0
    assert isinstance(found[BOOKS], NotReady)
    assert list(house.stores) == [Generation(JARS, 1)]


async def test_what_is_dropped_before_it_is_claimed_does_not_keep_the_others() -> None:
    class Pruned(House):
        async def begin(self, projection: AnyProjection, purpose: Purpose) -> Generation:
            generation = await super().begin(projection, purpose)
            if projection is BOOKS:
                del self.stores[generation]
            return generation

    house = Pruned()
    house.serve(BOOKS, MemoryStore())
    house.serve(JARS, served(EVENTS))

    found = await verifying(house, EVENTS).verify([BOOKS, JARS], Watching())

    assert isinstance(found[BOOKS], NotReady)
    assert verified(found[JARS]).comparison.is_clean


async def test_verify_drops_what_a_killed_one_has_left_and_nothing_else() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))
    left = await house.begin(JARS, Purpose.VERIFYING)
    house.serve(JARS, served(EVENTS))

    await verifying(house, EVENTS).verify([JARS], Watching())

    assert left not in house.stores
    assert [generation.number for generation in house.stores] == [1, 3]


async def test_what_is_made_to_verify_is_dropped_however_it_ends() -> None:
    house = House()
    house.serve(JARS, served(EVENTS))

    class Interrupted(Watching):
        def compared(self, generation: Generation, documents: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await verifying(house, EVENTS).verify([JARS], Interrupted())

    assert list(house.stores) == [Generation(JARS, 1)]
