"""Watching what is repaired, and what is served from another generation: nothing is lost, nothing goes back."""

from collections.abc import AsyncIterator

import pytest

from projections.kernel.changes import ChangeKind, Watched
from projections.kernel.conditions import Condition
from tests.projections.kernel.library import BOOKS, SHELVES, Binding
from tests.projections.kernel.live import KEYS_OF_BOOKS, World, brief, living, settle, stored_book, told, watch

A, B = KEYS_OF_BOOKS[:2]
ONE = Watched(BOOKS, A)
ALL = Watched(BOOKS)
CLOTH, PAPER = (Watched(BOOKS, None, (Condition.equal("binding", binding),)) for binding in ("CLOTH", "PAPER"))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with living() as made:
        yield made


async def test_a_repaired_document_reaches_all_who_watch_though_its_position_is_behind(world: World) -> None:
    world.put(stored_book(A, 1), stored_book(B, 1), position=1)
    world.park(A)
    world.put(stored_book(A, 3), stored_book(B, 4), position=5)
    watching = [await watch(world, ONE), await watch(world, ONE, 5), await watch(world, ALL), await watch(world, ALL, 5)]
    before = [brief(await told(one)) for one in watching]

    world.repair(A)
    world.deliver()

    assert before == [[("SNAPSHOT", 5, A, 1)], [], [], []]
    assert [brief(await told(one)) for one in watching] == [[("UPDATED", 5, A, 3)]] * 4


async def test_one_that_could_not_even_be_begun_is_new_when_it_is_repaired(world: World) -> None:
    world.park(A)
    world.put(stored_book(A, 2, binding=Binding.CLOTH), position=5)
    one, cloths, papers = await watch(world, ONE), await watch(world, CLOTH), await watch(world, PAPER)
    assert brief(await told(one)) == [("SNAPSHOT", 5, A, None)]

    world.repair(A)
    world.deliver()

    assert brief(await told(one)) == brief(await told(cloths)) == [("UPDATED", 5, A, 2)]
    assert await told(papers) == []


@pytest.mark.parametrize(
    ("after", "one", "many"),
    [
        (4, [("SNAPSHOT", 6, A, 3)], [("RESYNC", 6, None, None)]),
        (5, [("SNAPSHOT", 6, A, 3)], [("RESYNC", 6, None, None)]),
        (6, [], []),
    ],
)
async def test_who_resumes_from_before_a_repair_reads_again(
    world: World, after: int, one: list[object], many: list[object]
) -> None:
    world.park(A)
    world.put(stored_book(A, 3), position=5)
    world.repair(A)
    world.deliver()
    world.put(stored_book(B, 6), position=6)

    assert brief(await told(await watch(world, ONE, after))) == one
    assert brief(await told(await watch(world, ALL, after))) == many


async def test_who_has_been_told_more_elsewhere_is_not_told_of_an_older_repair(world: World) -> None:
    """Another process was ahead of this one: it has told of the repair, and of what came after."""
    world.park(A)
    world.put(stored_book(A, 3), position=5)
    world.repair(A)
    world.commit([stored_book(A, 7)], 7)
    watching = [await watch(world, ONE, 7), await watch(world, ALL, 7)]

    world.deliver()
    world.deliver()

    assert [brief(await told(one)) for one in watching] == [[], []]


async def test_a_repair_that_is_read_before_it_is_heard_of_comes_once(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    world.park(A)
    world.put(stored_book(A, 3), position=5)
    world.repair(A)

    one = await watch(world, ONE)
    world.deliver()

    assert brief(await told(one)) == [("SNAPSHOT", 5, A, 3)]


async def test_a_repair_that_was_missed_is_read(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    world.park(A)
    world.put(stored_book(A, 3), position=5)
    one, resumed = await watch(world, ONE), await watch(world, ONE, 5)
    await told(one)

    world.repair(A)
    world.lose()
    await settle()

    assert brief(await told(one)) == brief(await told(resumed)) == [("SNAPSHOT", 5, A, 3)]


async def test_a_switch_loses_nothing_and_tells_nothing_twice(world: World) -> None:
    world.put(stored_book(A, 1), stored_book(B, 1), position=1)
    one, same, many = await watch(world, ONE), await watch(world, Watched(BOOKS, B)), await watch(world, ALL)
    await told(one), await told(same)
    world.put(stored_book(B, 2), position=2)
    world.commit([stored_book(A, 3)], 3)

    world.switch(late=3)  # what was on its way is heard no more, but what the new generation did to get there
    for _ in range(3):
        world.deliver()
    await settle()
    late = await watch(world, ALL, 3)
    world.put(stored_book(A, 4), position=4)

    assert brief(await told(one)) == [("SNAPSHOT", 3, A, 3), ("UPDATED", 4, A, 4)]
    assert brief(await told(same)) == [("UPDATED", 2, B, 2)]
    assert brief(await told(many)) == [("RESYNC", 3, None, None), ("UPDATED", 4, A, 4)]
    assert brief(await told(late)) == [("UPDATED", 4, A, 4)]


async def test_what_a_switch_has_missed_is_read(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    one = await watch(world, ONE)
    await told(one)
    world.commit([stored_book(A, 3)], 3)

    world.switch()
    await settle()

    assert brief(await told(one)) == [("SNAPSHOT", 3, A, 3)]


async def test_who_comes_after_a_switch_is_not_told_how_the_new_generation_got_there(world: World) -> None:
    for position in (1, 2):
        world.put(stored_book(A, position), position=position)
    world.switch(late=2)

    many = await watch(world, ALL)
    world.deliver()
    world.deliver()

    assert await told(many) == []


async def test_a_switch_to_what_differs_is_told_though_no_position_says_so(world: World) -> None:
    world.put(stored_book(A, 3, "Ema"), stored_book(B, 3), position=3)
    one, gone = await watch(world, ONE), await watch(world, Watched(BOOKS, B))
    await told(one), await told(gone)

    world.documents = {A: stored_book(A, 2, "Emma")}
    world.mended_stored = 3
    world.switch()
    await settle()

    [change] = await told(one)
    assert change.document is not None
    assert (change.kind, change.position, change.document["title"]) == (ChangeKind.SNAPSHOT, 3, "Emma")
    assert brief(await told(gone)) == [("SNAPSHOT", 3, B, None)]


async def test_only_what_was_switched_is_read_again(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    await watch(world, ONE)
    reads = world.reads

    world.changes.switched(SHELVES)
    await settle()

    assert world.reads == reads


async def test_where_nothing_is_served_any_more_who_watches_waits_for_what_will_be(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    one = await watch(world, ONE)
    await told(one)

    world.serves = False
    world.changes.switched(BOOKS)
    world.changes.missed()
    await settle()
    assert await told(one) == []

    world.serves = True
    world.commit([stored_book(A, 2)], 2)
    world.switch()
    await settle()
    assert brief(await told(one)) == [("SNAPSHOT", 2, A, 2)]
