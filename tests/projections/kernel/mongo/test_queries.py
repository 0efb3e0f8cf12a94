"""A condition means the same in MongoDB and in the process, whatever is stored and whatever is asked."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pymongo
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.kernel.conditions import Condition, Operator, holds, values_at
from projections.kernel.mongo.client import CODEC_OPTIONS
from projections.kernel.mongo.queries import matches
from projections.kernel.shapes import Stored
from tests.projections.kernel.library import BOOKS, Binding, Chapter, book

Shelf = pymongo.collection.Collection[dict[str, Any]]

LISTS = ("chapters.heading", "chapters.pages")
PATHS = (
    *LISTS,
    "_keys.title",
    "_keys.price",
    "binding",
    "favourite.heading",
    "favourite.pages",
    "printedOn",
    "boughtAt",
    "lentTo",
    "rare",
    "version",
    "nowhere",
)
OPERATORS: tuple[Operator, ...] = ("eq", "in", "gt", "gte", "lt", "lte", "startsWith")

# Few letters, so that texts begin alike; the last character there is, and the two around the gap that no text has.
TEXTS = st.text(alphabet="abAé\ud7ff\ue000\U0010ffff\0", max_size=3)
CHAPTERS = st.builds(Chapter, heading=TEXTS, pages=st.integers(0, 9))
SCALARS = TEXTS | st.integers(-3, 400) | st.booleans() | st.sampled_from([2**31, -(2**63), 2**63 - 1])


@st.composite
def shelves(draw: st.DrawFn) -> list[Stored]:
    """Stored books. Fields that may be absent sometimes are, as no document of ours has it."""
    books = []
    for number in range(draw(st.integers(1, 8))):
        day = date(2026, 1, draw(st.integers(1, 9)))
        one = book(
            rare=draw(st.booleans()),
            binding=draw(st.sampled_from(Binding)),
            price=draw(st.decimals(-9, 9, places=2) | st.sampled_from([Decimal("1E+3"), Decimal("3"), Decimal("3.000")])),
            lent_to=draw(st.none() | TEXTS),
            chapters=tuple(draw(st.lists(CHAPTERS, max_size=3))),
            favourite=draw(st.none() | CHAPTERS),
            printed_on=draw(st.sampled_from([None, day])),
            bought_at=datetime.combine(day, time(), UTC),
        )
        stored = BOOKS.shape.encode(one) | {"_id": f"bok_{number}"}
        stored["_keys"]["title"] = draw(TEXTS)
        for name in draw(st.sets(st.sampled_from(["favourite", "printedOn", "chapters", "_keys"]), max_size=1)):
            del stored[name]
        books.append(stored)
    return books


@st.composite
def conditions(draw: st.DrawFn, books: list[Stored]) -> Condition:
    """A condition that has a good chance to hold for some of the books, and not for all."""
    path = draw(st.sampled_from(PATHS))
    there = [value for book in books for value in values_at(path, book) if isinstance(value, str | int | bool)]
    value = st.sampled_from(there) | SCALARS if there else SCALARS
    operators = draw(st.lists(st.sampled_from(OPERATORS), min_size=1, max_size=3, unique=True))
    if "startsWith" in operators:
        operators = [operator for operator in operators if operator not in ("gte", "lt")]
    tests: list[Any] = []
    for operator in operators:
        if operator == "in":
            tests.append((operator, tuple(draw(st.lists(value, max_size=3)))))
        elif operator == "startsWith":
            text = draw(st.sampled_from([one for one in there if isinstance(one, str)] or [""]) | TEXTS)
            tests.append((operator, text[: draw(st.integers(0, len(text)))]))
        else:
            tests.append((operator, draw(value)))
    return Condition(path, tuple(tests), many=path in LISTS)


@pytest.fixture
def shelf(mongo_url: str, mongo_database: str) -> Iterator[Shelf]:
    """A collection of books without a validator."""
    with pymongo.MongoClient[dict[str, Any]](mongo_url) as client:
        yield client.get_database(mongo_database, codec_options=CODEC_OPTIONS)["books"]


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_condition_means_the_same_in_the_database_and_in_the_process(shelf: Shelf, data: st.DataObject) -> None:
    books = data.draw(shelves())
    asked = [tuple(data.draw(st.lists(conditions(books), min_size=1, max_size=2))) for _ in range(15)]
    shelf.delete_many({})
    shelf.insert_many(books)

    for together in asked:
        found = [stored["_id"] for stored in shelf.find(matches(together)).sort("_id")]
        assert found == [book["_id"] for book in books if all(holds(one, book) for one in together)], together


def test_tests_that_would_take_each_others_place_are_refused() -> None:
    with pytest.raises(ValueError, match="startsWith"):
        matches((Condition("title", (("gte", "b"), ("startsWith", "a"))),))
