"""A read model of no shop at all: the kernel's tests need documents, and the kernel knows no shop."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from typing_extensions import Doc

from projections.kernel.conditions import Condition
from projections.kernel.documents import ASC, DESC, Document, Filter, OrderBy, StreamDocument, document, part
from projections.kernel.projection import Projection
from write_side.kernel.events import Event, Recorded
from write_side.kernel.ids import Id


class BookId(Id, prefix="bok"):
    """A book."""


class ShelfId(Id, prefix="shl", form="[a-z]+"):
    """A shelf, by its name."""


class Binding(StrEnum):
    """How a book is bound."""

    CLOTH = "CLOTH"
    PAPER = "PAPER"


class BookBought(Event, name="book-bought"):
    title: str
    shelf: str


class BookRetitled(Event, name="book-retitled"):
    title: str


class BookLent(Event, name="book-lent"):
    reader: str


class BookMoved(Event, name="book-moved"):
    shelves: tuple[str, ...]


class ShelfRenamed(Event, name="shelf-renamed"):
    shelf: str
    name: str


class LibraryClosed(Event, name="library-closed"):
    """Nobody knows it."""


@part
class Chapter:
    """A part of a book."""

    heading: str
    pages: int


@document(
    many="books",
    stream="book",
    filters=(Filter("title", folded=True), Filter("chapters.heading", name="chapter"), Filter("binding")),
    orders=(OrderBy("title", ASC), OrderBy("price", DESC), OrderBy("bought_at", DESC)),
    search=("title", "chapters.heading"),
    watch=("one", "many"),
)
class Book(StreamDocument):
    """A book in the library."""

    id: BookId
    title: Annotated[str, Doc("As it stands on the spine.")]
    shelf: str
    binding: Binding = Binding.PAPER
    price: Decimal = Decimal("0.00")
    chapters: tuple[Chapter, ...] = ()
    favourite: Chapter | None = None
    printed_on: date | None = None
    lent_to: str | None = None
    rare: bool = False
    bought_at: datetime


BOOKS = Projection(Book, version=1)


@BOOKS.starts(BookBought)
def bought(event: Recorded[BookBought]) -> Book:
    return Book(id=BookId(event.key), title=event.event.title, shelf=event.event.shelf, bought_at=event.occurred_at)


@BOOKS.on(BookRetitled)
def retitled(book: Book, event: Recorded[BookRetitled]) -> Book:
    return replace(book, title=event.event.title)


@BOOKS.on(BookLent, optional=True)
def lent(book: Book, event: Recorded[BookLent]) -> Book:
    return replace(book, lent_to=event.event.reader)


@BOOKS.on(ShelfRenamed, where=lambda event: Condition.equal("shelf", event.event.shelf))
def shelf_renamed(book: Book, event: Recorded[ShelfRenamed]) -> Book:
    return replace(book, shelf=event.event.name)


@document()
class Shelf(Document):
    """A shelf, and how often books were moved to it."""

    id: ShelfId
    moves: int = 0
    since: datetime


HALL = ShelfId("shl_hall")
SHELVES = Projection(Shelf, version=1, initial=lambda key, at: Shelf(id=ShelfId(key), since=at), seeds=(HALL,))


@SHELVES.on(BookMoved, keys=lambda event: [f"shl_{shelf}" for shelf in event.event.shelves])
def moved(shelf: Shelf, _event: Recorded[BookMoved]) -> Shelf:
    return replace(shelf, moves=shelf.moves + 1)


EMMA, PERSUASION = BookId(f"bok_{1:032x}"), BookId(f"bok_{2:032x}")
EMMA_BOUGHT = BookBought(title="Emma", shelf="hall")


def book(**changes: object) -> Book:
    """A book to start from."""
    plain = Book(id=EMMA, title="Emma", shelf="hall", bought_at=datetime(2026, 1, 31, tzinfo=UTC))
    return replace(plain, **changes)  # type: ignore[arg-type] # the caller names fields
