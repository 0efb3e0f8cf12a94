"""A domain that is not the shop: what the schema derives must not know the difference."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints
from typing_extensions import Doc

from projections.kernel.documents import (
    ASC,
    DESC,
    Document,
    Filter,
    OrderBy,
    StreamDocument,
    document,
    part,
)
from projections.kernel.projection import Projection
from schema.build import build_schema
from write_side.kernel.commands import Command, Events, Input
from write_side.kernel.domain import Domain
from write_side.kernel.events import Event
from write_side.kernel.ids import Id
from write_side.kernel.refusals import Refusal
from write_side.kernel.streams import Loaded, StreamKind


class BookId(Id, prefix="boo"):
    """A book."""


class LoansId(Id, prefix="lns"):
    """The loans of the book with the same digits."""


class LibraryId(Id, prefix="lib", form="[a-z]+"):
    """A library."""


LIBRARY = LibraryId("lib_main")


class Shelf(StrEnum):
    """Where a book stands."""

    FICTION = "FICTION"
    SCIENCE = "SCIENCE"


class BookAdded(Event, name="book-added"):
    title: str


@dataclass(frozen=True, slots=True)
class State:
    title: str


BOOK: StreamKind[State | None] = StreamKind("book", BookId, BookAdded, initial=None, evolve=lambda _, e: State(e.title))


class BookLent(Refusal, code="BOOK_LENT"):
    """The book is not here."""


Title = Annotated[str, StringConstraints(min_length=1, max_length=50)]


class AuthorInput(Input):
    """Who wrote it."""

    family_name: Annotated[Title, Doc("Surname.")]
    born_on: date | None = None


class AddBook(Command, starts=BOOK):
    """Put a book on a shelf."""

    id: BookId | None = None
    title: Title
    authors: Annotated[tuple[AuthorInput, ...], Field(min_length=1)]
    shelf: Shelf = Shelf.FICTION
    tags: tuple[Title, ...] = ()
    price: Annotated[Decimal, Doc("In euros.")] | None = None
    bought_at: datetime | None = None
    is_new: bool = True

    def decide(self, loaded: Loaded) -> Events:
        return [(self.target, BookAdded(title=self.title))]


class RenameBook(Command, target=BOOK):
    """Give a book another title."""

    book_id: BookId
    title: Title

    def decide(self, loaded: Loaded) -> Events:
        return []


@part
class Author:
    """Who wrote it."""

    family_name: str
    born_on: date | None


@document(
    many="books",
    stream="book",
    filters=(
        Filter("id"),
        Filter("title", folded=True),
        Filter("isbn"),
        Filter("shelf"),
        Filter("tags", name="tag"),
        Filter("copies"),
        Filter("is_new"),
        Filter("bought_at"),
        Filter("published_on"),
    ),
    orders=(OrderBy("title", ASC), OrderBy("bought_at", DESC), OrderBy("price", ASC), OrderBy("copies", DESC)),
    search=("title", "authors.family_name"),
    watch=("one", "many"),
)
class Book(StreamDocument):
    """A book on a shelf."""

    id: BookId
    title: str
    isbn: Annotated[str, Doc("ISO 2108.")]
    shelf: Shelf
    tags: tuple[str, ...]
    copies: int
    is_new: bool
    price: Decimal
    bought_at: datetime
    published_on: date
    authors: tuple[Author, ...]
    subtitle: str | None = None


@document(stream="book", key=BookId)
class Loans(StreamDocument):
    """Who had a book."""

    id: LoansId
    book_id: BookId


@document(singleton=LIBRARY, watch=("one",))
class Library(Document):
    """All of it."""

    id: LibraryId
    books: int = 0


BOOKS = Projection(Book, version=1)
LOANS = Projection(Loans, version=1)
LIBRARIES = Projection(Library, version=1)
PROJECTIONS = (BOOKS, LOANS, LIBRARIES)
DOMAIN = Domain((AddBook, RenameBook), (BOOK,))
SCHEMA = build_schema(DOMAIN, PROJECTIONS)

DIGITS = "0123456789abcdef" * 2
BOOK_ID = BookId(f"boo_{DIGITS}")


def stored(key: str = BOOK_ID, **changed: object) -> dict[str, object]:
    """A book as MongoDB holds it."""
    return {
        "_id": key,
        "id": key,
        "version": 3,
        "position": "000000000000-0000000000000007",
        "title": "Emma",
        "isbn": "978-3",
        "shelf": "FICTION",
        "tags": ["old"],
        "copies": 2,
        "isNew": False,
        "price": "12.50",
        "boughtAt": "2026-01-31T12:00:00.000000Z",
        "publishedOn": "1815-12-23",
        "authors": [{"familyName": "Austen", "bornOn": "1775-12-16"}],
        "subtitle": None,
        "_keys": {"title": "emma"},
        **changed,
    }
