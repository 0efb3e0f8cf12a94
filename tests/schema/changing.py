"""Changes of the library's documents, and what a subscriber is sent for them."""

from typing import Any

from projections.kernel.changes import Change, ChangeKind
from projections.kernel.projection import Key
from tests.schema.fakes import at
from tests.schema.library import BOOK_ID, LIBRARY, stored
from write_side.kernel.positions import LogPosition

KEY = Key(BOOK_ID)


def counted(books: int, position: int = 60, kind: ChangeKind = ChangeKind.UPDATED) -> Change:
    """The library has so many books."""
    return Change(kind, LogPosition(position), Key(LIBRARY), {"id": LIBRARY, "books": books})


def renamed(title: str, position: int = 60) -> Change:
    """The book has another title."""
    return Change(ChangeKind.UPDATED, LogPosition(position), KEY, stored(title=title))


COUNT = "subscription { libraryChanged { position library { books } } }"


def count_of(books: int, position: int = 60) -> dict[str, Any]:
    """The response to `COUNT` for a change."""
    return {"data": {"libraryChanged": {"position": at(position), "library": {"books": books}}}}
