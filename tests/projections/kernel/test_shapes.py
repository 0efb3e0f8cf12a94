"""Shapes: a document as it is stored, there and back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.kernel.documents import ASC, DESC, Document, OrderBy, document
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import Shape
from projections.kernel.texts import datetime_text, decimal_text
from tests.projections.kernel.library import EMMA, Binding, Book, BookId, Chapter, book
from tests.projections.strategies import SCALARS, instances
from tests.projections.structure import objections
from write_side.kernel.positions import START, Position

BOOK = Shape(Book)
TOKEN = POSITIONS.token(START)


def test_what_is_stored_is_what_graphql_answers() -> None:
    whole = book(
        version=3,
        position=TOKEN,
        price=Decimal("1E+2"),
        chapters=(Chapter(heading="I", pages=9),),
        printed_on=date(1815, 12, 23),
        bought_at=datetime(2026, 1, 31, 10, tzinfo=timezone(timedelta(hours=1))),
    )
    assert BOOK.encode(whole) == {
        "_id": EMMA,
        "id": EMMA,
        "version": 3,
        "position": TOKEN,
        "title": "Emma",
        "shelf": "hall",
        "binding": "PAPER",
        "price": "100",
        "chapters": [{"heading": "I", "pages": 9}],
        "favourite": None,
        "printedOn": "1815-12-23",
        "lentTo": None,
        "rare": False,
        "boughtAt": "2026-01-31T09:00:00.000000Z",
        "_keys": {"title": "emma", "price": Decimal(100)},
    }


def test_what_is_stored_is_of_plain_types() -> None:
    """A driver that knows no ids and no enums must be able to write it."""
    stored = BOOK.encode(book(binding=Binding.CLOTH))
    assert type(stored["_id"]) is str
    assert type(stored["binding"]) is str


@given(instances(Book))
def test_a_document_comes_back_as_it_was(whole: Book) -> None:
    assert BOOK.decode(BOOK.encode(whole)) == whole


@given(instances(Book))
def test_the_validator_admits_what_is_encoded(whole: Book) -> None:
    assert list(objections(BOOK.schema(), BOOK.encode(whole))) == []


def _without(name: str) -> Callable[[dict[str, Any]], object]:
    return lambda stored: stored.pop(name)


def _with(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda stored: stored.update(changes)


@pytest.mark.parametrize(
    "spoil",
    [
        *(_without(name) for name in BOOK.encode(book())),
        _with(colour="red"),
        _with(_keys={"title": "emma"}),
        _with(_keys={"title": "emma", "price": Decimal(0), "shelf": "hall"}),
        _with(_id="ord_1"),
        _with(title=7),
        _with(title=None),
        _with(rare=1),
        _with(version="1"),
        _with(version=True),
        _with(price="1E+2"),
        _with(price=1.0),
        _with(binding="STONE"),
        _with(chapters=None),
        _with(chapters=[{"heading": "I"}]),
        _with(chapters=[{"heading": "I", "pages": 9, "number": 1}]),
        _with(favourite=[]),
        _with(printedOn="23 December 1815"),
        _with(boughtAt="2026-01-31T09:00:00Z"),
        _with(boughtAt="2026-01-31T10:00:00.000000+01:00"),
    ],
)
def test_the_validator_refuses_any_other_shape(spoil: Callable[[dict[str, Any]], object]) -> None:
    stored = BOOK.encode(book(position=TOKEN))
    assert list(objections(BOOK.schema(), stored)) == []
    spoil(stored)
    assert list(objections(BOOK.schema(), stored)) != []


def test_texts_sort_folded_and_decimals_as_numbers() -> None:
    assert BOOK.sort_path(OrderBy("title", ASC)) == "_keys.title"
    assert BOOK.sort_path(OrderBy("price", DESC)) == "_keys.price"
    assert BOOK.sort_path(OrderBy("bought_at", DESC)) == "boughtAt"
    assert BOOK.compare_path("chapters.heading") == "chapters.heading"
    assert BOOK.encode(replace(book(), title="ÉMMA Straße"))["_keys"]["title"] == "émma strasse"


@given(st.lists(SCALARS[datetime], min_size=2, max_size=2))
def test_datetime_texts_sort_as_their_moments_do(moments: list[datetime]) -> None:
    first, second = moments
    assert (datetime_text(first) < datetime_text(second)) == (first < second)
    assert datetime.fromisoformat(datetime_text(first)) == first


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_decimal_texts_are_plain(amount: Decimal) -> None:
    text = decimal_text(amount)
    assert Decimal(text) == amount
    assert "E" not in text


def test_a_document_has_an_id_of_an_id_type() -> None:
    @document()
    class Nameless(Document):
        title: str

    @document()
    class Loose(Document):
        id: str

    for cls in (Nameless, Loose):
        with pytest.raises(TypeError, match="has no field id"):
            Shape(cls)


def test_a_document_without_orders_by_text_has_no_keys() -> None:
    @document()
    class Plain(Document):
        id: BookId

    assert Shape(Plain).encode(Plain(id=EMMA, position=Position("p"))) == {"_id": EMMA, "id": EMMA, "position": "p"}
    assert datetime_text(datetime(2026, 1, 31, tzinfo=UTC)) == "2026-01-31T00:00:00.000000Z"
