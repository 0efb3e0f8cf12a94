"""Operations on the library that a test spells out, and the documents that they find there."""

from typing import Any

from projections.kernel.projection import Key
from tests.schema.fakes import at
from tests.schema.library import BOOK_ID, DIGITS, LIBRARY, SCHEMA, stored
from tests.schema.operations.answers import Answers
from tests.schema.operations.comparison import demand_equal
from tests.schema.operations.operations import Request
from tests.schema.operations.ports import Ports
from tests.schema.operations.trials import expected, found

LOANS_ID = f"lns_{DIGITS}"
BOOK = f'book(id: "{BOOK_ID}")'
NODE = f'node(id: "{BOOK_ID}")'
ADD = 'addBook(input: { title: "Emma", authors: { familyName: "Austen" } })'
RENAME = f'renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }})'
AUTHORS = [{"familyName": "Austen", "bornOn": None}, {"familyName": "ü", "bornOn": "x"}]
FINDS: dict[tuple[str, Key], Any] = {
    ("books", Key(BOOK_ID)): stored(authors=AUTHORS),
    ("loans", Key(LOANS_ID)): {"_id": LOANS_ID, "id": LOANS_ID, "bookId": BOOK_ID, "version": 1, "position": at(1)},
    ("library", Key(LIBRARY)): {"_id": LIBRARY, "id": LIBRARY, "books": 3, "position": at(2)},
}


def finding(book: Any) -> Answers:
    """Answers in which this is the only document."""
    return Answers(finds={("books", Key(BOOK_ID)): book})


async def demand_agreement(
    text: str, variables: dict[str, Any] | None = None, answers: Answers | None = None, name: str | None = None
) -> str:
    """The data of an operation as JSON. Fails where the two executions do not agree on it."""
    request, told = Request(text, variables, name), answers or Answers(finds=FINDS)
    served = await found(SCHEMA, request, Ports(told, narrows=True))
    oracle = await expected(SCHEMA, request, Ports(told, narrows=False))
    demand_equal(served, oracle, serial="mutation" in text)
    return served.data
