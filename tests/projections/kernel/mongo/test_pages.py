"""Pages on a real MongoDB: filters, orders, cursors, words, totals, against the same asked of a list."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import get_args
from uuid import UUID

import pytest

from projections.kernel.checkpoints import Checkpoints, Place
from projections.kernel.conditions import Condition, holds
from projections.kernel.documents import ASC, DESC, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.errors import BadPlace
from projections.kernel.fields import EVERYTHING
from projections.kernel.generations import Alias, Generation, Purpose
from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.documents import MongoDocuments
from projections.kernel.mongo.drivers import Driver
from projections.kernel.projection import Key, Projection
from projections.kernel.reading import Page, PageRequest
from projections.kernel.serving import Serving
from projections.kernel.shapes import KEYS, Stored
from tests.conftest import fresh_documents
from write_side.kernel.folding import folded
from write_side.kernel.ids import Id
from write_side.kernel.positions import LogId, LogPosition, Position


class BookId(Id, prefix="bok"):
    """A book."""


class Binding(StrEnum):
    HARD = "HARD"
    SOFT = "SOFT"


@part
class Person:
    """Somebody."""

    name: str
    town: str


@part
class Review:
    """What somebody thinks of a book."""

    author: Person | None
    stars: int


@document(
    many="books",
    stream="book",
    filters=(Filter("isbn", folded=True), Filter("binding"), Filter("tags", name="tag"), Filter("pages")),
    orders=(OrderBy("title", ASC), OrderBy("price", ASC), OrderBy("price", DESC), OrderBy("added_at", DESC)),
    search=("title", "tags"),
)
class Book(StreamDocument):
    """A book."""

    id: BookId
    isbn: str
    title: str
    binding: Binding
    tags: tuple[str, ...]
    pages: int
    price: Decimal
    added_at: datetime
    publisher: Person | None
    reviews: tuple[Review, ...]


BOOKS = Projection(Book, version=1)
TITLES = ["zebra crossings", "Apples", "apples and pears", "Émile", "banana bread", "Bananas", "The Odd One", "Z"]


def book(number: int) -> Book:
    return Book(
        id=BookId(f"bok_{number:032x}"),
        position=Position("aaaaaaaaaaaa-0000000000000001"),
        version=1,
        isbn=f"Isbn-{number}",
        title=TITLES[number % len(TITLES)],
        binding=Binding.HARD if number % 3 else Binding.SOFT,
        tags=("even", "all") if number % 2 == 0 else ("all",),
        pages=number * 10,
        price=Decimal(number * 37 % 11) + Decimal("0.50"),
        added_at=datetime(2026, 1, 1 + number % 5, tzinfo=UTC),
        publisher=Person(name="Ex Libris", town="Bern") if number % 2 else None,
        reviews=(Review(author=Person(name="Ann", town="Ulm"), stars=5), Review(author=None, stars=1))
        if number % 2
        else (),
    )


SHELF = [BOOKS.shape.encode(book(number)) for number in range(1, 24)]


async def page_of(documents: MongoDocuments, request: PageRequest) -> Page:
    """A page of books, read alone."""
    [page] = await documents.pages([(BOOKS, request)])
    return page


@pytest.fixture(scope="module", params=get_args(Driver))
async def documents(request: pytest.FixtureRequest, mongo_url: str) -> AsyncIterator[MongoDocuments]:
    """Reads of the shelf by each driver in turn. Nobody changes it: it is written once."""
    with fresh_documents(mongo_url) as name:
        client = open_client(mongo_url, request.param)
        yield await reads_of(Collections(open_database(client, name)), SHELF)
        await close(client)


async def reads_of(collections: Collections, shelf: Sequence[Stored]) -> MongoDocuments:
    """Reads of a shelf of books, whose checkpoint is at 9."""
    log, generation = LogId(UUID(int=7)), Generation(BOOKS, 1)
    await collections.make(generation, Purpose.SERVING, log, {Key(stored["_id"]): stored for stored in shelf})
    await collections.index(generation)
    serving = Serving([BOOKS], log)
    checkpoints = Checkpoints(serving)
    checkpoints.stands(generation, Place(LogPosition(9)))
    serving.take(BOOKS, Alias(log, 1), {})
    return MongoDocuments(collections, serving, checkpoints)


def in_order(order: OrderBy) -> list[str]:
    def key(stored: dict[str, object]) -> tuple[object, str]:
        value = stored[{"added_at": "addedAt"}.get(order.path, order.path)]
        if order.path == "title":
            value = folded(str(value))
        elif order.path == "price":
            value = Decimal(str(value))
        return value, str(stored["_id"])

    return [str(stored["_id"]) for stored in sorted(SHELF, key=key, reverse=order.direction == DESC)]


@pytest.mark.parametrize("order", BOOKS.spec.orders, ids=lambda order: order.public_name)
async def test_pages_forward_and_backward_walk_the_whole_order(documents: MongoDocuments, order: OrderBy) -> None:
    wanted = in_order(order)
    forward: list[str] = []
    after = None
    while True:
        page = await page_of(documents, PageRequest(order, 5, after=after))
        forward += [stored["_id"] for stored in page.documents]
        if not page.has_more:
            break
        after = page.places[-1]
    assert forward == wanted

    backward: list[str] = []
    before = None
    while True:
        page = await page_of(documents, PageRequest(order, 5, before=before, backward=True))
        backward = [stored["_id"] for stored in page.documents] + backward
        if not page.has_more:
            break
        before = page.places[0]
    assert backward == wanted


async def test_a_range_between_two_places(documents: MongoDocuments) -> None:
    order = BOOKS.spec.orders[1]
    whole = await page_of(documents, PageRequest(order, 100))

    page = await page_of(documents, PageRequest(order, 100, after=whole.places[3], before=whole.places[9]))

    assert page.documents == whole.documents[4:9]


@pytest.mark.parametrize(
    "condition",
    [
        Condition("_keys.isbn", (("eq", "isbn-7"),)),
        Condition("_keys.isbn", (("startsWith", "isbn-1"),)),
        Condition("_keys.isbn", (("in", ("isbn-7", "isbn-8", "none")),)),
        Condition("binding", (("in", ()),)),
        Condition("binding", (("eq", "SOFT"),)),
        Condition("pages", (("gte", 50), ("lt", 120))),
        Condition("pages", (("gt", 50), ("lte", 120))),
        Condition("tags", (("eq", "even"),), many=True),
        Condition("tags", (("startsWith", "e"), ("in", ("even", "all"))), many=True),
        Condition("tags", (("eq", "all"), ("startsWith", "e")), many=True),
        Condition("addedAt", (("gte", "2026-01-02T00:00:00.000000Z"), ("lt", "2026-01-04T00:00:00.000000Z"))),
        Condition("title", (("eq", "$where"),)),
    ],
    ids=str,
)
async def test_a_condition_means_the_same_in_the_database_and_in_the_process(
    documents: MongoDocuments, condition: Condition
) -> None:
    page = await page_of(documents, PageRequest(BOOKS.spec.orders[0], 100, (condition,), with_total=True))

    assert sorted(stored["_id"] for stored in page.documents) == [s["_id"] for s in SHELF if holds(condition, s)]
    assert page.total == len(page.documents)


async def test_all_words_must_match_in_whatever_case(documents: MongoDocuments) -> None:
    order = BOOKS.spec.orders[0]

    page = await page_of(documents, PageRequest(order, 100, search=("APPLES", "pears"), with_total=True))

    assert {stored["title"] for stored in page.documents} == {"apples and pears"}
    assert page.total == len(page.documents) == sum(stored["title"] == "apples and pears" for stored in SHELF)


async def test_the_total_counts_all_pages_and_the_page_notes_the_checkpoint(documents: MongoDocuments) -> None:
    order = BOOKS.spec.orders[0]
    first = await page_of(documents, PageRequest(order, 3))

    page = await page_of(documents, PageRequest(order, 3, after=first.places[-1], with_total=True))

    assert (page.total, first.total) == (len(SHELF), None)
    assert page.position == 9


async def test_nothing_matches(documents: MongoDocuments) -> None:
    nothing = (Condition.equal("binding", "NONE"),)

    page = await page_of(documents, PageRequest(BOOKS.spec.orders[0], 3, nothing, with_total=True))

    assert (page.documents, page.total, page.has_more) == ([], 0, False)


async def test_a_place_that_cannot_be_is_said_so(documents: MongoDocuments) -> None:
    with pytest.raises(BadPlace):
        await page_of(documents, PageRequest(BOOKS.spec.orders[1], 3, after=("nonsense", Key("x"))))


async def test_documents_by_key(documents: MongoDocuments) -> None:
    keys = [Key(stored["_id"]) for stored in SHELF[:3]]
    frozen = frozenset({"title"})

    assert await documents.many(BOOKS, [*keys, Key("bok_none")], frozen) == {
        key: {"_id": key, "title": stored["title"]} for key, stored in zip(keys, SHELF, strict=False)
    }
    assert set(await documents.many(BOOKS, keys[:1], frozen)) == {keys[0]}
    assert await documents.many(BOOKS, [Key("bok_none")], frozen) == {}


async def test_of_a_document_comes_what_is_asked_for(documents: MongoDocuments) -> None:
    key, order = Key(SHELF[0]["_id"]), BOOKS.spec.orders[0]

    whole = await documents.many(BOOKS, [key], EVERYTHING)
    part = await documents.many(BOOKS, [key], frozenset({"tags", "publisher.name"}))
    nothing = await documents.many(BOOKS, [key], frozenset())
    page = await page_of(documents, PageRequest(order, 1, fields=frozenset({"pages"}), with_places=False))

    assert whole[key] == {name: value for name, value in SHELF[0].items() if name != KEYS}
    assert part[key] == {"_id": key, "tags": SHELF[0]["tags"], "publisher": {"name": "Ex Libris"}}
    assert nothing[key] == {"_id": key}
    assert [set(stored) for stored in page.documents] == [{"_id", "pages"}]
    assert page.places == []


@pytest.mark.parametrize("order", BOOKS.spec.orders, ids=lambda order: order.public_name)
@pytest.mark.parametrize("with_total", [False, True])
async def test_places_are_the_same_whatever_is_asked_for(
    documents: MongoDocuments, order: OrderBy, with_total: bool
) -> None:
    requests = [
        PageRequest(order, 5, with_total=with_total, fields=fields)
        for fields in (EVERYTHING, frozenset({"pages"}), frozenset({"title", "price", "addedAt"}), frozenset[str]())
    ]

    pages = [await page_of(documents, request) for request in requests]

    assert len({tuple(page.places) for page in pages}) == 1
    assert all(set(stored.get(KEYS, {})) <= {order.path} for page in pages for stored in page.documents)
    assert {page.total for page in pages} == {len(SHELF) if with_total else None}


async def test_whether_there_are_more_is_only_looked_for_when_asked(documents: MongoDocuments) -> None:
    order = BOOKS.spec.orders[0]

    page = await page_of(documents, PageRequest(order, 5, with_more=False, with_total=True))

    assert (len(page.documents), page.has_more, page.total) == (5, False, len(SHELF))


async def test_pages_that_are_read_together_are_what_they_are_alone(documents: MongoDocuments) -> None:
    by_title, by_price = BOOKS.spec.orders[:2]
    third = (await page_of(documents, PageRequest(by_title, 3))).places[-1]
    requests = [
        PageRequest(by_title, 3),
        PageRequest(by_title, 4, after=third, fields=frozenset({"pages"})),
        PageRequest(by_title, 2, before=third, backward=True),
        PageRequest(by_price, 100, (Condition.equal("binding", "HARD"),), with_total=True),
        PageRequest(by_price, 5, (Condition.equal("binding", "PAPER"),)),
        PageRequest(by_price, 5, search=("apples",), with_more=False),
        PageRequest(by_title, 1, fields=frozenset(), with_places=False),
    ]
    alone = [await page_of(documents, request) for request in requests]

    assert list(await documents.pages([(BOOKS, request) for request in requests])) == alone


async def test_what_is_absent_stays_an_object_a_list_or_nothing(documents: MongoDocuments) -> None:
    """What readers of some fields are promised of the objects that hold them."""
    full, bare = (Key(stored["_id"]) for stored in SHELF[:2])  # the second has no publisher, and no reviews

    found = await documents.many(BOOKS, [full, bare], frozenset({"publisher.name", "reviews.author.name"}))

    assert found[bare] == {"_id": bare, "reviews": []}
    assert found[full]["reviews"] == [{"author": {"name": "Ann"}}, {}]


async def test_words_that_are_written_with_marks_or_underscores(collections: Collections) -> None:
    """They are cut as a client's search is cut."""
    titled = {**SHELF[0], "title": "LAMP_01 हिन्दी"}
    documents = await reads_of(collections, [titled])

    for word in ("lamp_01", "हिन्दी"):
        page = await page_of(documents, PageRequest(BOOKS.spec.orders[0], 10, search=(word,)))
        assert [stored["_id"] for stored in page.documents] == [titled["_id"]], word
