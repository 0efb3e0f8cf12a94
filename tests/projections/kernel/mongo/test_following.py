"""Following what is served, on a real MongoDB: switches, parked documents and repairs, by the feed and by the poll."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from projections.kernel.checkpoints import Checkpoints
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.documents import ASC, OrderBy
from projections.kernel.errors import NotReady
from projections.kernel.fields import EVERYTHING
from projections.kernel.generations import Checkpoint, Generation
from projections.kernel.mongo.client import Client
from projections.kernel.mongo.documents import MongoDocuments
from projections.kernel.mongo.poll import Poll
from projections.kernel.projection import Key
from projections.kernel.reading import PageRequest
from projections.kernel.serving import Serving
from projections.kernel.shapes import Stored
from projections.kernel.storing import Work
from tests.projections.kernel.library import BOOKS
from tests.projections.kernel.live import KEYS_OF_BOOKS, stored_book
from tests.projections.kernel.mongo.books import letter
from tests.projections.kernel.mongo.following import FIRST, LOG, OTHERS, REPRINTS, SECOND, Projecting, at, following
from write_side.kernel.positions import START, LogPosition

A, B, C = KEYS_OF_BOOKS[:3]


@pytest.fixture
async def projecting(client: Client, mongo_database: str) -> AsyncIterator[Projecting]:
    made = Projecting(client, mongo_database)
    await made.prepare()
    async with following(made):
        yield made


async def work(
    projecting: Projecting,
    before: Checkpoint,
    after: Checkpoint,
    documents: Sequence[Stored] = (),
    parked: Sequence[DeadLetter] = (),
    repaired: Sequence[Key] = (),
    generation: Generation = FIRST,
) -> None:
    await projecting.store.commit(generation, "me", Work(before, after, documents, parked, repaired))


async def heard(projecting: Projecting, position: int) -> None:
    """Once books are heard to have been committed with that position."""
    await projecting.until(lambda: (BOOKS, position) in [(one.projection, one.position) for one in projecting.commits])


# ---------------------------------------------------------------- switches


async def test_a_switch_under_way_of_commits(projecting: Projecting) -> None:
    stop = asyncio.Event()

    async def others() -> int:
        position = 0
        while not stop.is_set():
            await projecting.commit(at(position), at(position + 1), stored_book(A, position + 1), generation=OTHERS)
            position += 1
        return position

    committing = asyncio.create_task(others())
    await projecting.build()
    await projecting.commit(at(0), at(1), stored_book(A, 1))
    await projecting.commit(at(0), at(1), stored_book(A, 1), generation=SECOND)
    await projecting.generations.switch(SECOND, "me")
    await projecting.commit(at(1), at(2), stored_book(A, 2), generation=SECOND)
    await projecting.until(lambda: projecting.serving.generation(BOOKS) == SECOND)
    await projecting.commit(at(2), at(3), stored_book(B, 3), generation=SECOND)
    await projecting.until(lambda: projecting.checkpoints.known(BOOKS) == 3)
    stop.set()
    last = await committing
    await projecting.until(lambda: projecting.checkpoints.known(REPRINTS) == last)

    positions = [one.position for one in projecting.commits if one.projection is REPRINTS]
    assert positions == list(range(1, last + 1))  # every one, once: the stream went on where it was
    await heard(projecting, 3)
    assert projecting.gaps == 1
    assert projecting.switches == [BOOKS]


async def test_a_switch_and_back(projecting: Projecting) -> None:
    """What was heard last is of a generation that is not followed any more: the stream goes on all the same."""
    await projecting.build()
    place = {FIRST: at(0), SECOND: at(0)}

    async def commit(generation: Generation, position: int) -> None:
        await projecting.store.claim(generation, "me", LOG)
        await projecting.commit(place[generation], at(position), stored_book(A, position), generation=generation)
        place[generation] = at(position)

    for position, old, new in ((1, FIRST, SECOND), (3, SECOND, FIRST), (5, FIRST, SECOND)):
        await commit(old, position)
        await heard(projecting, position)
        await commit(new, position)
        await projecting.generations.switch(new, "me")
        await projecting.until(lambda new=new: projecting.serving.generation(BOOKS) == new)  # type: ignore[misc]
        await commit(new, position + 1)
        await heard(projecting, position + 1)

    assert projecting.gaps == 1


async def test_a_process_that_is_slow_to_hear_goes_on_where_it_was(client: Client, mongo_database: str) -> None:
    """From a change of what is not followed any more, past what the other generation did to get where it was."""
    made = Projecting(client, mongo_database)
    await made.prepare()
    await made.build()
    async with following(made):
        await made.commit(at(0), at(3), stored_book(A, 3))
        await heard(made, 3)

    await work(made, at(0), at(3), [], [letter(A)], generation=SECOND)
    await work(made, at(3), at(3), [stored_book(A, 3)], repaired=[A], generation=SECOND)
    await made.commit(at(0), at(1), stored_book(B, 1), generation=OTHERS)
    await made.generations.switch(SECOND, "me")
    await made.poll.refresh()
    async with following(made):
        await made.commit(at(3), at(4), stored_book(B, 4), generation=SECOND)
        await work(made, at(4), at(4), [stored_book(C, 2)], generation=SECOND)
        await made.until(lambda: made.commits[-1].mended)

    told = [(one.projection, one.position, one.mended) for one in made.commits]
    assert told == [(BOOKS, 3, False), (REPRINTS, 1, False), (BOOKS, 4, False), (BOOKS, 4, True)]
    assert made.gaps == 1


async def test_a_change_of_an_alias_is_looked_at_at_once(projecting: Projecting, caplog: pytest.LogCaptureFixture) -> None:
    await projecting.build()
    await projecting.until(lambda: projecting.looks == 2)  # the beginning, and what is being built

    await projecting.generations.switch(SECOND, "me")

    await projecting.until(lambda: projecting.looks == 3)
    await projecting.until(lambda: projecting.switches == [BOOKS])
    await projecting.commit(at(0), at(1), stored_book(A, 1), generation=SECOND)
    await heard(projecting, 1)
    assert "lost" not in caplog.text  # nobody has to know how the stream was turned


async def test_a_process_that_hears_nothing_learns_of_a_switch_by_the_poll(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    await made.build()
    await made.commit(at(0), at(1))
    await made.commit(at(0), at(3), generation=SECOND)
    waiting = asyncio.create_task(made.checkpoints.reached(BOOKS, LogPosition(3), 30))
    await asyncio.sleep(0)

    await made.generations.switch(SECOND, "me")
    assert await made.poll.refresh()
    assert not await made.poll.refresh()

    assert await waiting
    assert (made.serving.generation(BOOKS), made.checkpoints.known(BOOKS)) == (SECOND, 3)
    assert made.switches == [BOOKS]


async def test_nobody_goes_back_in_time(client: Client, mongo_database: str, caplog: pytest.LogCaptureFixture) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    await made.build()
    await made.commit(at(0), at(3))
    await made.poll.refresh()
    await made.collections.aliases.update_one({"_id": BOOKS.version_id}, {"$set": {"serving": 2}})

    assert not await made.poll.refresh()
    assert (made.serving.generation(BOOKS), made.checkpoints.known(BOOKS)) == (FIRST, 3)
    assert "is behind" in caplog.text

    await made.commit(at(0), at(3), generation=SECOND)
    assert await made.poll.refresh()
    assert made.serving.generation(BOOKS) == SECOND


async def test_what_is_not_served_any_more_is_not_ready(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    await made.collections.aliases.update_one({"_id": BOOKS.version_id}, {"$set": {"log": "0" * 32}})

    assert await made.poll.refresh()

    with pytest.raises(NotReady, match="rebuild books"):
        made.checkpoints.checkpoint(BOOKS)
    assert made.checkpoints.known(REPRINTS) == START


async def test_a_read_that_is_under_way_goes_on_where_it_was_sent(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    await made.build()
    await made.commit(at(0), at(1), stored_book(A, 1))
    await made.commit(at(0), at(2), stored_book(A, 2), generation=SECOND)
    await made.poll.refresh()
    documents = MongoDocuments(made.collections, made.serving, made.checkpoints)
    request = PageRequest(OrderBy("position", ASC), 5)
    await made.generations.switch(SECOND, "me")

    old = asyncio.create_task(documents.pages([(BOOKS, request)]))
    await asyncio.sleep(0)
    await made.poll.refresh()
    new = await documents.pages([(BOOKS, request)])

    for pages, position in ((await old, 1), (new, 2)):
        assert [(page.position, page.documents[0]["position"]) for page in pages] == [
            (position, stored_book(A, position)["position"])
        ]
    found = await documents.many(BOOKS, [A], EVERYTHING)
    assert found[A]["position"] == stored_book(A, 2)["position"]


# ---------------------------------------------------------------- parked documents, and repairs


async def test_what_is_parked_is_known_before_the_position_that_passes_it_by(projecting: Projecting) -> None:
    reached = asyncio.create_task(projecting.checkpoints.reached(BOOKS, LogPosition(4), 30))
    await work(projecting, at(0), at(4), [stored_book(B, 4)], [letter(A)])

    assert await reached
    assert projecting.serving.parked(BOOKS) == {A: 3}


async def test_a_repair_is_a_commit_that_stands_where_the_checkpoint_is(projecting: Projecting) -> None:
    await work(projecting, at(0), at(6), [stored_book(B, 6)], [letter(A), letter(C)])
    await projecting.heard(1)
    projecting.checkpoints.heard(FIRST, LogPosition(9))  # by whoever is faster than the feed
    await work(projecting, at(6), at(6), [stored_book(A, 3)], repaired=[A])
    await work(projecting, at(6), at(6), [stored_book(C, 5)], repaired=[C])

    assert await projecting.heard(3) == [
        ("books", 6, [(B, "Emma", True)]),
        ("books", 6, [(A, "Emma", True)]),
        ("books", 6, [(C, "Emma", True)]),
    ]
    assert [commit.mended for commit in projecting.commits] == [False, True, True]
    assert (projecting.checkpoints.known(BOOKS), projecting.checkpoints.mended(BOOKS)) == (9, 6)
    assert projecting.serving.parked(BOOKS) == {}


async def test_a_repair_stands_where_it_was_made_though_more_is_known_by_now(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    async with following(made):
        await work(made, at(0), at(6), [], [letter(A), letter(B), letter(C)])
        await work(made, at(6), at(6), [stored_book(A, 3)], repaired=[A])
        await heard(made, 6)

    # Of the second repair in one place MongoDB does not tell where that is: it changes nothing.
    await work(made, at(6), at(6), [stored_book(B, 5)], repaired=[B])
    await made.commit(at(6), at(9))
    await work(made, at(9), at(9), [stored_book(C, 4)], repaired=[C])
    await made.poll.refresh()
    async with following(made):
        told = await made.heard(3)

    assert [(position, key) for _, position, [(key, _, _)] in told] == [(6, A), (6, B), (9, C)]
    assert made.gaps == 1


async def test_what_is_parked_is_read_where_nothing_was_heard(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    await work(made, at(0), at(4), [], [letter(A), letter(B)])
    await made.poll.refresh()
    parked = dict(made.serving.parked(BOOKS))
    await work(made, at(4), at(4), [stored_book(A, 3)], repaired=[A])
    await made.poll.refresh()

    assert (parked, made.serving.parked(BOOKS)) == ({A: 3, B: 3}, {B: 3})
    assert made.checkpoints.mended(BOOKS) == 4


class Hearing(Serving):
    """Hears of a dead letter as soon as somebody begins to read them."""

    hears: tuple[Key, LogPosition] | None = None

    def letters_heard(self, generation: Generation) -> int:
        count = super().letters_heard(generation)
        if generation == FIRST and self.hears is not None:
            (key, position), self.hears = self.hears, None
            self.heard(generation, key, position)
        return count


async def test_no_position_is_told_without_the_letters_that_belong_to_it(client: Client, mongo_database: str) -> None:
    made = Projecting(client, mongo_database)
    made.serving = Hearing([BOOKS], LOG.log_id)
    made.checkpoints = Checkpoints(made.serving)
    poll = made.poll = Poll(made.collections, made.serving, made.checkpoints)
    await made.prepare()
    await work(made, at(0), at(4), [], [letter(A), letter(B)])
    made.serving.hears = B, LogPosition(3)

    again = await poll.refresh()
    told = made.checkpoints.known(BOOKS)

    assert (again, told, made.serving.parked(BOOKS)) == (True, 0, {B: 3})
    assert not await poll.refresh()
    assert (made.checkpoints.known(BOOKS), made.serving.parked(BOOKS)) == (4, {A: 3, B: 3})


async def test_what_another_generation_has_parked_is_known_when_it_is_served(projecting: Projecting) -> None:
    await projecting.build()
    await work(projecting, at(0), at(4), [], [letter(B)], generation=SECOND)
    assert projecting.serving.parked(BOOKS) == {}

    await projecting.generations.switch(SECOND, "me", force=True)
    await projecting.until(lambda: projecting.serving.generation(BOOKS) == SECOND)

    assert projecting.serving.parked(BOOKS) == {B: 3}
