"""Building on in-memory stores: side by side, on after a crash, and one that fails leaves the others be."""

from collections.abc import Sequence

import pytest

from projections.kernel.building import claimed_by
from projections.kernel.errors import InUse, NotReady, StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.projection import Key
from projections.kernel.storing import Claimed, Work
from tests.projections.kernel.fragile import folded, jar, jars, story
from tests.projections.kernel.memory import MemoryLog, MemoryStore, now
from write_side.kernel.events import Recorded, Unreadable
from write_side.kernel.positions import LogPosition, Positions

EVENTS = story(["m1", "m2", "f1", "n1", "f2", "f1", "n1"])


class Several(MemoryStore):
    """Stores of several generations behind one port."""

    def __init__(self, stores: dict[Generation, MemoryStore]) -> None:
        super().__init__()
        self._stores = stores

    def __getattribute__(self, name: str) -> object:
        if name not in {"claim", "renew", "release", "load", "matching", "commit", "refused", "asked"}:
            return super().__getattribute__(name)

        async def call(generation: Generation, *given: object) -> object:
            return await getattr(self._stores[generation], name)(generation, *given)

        return call


async def test_what_is_built_is_what_the_log_folds_to_and_how_far_it_is_is_told() -> None:
    generation = Generation(jars(), 2)
    store, told = MemoryStore(), []

    async with claimed_by("me", [generation], MemoryLog(EVENTS), store, now, batch=3) as building:
        head = await building.catch_up(lambda _, position, end: told.append((position, end)))

    assert head == len(EVENTS)
    assert store.documents == folded(EVENTS)
    assert store.owner is None
    assert told == sorted(told)
    assert told[-1] == (len(EVENTS), len(EVENTS))


async def test_it_catches_up_with_a_log_that_has_no_end() -> None:
    class Endless(MemoryLog):
        """Grows by an event whenever it is read."""

        async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
            found = EVENTS[after : min(after + limit, len(self.events))]
            self.events = EVENTS[: len(self.events) + 1]
            return found

    generation, store, log = Generation(jars(), 2), MemoryStore(), Endless(EVENTS[:2])

    async with claimed_by("me", [generation], log, store, now) as building:
        assert await building.catch_up() == 2
        assert await building.catch_up() > 2


async def test_one_is_brought_up_alone_and_given_up_before_the_others() -> None:
    first, second = Generation(jars(), 2), Generation(jars(), 3)
    stores = {first: MemoryStore(), second: MemoryStore()}

    async with claimed_by("me", [first, second], MemoryLog(EVENTS), Several(stores), now) as building:
        await building.catch_up(only=first)
        assert (stores[first].documents, stores[second].documents) == (folded(EVENTS), {})
        await building.leave(first)
        assert (stores[first].owner, stores[second].owner) == (None, "me")
        stores[first].owner = "another"
        await building.catch_up()

    assert stores[second].documents == folded(EVENTS)
    assert stores[first].owner == "another"


async def test_one_that_is_gone_leaves_the_others_be() -> None:
    class Gone(MemoryStore):
        async def claim(self, generation: Generation, owner: str, positions: Positions) -> Claimed | None:
            raise NotReady(f"there is no {generation.id}")

    gone, there = Generation(jars(), 2), Generation(jars(), 3)
    stores = {gone: Gone(), there: MemoryStore()}

    async with claimed_by("me", [gone, there], MemoryLog(EVENTS), Several(stores), now) as building:
        await building.catch_up()
        with pytest.raises(NotReady):
            building.claim(gone)

    assert stores[there].documents == folded(EVENTS)


async def test_it_goes_on_from_its_own_checkpoint() -> None:
    generation, store = Generation(jars(), 2), MemoryStore(crash_after=frozenset({2}))
    log = MemoryLog(EVENTS)
    async with claimed_by("me", [generation], log, store, now, batch=2) as building:
        await building.catch_up()
        with pytest.raises(StoreUnavailable):
            building.claim(generation)
    written = store.commits

    async with claimed_by("another", [generation], log, store, now, batch=2) as building:
        await building.catch_up()
        building.claim(generation)

    assert store.documents == folded(EVENTS)
    assert store.commits > written == 2


async def test_those_that_stand_elsewhere_are_built_side_by_side() -> None:
    first, second = Generation(jars(), 2), Generation(jars(), 3)
    stores = {first: MemoryStore(), second: MemoryStore()}
    async with claimed_by("me", [first], MemoryLog(EVENTS[:4]), Several(stores), now) as building:
        await building.catch_up()

    async with claimed_by("me", [first, second], MemoryLog(EVENTS), Several(stores), now, batch=2) as building:
        await building.catch_up()

    assert stores[first].documents == stores[second].documents == folded(EVENTS)


async def test_one_that_fails_leaves_the_others_be() -> None:
    bad, good = Generation(jars(), 2), Generation(jars(), 3)
    stores = {bad: MemoryStore(crash_before=frozenset({1})), good: MemoryStore()}

    async with claimed_by("me", [bad, good], MemoryLog(EVENTS), Several(stores), now, batch=2) as building:
        await building.catch_up()

        assert building.failed.keys() == {bad}
        building.claim(good)
    assert stores[good].documents == folded(EVENTS)


async def test_what_is_parked_is_parked() -> None:
    generation, store = Generation(jars({(jar(1), 3)}), 2), MemoryStore()

    async with claimed_by("me", [generation], MemoryLog(EVENTS), store, now) as building:
        await building.catch_up()

    assert store.letters.keys() == {jar(1)}
    assert store.checkpoint.position == len(EVENTS)


async def test_what_it_cannot_read_ends_it_there() -> None:
    broken = EVENTS[4]._replace(event=Unreadable(stored_name="jar-filled", stored_schema=2, error="?"))
    log: Sequence[Recorded] = [*EVENTS[:4], broken, *EVENTS[5:]]
    generation, store = Generation(jars(), 2), MemoryStore()

    async with claimed_by("me", [generation], MemoryLog(log), store, now) as building:
        await building.catch_up()

        assert isinstance(building.failed[generation], Exception)
    assert store.checkpoint.position == LogPosition(4)
    assert store.documents == folded(EVENTS[:4])


async def test_two_do_not_build_the_same() -> None:
    taken, free = Generation(jars(), 2), Generation(jars(), 3)
    stores = {taken: MemoryStore(taken=True), free: MemoryStore()}
    async with claimed_by("me", [taken, free], MemoryLog(EVENTS), Several(stores), now) as building:
        await building.catch_up()
        with pytest.raises(InUse):
            building.claim(taken)

    assert (stores[taken].documents, stores[free].documents) == ({}, folded(EVENTS))


async def test_a_fan_out_that_was_begun_goes_on_where_it_was() -> None:
    events = story(["m1", "m2", "m3", "n1"])
    written: list[Key] = []

    class Counting(MemoryStore):
        async def commit(self, generation: Generation, owner: str, work: Work) -> None:
            written.extend(Key(stored["_id"]) for stored in work.documents)
            await super().commit(generation, owner, work)

    store, generation = Counting(crash_after=frozenset({2})), Generation(jars(), 2)
    for _ in range(2):
        async with claimed_by("me", [generation], MemoryLog(events), store, now, chunk=1) as building:
            await building.catch_up()

    assert store.documents == folded(events)
    assert written[3:] == [Key(jar(1)), Key(jar(2)), Key(jar(3))]
