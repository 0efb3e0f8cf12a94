"""Shared reads: what waits goes together, nobody gets what is older than their question, and nobody pays for another."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.kernel.conditions import Condition
from projections.kernel.errors import ReadTimeout, StoreUnavailable
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Page, PageRequest
from projections.kernel.shapes import Stored
from projections.kernel.sharing import MOST_KEYS, MOST_LISTED, MOST_PAGES, MOST_PARTS, SharedDocuments
from tests.projections.kernel.library import BOOKS, SHELVES
from write_side.kernel.positions import LogPosition

PAGE = PageRequest(BOOKS.spec.orders[0], 10)
COUNT = replace(PAGE, with_total=True)


@dataclass(eq=False)
class Sent:
    """A read that is under way: the keys or the pages that were asked for, and when. `answer` and `fail` end it."""

    at: int
    projection: AnyProjection | None = None
    keys: tuple[Key, ...] = ()
    fields: Fields = EVERYTHING
    pages: tuple[AskedPage, ...] = ()
    ended: "asyncio.Future[None]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def answer(self) -> None:
        self.ended.set_result(None)

    def fail(self, error: Exception | None = None) -> None:
        self.ended.set_exception(error or StoreUnavailable(f"read {self.at}"))


class BlockingReads:
    """Reads that end when they are told to. Each finds all that it is asked for, as of the moment when it was sent."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.clock = 0

    @property
    def under_way(self) -> list[Sent]:
        return [one for one in self.sent if not one.ended.done()]

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        one = await self._sent(projection=projection, keys=tuple(keys), fields=fields)
        return {key: {"_id": key, "at": one.at} for key in keys if key != "none"}

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        one = await self._sent(pages=tuple(asked))
        return [Page([], [], False, request.size, LogPosition(one.at)) for _, request in asked]

    async def drain(self) -> None:
        """Answers all there is, and all that comes of it."""
        await settle()
        while self.under_way:
            self.under_way[0].answer()
            await settle()

    async def _sent(self, **asked: Any) -> Sent:
        self.clock += 1
        one = Sent(self.clock, **asked)
        self.sent.append(one)
        await one.ended
        return one


async def settle() -> None:
    """Lets every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def reads() -> BlockingReads:
    return BlockingReads()


@pytest.fixture
async def documents(reads: BlockingReads) -> AsyncIterator[SharedDocuments]:
    yield SharedDocuments(reads, ids_in_flight=1, pages_in_flight=2)
    await reads.drain()


def start(*reading: Coroutine[Any, Any, Any]) -> "list[asyncio.Task[Any]]":
    return [asyncio.create_task(one) for one in reading]


def book(documents: SharedDocuments, name: str, fields: Fields = EVERYTHING) -> Coroutine[Any, Any, Stored | None]:
    return documents.find(BOOKS, Key(name), fields)


async def test_what_arrives_together_is_one_read(reads: BlockingReads, documents: SharedDocuments) -> None:
    readers = start(book(documents, "a"), book(documents, "b"), book(documents, "a"), book(documents, "none"))
    await settle()
    assert [one.keys for one in reads.sent] == [("a", "b", "none")]

    reads.sent[0].answer()

    found = await asyncio.gather(*readers)
    assert [stored and stored["_id"] for stored in found] == ["a", "b", "a", None]


async def test_who_comes_later_gets_the_next_read_even_of_the_same_document(
    reads: BlockingReads, documents: SharedDocuments
) -> None:
    early = start(book(documents, "a"))
    await settle()
    late = start(book(documents, "a"), book(documents, "b"))
    await settle()
    assert len(reads.sent) == 1

    reads.sent[0].answer()
    await settle()

    assert early[0].done()
    assert not late[0].done()
    assert reads.sent[1].keys == ("a", "b")
    reads.sent[1].answer()
    assert [stored["at"] for stored in await asyncio.gather(*early, *late)] == [1, 2, 2]


async def test_collections_do_not_wait_for_each_other(reads: BlockingReads, documents: SharedDocuments) -> None:
    start(book(documents, "a"), documents.find(SHELVES, Key("s")))
    await settle()

    assert {one.projection for one in reads.under_way} == {BOOKS, SHELVES}


async def test_what_is_read_is_the_union_of_what_is_wanted(reads: BlockingReads, documents: SharedDocuments) -> None:
    wanted = frozenset({"chapters.heading"}), frozenset({"chapters.pages", "id"})
    readers = start(*(book(documents, "a", fields) for fields in wanted))
    await settle()

    assert reads.sent[0].fields == {"chapters", "id"}
    reads.sent[0].answer()
    await asyncio.gather(*readers)


async def test_a_read_has_a_thousand_keys_at_most(reads: BlockingReads, documents: SharedDocuments) -> None:
    readers = start(*(book(documents, f"{number}") for number in range(MOST_KEYS + 5)))
    await settle()
    reads.sent[0].answer()
    await settle()
    reads.sent[1].answer()
    await asyncio.gather(*readers)

    assert [len(one.keys) for one in reads.sent] == [MOST_KEYS, 5]


async def busy(documents: SharedDocuments) -> None:
    """As many pages are under way as may be: who comes now waits."""
    for size in (91, 92):
        start(documents.page(BOOKS, replace(PAGE, size=size)))
        await settle()


async def test_equal_pages_that_wait_are_one_page(reads: BlockingReads, documents: SharedDocuments) -> None:
    await busy(documents)
    readers = start(documents.page(BOOKS, PAGE), documents.page(BOOKS, replace(PAGE)), documents.page(SHELVES, PAGE))
    await settle()
    assert len(reads.sent) == 2

    reads.sent[0].answer()
    await settle()

    assert reads.sent[2].pages == ((BOOKS, PAGE), (SHELVES, PAGE))
    reads.sent[2].answer()
    first, same, other = await asyncio.gather(*readers)
    assert first is same
    assert first is not other


async def test_different_pages_that_wait_go_together_up_to_a_number(
    reads: BlockingReads, documents: SharedDocuments
) -> None:
    await busy(documents)
    requests = [replace(PAGE, size=size) for size in range(1, MOST_PAGES + 2)]
    readers = start(*(documents.page(BOOKS, request) for request in requests))
    await settle()

    await reads.drain()

    assert [len(one.pages) for one in reads.sent] == [1, 1, MOST_PAGES, 1]
    assert [page.total for page in await asyncio.gather(*readers)] == [request.size for request in requests]


async def test_pages_that_go_together_are_not_long_ones(reads: BlockingReads, documents: SharedDocuments) -> None:
    await busy(documents)
    readers = start(*(documents.page(BOOKS, replace(PAGE, size=size)) for size in (MOST_LISTED + 1, MOST_LISTED - 1, 1, 2)))
    await settle()

    await reads.drain()

    assert [[request.size for _, request in one.pages] for one in reads.sent[2:]] == [
        [MOST_LISTED + 1],
        [MOST_LISTED - 1, 1],
        [2],
    ]
    await asyncio.gather(*readers)


async def test_what_counts_goes_alone_and_plain_pages_do_not_wait_for_it(
    reads: BlockingReads, documents: SharedDocuments
) -> None:
    start(*(documents.page(BOOKS, replace(COUNT, size=size)) for size in (1, 2, 3)), documents.page(BOOKS, PAGE))
    await settle()

    assert sorted([request.size for _, request in one.pages] for one in reads.sent) == [[1], [2], [10]]


async def test_of_pages_that_went_together_the_one_that_fails_fails_alone(
    reads: BlockingReads, documents: SharedDocuments
) -> None:
    good, bad = replace(PAGE, size=1), replace(PAGE, size=2)
    readers = start(documents.page(BOOKS, good), documents.page(BOOKS, bad), documents.page(BOOKS, bad))
    await settle()

    reads.sent[0].fail(ReadTimeout("one of them"))
    await settle()
    reads.sent[1].answer()
    await settle()
    reads.sent[2].fail(ReadTimeout("this one"))

    found, *failed = await asyncio.gather(*readers, return_exceptions=True)
    assert [one.pages for one in reads.sent[1:]] == [((BOOKS, good),), ((BOOKS, bad),)]
    assert isinstance(found, Page)
    assert [str(error) for error in failed] == ["this one", "this one"]


async def test_a_failure_is_for_those_who_waited_for_it(reads: BlockingReads, documents: SharedDocuments) -> None:
    early = start(book(documents, "a"), book(documents, "b"), documents.page(BOOKS, PAGE))
    await settle()
    late = start(book(documents, "a"), documents.page(BOOKS, PAGE))
    failing = reads.under_way
    for one in failing:
        one.fail()
    await settle()
    for one in reads.under_way:
        one.answer()

    failed = await asyncio.gather(*early, return_exceptions=True)
    assert all(isinstance(one, StoreUnavailable) for one in failed)
    assert len(await asyncio.gather(*late)) == 2


async def test_who_goes_away_breaks_nobody_elses_read(reads: BlockingReads, documents: SharedDocuments) -> None:
    readers = start(book(documents, "a"), book(documents, "a"), documents.page(BOOKS, PAGE), documents.page(BOOKS, PAGE))
    await settle()
    readers[0].cancel()
    readers[2].cancel()
    await settle()
    for one in reads.under_way:
        one.answer()

    assert await readers[1] is not None
    assert await readers[3] is not None
    assert readers[0].cancelled()
    assert readers[2].cancelled()


async def test_what_nobody_waits_for_any_more_is_not_read(reads: BlockingReads, documents: SharedDocuments) -> None:
    start(book(documents, "a"), *(documents.page(BOOKS, replace(PAGE, size=size)) for size in (1, 2)))
    await settle()
    gone = start(book(documents, "b"), documents.page(BOOKS, PAGE))
    left = start(book(documents, "c"))
    await settle()
    for reader in gone:
        reader.cancel()
    await settle()
    for one in reads.under_way:
        one.answer()
    await settle()

    assert [one.keys for one in reads.under_way] == [("c",)]
    reads.under_way[0].answer()
    await asyncio.gather(*left)


async def test_only_pages_that_stand_in_an_index_go_with_others(reads: BlockingReads, documents: SharedDocuments) -> None:
    first, second = BOOKS.spec.orders[0], "elsewhere"
    own = Condition(BOOKS.shape.sort_path(first), (("gte", "a"),))
    near = [(), (Condition.equal(second, "x"),), (own,), (Condition.equal(second, "x"), own)]
    far = [
        (Condition(second, (("in", ("x", "y")),)),),
        (Condition(second, (("gte", "x"),)),),
        (Condition.equal(second, "x"), Condition.equal("third", "x")),
    ]
    readers = start(*(documents.page(BOOKS, replace(PAGE, conditions=conditions)) for conditions in (*near, *far)))
    await settle()
    assert len(reads.under_way) == 3

    await reads.drain()

    assert sorted(len(one.pages) for one in reads.sent) == [1, 1, 1, len(near)]
    await asyncio.gather(*readers)


async def test_when_it_is_closed_nobody_waits_any_longer(reads: BlockingReads) -> None:
    documents = SharedDocuments(reads, ids_in_flight=1, pages_in_flight=1)
    sent = start(book(documents, "a"), documents.page(BOOKS, PAGE), documents.page(BOOKS, COUNT))
    await settle()
    waiting = start(book(documents, "b"), documents.page(BOOKS, replace(PAGE, size=1)))
    await settle()

    await documents.close()

    ended = await asyncio.gather(*sent, *waiting, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)


async def test_selections_of_many_kinds_are_read_whole(reads: BlockingReads, documents: SharedDocuments) -> None:
    readers = start(*(book(documents, "a", frozenset({f"field{number}"})) for number in range(MOST_PARTS + 1)))
    await settle()

    assert reads.sent[0].fields == EVERYTHING
    reads.sent[0].answer()
    await asyncio.gather(*readers)


# --------------------------------------------------------------- any order of arrivals, departures, answers, failures

KEYS = st.sampled_from([Key(name) for name in "abcdef"])
REQUESTS = st.sampled_from([replace(PAGE, size=size) for size in range(1, 6)])
STEPS = st.one_of(
    st.tuples(st.just("find"), KEYS),
    st.tuples(st.just("page"), REQUESTS),
    st.tuples(st.sampled_from(["leave", "answer", "fail"]), st.integers(0, 9)),
    st.tuples(st.just("settle"), st.none()),
)


class Reader:
    """Who asked for what, when they came, and when they went away if they did."""

    def __init__(self, reads: BlockingReads, asked: Key | PageRequest, reading: Coroutine[Any, Any, Any]) -> None:
        self.asked = asked
        self.arrived: int | None = None
        self.left: int | None = None
        self._reads = reads
        self.task = asyncio.create_task(self._read(reading))

    async def _read(self, reading: Coroutine[Any, Any, Any]) -> Any:
        self.arrived = self._reads.clock
        return await reading

    @property
    def waits(self) -> bool:
        return self.arrived is not None and self.left is None and not self.task.done()

    def leave(self) -> None:
        self.left = self._reads.clock
        self.task.cancel()

    @property
    def served_by(self) -> Sent | None:
        """The one read that may answer: the first of their kind that was sent after they came, if they were still there."""
        if self.arrived is None:
            return None
        later = [one for one in self._reads.sent if one.at > self.arrived]
        if isinstance(self.asked, PageRequest):
            found = next((one for one in later if (BOOKS, self.asked) in one.pages), None)
        else:
            found = next((one for one in later if one.keys), None)
        return None if found is None or (self.left is not None and self.left < found.at) else found


class Schedule:
    """Runs steps, and holds what is promised against what happens."""

    def __init__(self, ids: int, pages: int) -> None:
        self.reads = BlockingReads()
        self.documents = SharedDocuments(self.reads, ids_in_flight=ids, pages_in_flight=pages)
        self.ids, self.pages = ids, pages
        self.readers: list[Reader] = []

    def find(self, key: Key) -> None:
        self.readers.append(Reader(self.reads, key, self.documents.find(BOOKS, key)))

    def page(self, request: PageRequest) -> None:
        self.readers.append(Reader(self.reads, request, self.documents.page(BOOKS, request)))

    def leave(self, number: int) -> None:
        if waiting := [reader for reader in self.readers if reader.waits]:
            waiting[number % len(waiting)].leave()

    def answer(self, number: int) -> None:
        self._end(number, Sent.answer)

    def fail(self, number: int) -> None:
        self._end(number, Sent.fail)

    def _end(self, number: int, how: Callable[[Sent], None]) -> None:
        if under_way := self.reads.under_way:
            how(under_way[number % len(under_way)])

    async def settle(self, _: None = None) -> None:
        await settle()
        self.as_many_as_may_be_are_under_way()

    def as_many_as_may_be_are_under_way(self) -> None:
        for limit, of_pages in ((self.ids, False), (self.pages, True)):
            under_way = [one for one in self.reads.under_way if bool(one.pages) == of_pages]
            unsent = [
                reader
                for reader in self.readers
                if reader.waits and reader.served_by is None and isinstance(reader.asked, PageRequest) == of_pages
            ]
            assert len(under_way) <= limit
            assert len(under_way) == limit or not unsent

    async def finish(self) -> None:
        await self.settle()
        await self.reads.drain()
        for reader in self.readers:
            await self.got_what_their_read_gave(reader)
        for one in self.reads.sent:
            self.was_wanted(one)

    async def got_what_their_read_gave(self, reader: Reader) -> None:
        assert reader.task.done()
        if reader.task.cancelled():
            assert reader.left is not None
            return
        served = reader.served_by
        assert served is not None
        if (error := reader.task.exception()) is not None:
            assert str(error) == f"read {served.at}"
        else:
            result = reader.task.result()
            assert served.at == (result.position if isinstance(result, Page) else result["at"])

    def was_wanted(self, one: Sent) -> None:
        """Each key, and each page, by somebody who was there when it was sent."""
        wanted = {reader.asked for reader in self.readers if reader.served_by is one}
        assert wanted == {*one.keys, *(request for _, request in one.pages)}


@settings(max_examples=400)
@given(st.lists(STEPS, min_size=5, max_size=60), st.integers(1, 3), st.integers(1, 3))
def test_whatever_the_schedule(steps: list[tuple[str, Any]], ids: int, pages: int) -> None:
    async def run() -> None:
        schedule = Schedule(ids, pages)
        for name, argument in steps:
            made = getattr(schedule, name)(argument)
            if made is not None:
                await made
        await schedule.finish()

    asyncio.run(run())
