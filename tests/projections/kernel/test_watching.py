"""Watching: what one is told who watches a document or a filter, from now on or from a position on."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator

import pytest

from projections.kernel.changes import ChangeKind, Watched
from projections.kernel.commits import Commit, Written
from projections.kernel.conditions import Condition
from projections.kernel.errors import StoreUnavailable
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored
from tests.projections.kernel.library import BOOKS, Binding
from tests.projections.kernel.live import KEYS_OF_BOOKS, World, brief, living, settle, stored_book, told, watch
from write_side.kernel.positions import LogPosition

A, B, C, D, E = KEYS_OF_BOOKS
ONE = Watched(BOOKS, A)
ALL = Watched(BOOKS)
CLOTH = Watched(BOOKS, None, (Condition.equal("binding", "CLOTH"),))


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with living() as made:
        yield made


# ---------------------------------------------------------------- one document


async def test_one_document_begins_with_its_snapshot(world: World) -> None:
    world.put(stored_book(A, 3), position=5)

    watching = await watch(world, ONE)
    world.put(stored_book(A, 7), position=8)

    assert brief(await told(watching)) == [("SNAPSHOT", 5, A, 3), ("UPDATED", 8, A, 7)]


async def test_one_that_is_not_there_begins_with_nothing_and_may_come(world: World) -> None:
    world.put(position=5)

    watching = await watch(world, ONE)
    world.put(stored_book(A, 6), stored_book(B, 6), position=6)

    assert brief(await told(watching)) == [("SNAPSHOT", 5, A, None), ("UPDATED", 6, A, 6)]


@pytest.mark.parametrize(("after", "first"), [(2, [("SNAPSHOT", 5, A, 3)]), (3, []), (5, [])])
async def test_one_that_resumes_is_told_a_snapshot_only_if_it_is_newer(
    world: World, after: int, first: list[tuple[str, int, Key | None, int | None]]
) -> None:
    world.put(stored_book(A, 3), position=5)

    assert brief(await told(await watch(world, ONE, after))) == first


async def test_what_lies_at_or_before_a_position_ahead_of_the_projection_does_not_come(world: World) -> None:
    world.put(stored_book(A, 3), position=5)
    one, many = await watch(world, ONE, 9), await watch(world, ALL, 9)

    world.put(stored_book(A, 9), position=9)
    assert (await told(one), await told(many)) == ([], [])

    world.put(stored_book(A, 10), position=10)
    assert brief(await told(one)) == brief(await told(many)) == [("UPDATED", 10, A, 10)]


async def test_what_is_committed_while_the_snapshot_is_read_comes_once(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    world.slow = True
    opening = asyncio.create_task(watch(world, ONE))
    await settle()
    world.put(stored_book(A, 2), position=2)
    world.turn(0)  # sent: it finds what was just committed
    await settle()
    world.put(stored_book(A, 3), position=3)
    world.turn(0)
    watching = await opening

    assert brief(await told(watching)) == [("SNAPSHOT", 2, A, 2), ("UPDATED", 3, A, 3)]


async def test_what_is_committed_while_nothing_new_is_found_comes(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    world.slow = True
    opening = asyncio.create_task(watch(world, ONE, 1))
    await settle()
    world.turn(0)
    await settle()
    world.put(stored_book(A, 2), position=2)
    world.turn(0)
    watching = await opening

    assert brief(await told(watching)) == [("UPDATED", 2, A, 2)]


async def test_a_fan_out_that_comes_while_nothing_new_is_found_comes_too(world: World) -> None:
    world.put(stored_book(A, 1), position=2)
    world.slow = True
    opening = asyncio.create_task(watch(world, ONE, 2))
    await settle()
    world.turn(0)
    await settle()
    world.commit([stored_book(A, 3)], None)
    world.deliver()
    world.turn(0)

    assert brief(await told(await opening)) == [("UPDATED", 3, A, 3)]


async def test_who_resumed_is_not_told_again_of_what_it_has_when_changes_are_missed(world: World) -> None:
    world.put(stored_book(A, 3), position=5)
    watching = await watch(world, ONE, 5)

    world.changes.missed()
    await settle()
    assert await told(watching) == []

    world.commit([stored_book(A, 6)], 6)
    world.lose()
    await settle()
    assert brief(await told(watching)) == [("SNAPSHOT", 6, A, 6)]


async def test_a_slow_reader_is_told_the_latest(world: World) -> None:
    watching = await watch(world, ONE)
    for position in range(1, 9):
        world.put(stored_book(A, position), position=position)

    assert brief(await told(watching)) == [("SNAPSHOT", 0, A, None), ("UPDATED", 8, A, 8)]


async def test_a_document_that_is_deleted(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    watching = [await watch(world, watched, 1) for watched in (ONE, ALL, CLOTH)]

    world.hub.committed(Commit(BOOKS, LogPosition(2), [Written(A, lambda: None)]))

    assert [brief(await told(one)) for one in watching] == [[("DELETED", 2, A, None)]] * 3


# ---------------------------------------------------------------- many documents


async def test_many_begin_with_what_comes_from_now_on(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    watching = await watch(world, ALL)

    world.put(stored_book(B, 3), stored_book(C, 2), stored_book(D, 3), position=4)

    # Resuming after the first of two documents of one event must find the second.
    assert brief(await told(watching)) == [("UPDATED", 2, C, 2), ("UPDATED", 2, B, 3), ("UPDATED", 4, D, 3)]
    assert world.reads == 0


async def test_many_that_resume_are_told_what_is_past_their_position(world: World) -> None:
    world.put(stored_book(A, 1), stored_book(B, 2), stored_book(C, 3), stored_book(D, 3), position=5)

    watching = await watch(world, ALL, 1)

    assert brief(await told(watching)) == [("UPDATED", 2, B, 2), ("UPDATED", 2, C, 3), ("UPDATED", 5, D, 3)]


async def test_a_page_that_is_ahead_of_what_is_known_tells_no_position_past_it(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    world.commit([stored_book(B, 3), stored_book(C, 4)], 4)

    watching = await watch(world, ALL, 0)
    assert brief(await told(watching)) == [("UPDATED", 1, A, 1), ("UPDATED", 1, B, 3), ("UPDATED", 1, C, 4)]

    world.deliver()
    world.put(stored_book(C, 5), position=5)
    assert brief(await told(watching)) == [("UPDATED", 5, C, 5)]


async def test_too_much_to_resume_is_a_resync(world: World) -> None:
    world.put(*(stored_book(key, 1) for key in KEYS_OF_BOOKS), position=2)

    watching = await watch(world, ALL, 0)
    world.put(stored_book(B, 3), position=3)

    assert brief(await told(watching)) == [("RESYNC", 2, None, None), ("UPDATED", 3, B, 3)]


async def test_of_a_fan_out_that_is_under_way_nothing_is_lost(world: World) -> None:
    world.put(*(stored_book(key, 1) for key in (A, B, C)), position=1)
    watching, one = await watch(world, ALL, 1), await watch(world, ONE, 1)

    world.put(stored_book(A, 2), stored_book(B, 2), position=None)
    assert brief(await told(watching)) == [("UPDATED", 1, A, 2), ("UPDATED", 1, B, 2)]
    assert brief(await told(one)) == [("UPDATED", 2, A, 2)]
    resumed = await watch(world, ALL, 1)
    world.put(stored_book(C, 2), position=2)

    assert brief(await told(watching)) == [("UPDATED", 2, C, 2)]
    assert brief(await told(resumed)) == [("UPDATED", 1, A, 2), ("UPDATED", 1, B, 2), ("UPDATED", 2, C, 2)]


async def test_a_newer_state_takes_the_place_of_the_older_and_goes_to_the_end(world: World) -> None:
    watching = await watch(world, ALL)
    world.put(stored_book(A, 1), stored_book(B, 2), position=2)
    world.put(stored_book(A, 3), position=3)

    assert brief(await told(watching)) == [("UPDATED", 2, B, 2), ("UPDATED", 3, A, 3)]


async def test_more_documents_than_may_wait_are_one_resync(world: World) -> None:
    watching = await watch(world, ALL)
    for position, key in enumerate(KEYS_OF_BOOKS, start=1):
        world.put(stored_book(key, position), position=position)
    world.put(stored_book(B, 6), position=6)

    assert brief(await told(watching)) == [("RESYNC", 5, None, None), ("UPDATED", 6, B, 6)]


# ---------------------------------------------------------------- filters


def cloth(key: Key, position: int) -> Stored:
    return stored_book(key, position, binding=Binding.CLOTH)


async def test_a_document_that_leaves_the_filter_is_told_once(world: World) -> None:
    world.put(cloth(A, 1), position=1)
    watching = await watch(world, CLOTH, 1)

    world.put(cloth(A, 2), position=2)
    world.put(stored_book(A, 3), position=3)
    assert brief(await told(watching)) == [("LEFT", 3, A, None)]

    world.put(stored_book(A, 4), position=4)
    assert await told(watching) == []

    world.put(cloth(A, 5), position=5)
    world.put(stored_book(A, 6), position=6)
    world.put(cloth(A, 7), position=7)
    assert brief(await told(watching)) == [("UPDATED", 7, A, 7)]


async def test_a_new_document_outside_of_the_filter_is_nothing_and_an_unknown_one_may_have_left(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    watching = await watch(world, CLOTH, 1)

    world.put(stored_book(B, 2), position=2)
    assert await told(watching) == []

    world.put(stored_book(A, 3), position=3)
    assert brief(await told(watching)) == [("LEFT", 3, A, None)]


async def test_what_was_seen_before_others_left_is_not_believed(world: World) -> None:
    (await watch(world, CLOTH)).close()
    first = await watch(world, CLOTH)
    world.put(stored_book(A, 1), position=1)
    first.close()
    world.put(cloth(A, 2), position=2)
    watching = await watch(world, CLOTH, 2)

    world.put(stored_book(A, 3), position=3)

    assert brief(await told(watching)) == [("LEFT", 3, A, None)]


async def test_who_resumes_is_told_of_each_that_changed_whether_it_meets_the_filter(world: World) -> None:
    folded = Watched(BOOKS, None, (Condition("_keys.title", (("startsWith", "em"),)),))
    world.put(stored_book(A, 1), stored_book(B, 2, title="Ulysses"), stored_book(C, 3, title="EMIL"), position=3)

    watching = await watch(world, folded, 0)
    world.put(stored_book(D, 4, title="Empire"), position=4)

    assert brief(await told(watching)) == [
        ("UPDATED", 1, A, 1),
        ("LEFT", 2, B, None),
        ("UPDATED", 3, C, 3),
        ("UPDATED", 4, D, 4),
    ]


async def test_equal_watchers_share_each_change(world: World) -> None:
    same = [await watch(world, CLOTH) for _ in range(3)]
    other = await watch(world, ALL)

    world.put(cloth(A, 1), position=1)

    changes = [(await told(one))[0] for one in same]
    assert all(change is changes[0] for change in changes)
    assert (await told(other))[0] is not changes[0]


# ---------------------------------------------------------------- gaps, errors, ends


async def test_what_was_missed_is_made_up_for(world: World) -> None:
    world.put(stored_book(A, 1), stored_book(B, 1), position=1)
    one, same, many = await watch(world, ONE), await watch(world, Watched(BOOKS, B)), await watch(world, ALL)
    await told(one), await told(same)

    world.commit([stored_book(A, 2)], 2)
    world.lose()
    world.poll()
    await settle()

    assert brief(await told(one)) == [("SNAPSHOT", 2, A, 2)]
    assert await told(same) == []
    assert brief(await told(many)) == [("RESYNC", 1, None, None)]
    world.hub.committed(Commit(BOOKS, LogPosition(2), [Written(A, lambda: stored_book(A, 2))]))
    assert await told(one) == []


async def test_what_was_missed_is_read_again_until_it_can_be_read(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    watching = await watch(world, ONE)
    await told(watching)
    world.commit([stored_book(A, 2)], 2)
    world.error = StoreUnavailable("gone")
    world.lose()
    await settle()
    assert await told(watching) == []

    world.error = None
    await settle()

    assert brief(await told(watching)) == [("SNAPSHOT", 2, A, 2)]


@pytest.mark.parametrize(("watched", "after"), [(ONE, None), (ALL, 0)])
async def test_a_read_that_fails_leaves_no_watcher(world: World, watched: Watched, after: int | None) -> None:
    world.error = StoreUnavailable("gone")
    with pytest.raises(StoreUnavailable):
        await watch(world, watched, after)
    assert [room.mailboxes for _, room in world.hub.rooms] == [[]]


async def test_a_watch_that_is_given_up_leaves_no_watcher(world: World) -> None:
    world.slow = True
    opening = asyncio.create_task(watch(world, ONE))
    await settle()
    opening.cancel()
    await settle()
    assert [room.mailboxes for _, room in world.hub.rooms] == [[]]


@pytest.mark.parametrize("watched", [ONE, ALL])
async def test_closing_ends_who_waits_and_may_be_done_again(world: World, watched: Watched) -> None:
    watching = await watch(world, watched)
    await told(watching)
    waiting = asyncio.create_task(anext(watching, "the end"))
    await settle()

    watching.close()
    watching.close()

    assert await waiting == "the end"
    world.put(stored_book(A, 1), position=1)
    assert [change async for change in watching] == []
    assert [room.mailboxes for _, room in world.hub.rooms] == [[]]


async def test_the_end_of_the_hub_is_everyones(world: World) -> None:
    watching = [await watch(world, ONE), await watch(world, ALL)]

    world.hub.close()
    late = await watch(world, ALL)

    assert [[change async for change in one] for one in (*watching, late)] == [[], [], []]


async def test_a_closed_watcher_keeps_nothing_alive(world: World) -> None:
    class Noted(dict[str, object]):
        """A document that can be asked whether it is still there."""

    document = Noted(stored_book(A, 1))
    alive = weakref.ref(document)
    watching = await watch(world, ALL)
    world.hub.committed(Commit(BOOKS, LogPosition(1), [Written(A, lambda kept=document: kept)]))  # type: ignore[misc]
    del document
    gc.disable()
    try:
        watching.close()
        assert alive() is None
    finally:
        gc.enable()


async def test_a_position_never_decreases(world: World) -> None:
    world.put(stored_book(A, 1), position=1)
    watching = await watch(world, ALL, 9)

    world.put(stored_book(B, 10), position=None)

    [change] = await told(watching)
    assert (change.kind, change.position, change.rendered) == (ChangeKind.UPDATED, 9, {})


async def test_what_is_missed_is_told_before_what_comes_next(world: World) -> None:
    """Whoever is cut off in between must not resume after what comes, past what was missed."""
    world.put(*(stored_book(key, 1) for key in KEYS_OF_BOOKS), position=1)
    many = await world.changes.watch(Watched(BOOKS), LogPosition(1))

    world.commit([stored_book(KEYS_OF_BOOKS[1], 2)], 2)
    world.lose()
    world.put(stored_book(KEYS_OF_BOOKS[2], 3), position=3)

    assert [(change.kind, change.position) for change in await told(many)] == [
        (ChangeKind.RESYNC, 1),
        (ChangeKind.UPDATED, 3),
    ]


async def test_many_are_told_once_of_what_was_missed_however_often_one_has_to_be_read(world: World) -> None:
    world.put(stored_book(KEYS_OF_BOOKS[0], 1), position=1)
    await world.changes.watch(Watched(BOOKS, KEYS_OF_BOOKS[0]), None)
    many = await world.changes.watch(Watched(BOOKS), None)
    world.error = StoreUnavailable("away")

    world.lose()
    for _ in range(5):
        await settle()

    assert [change.kind for change in await told(many)] == [ChangeKind.RESYNC]


async def test_an_error_that_nobody_expects_is_no_end_of_it(world: World) -> None:
    world.put(stored_book(KEYS_OF_BOOKS[0], 1), position=1)
    one = await world.changes.watch(Watched(BOOKS, KEYS_OF_BOOKS[0]), None)
    await told(one)
    world.error = RuntimeError("a bug")
    world.commit([stored_book(KEYS_OF_BOOKS[0], 2)], 2)

    world.lose()
    await settle()
    world.error = None
    await settle()

    assert [(change.kind, change.position) for change in await told(one)] == [(ChangeKind.SNAPSHOT, 2)]
