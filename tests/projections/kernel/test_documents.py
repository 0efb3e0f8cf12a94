"""Document classes: what they declare, and what is refused."""

from datetime import datetime

import pytest

from projections.kernel.documents import (
    ASC,
    DESC,
    Document,
    Filter,
    OrderBy,
    document,
    field_type,
    field_types,
    part,
    stored_path,
)
from tests.projections.kernel.library import Book, BookId, Chapter, Shelf


def test_fields_come_with_identity_first_and_the_rest_as_written() -> None:
    assert list(field_types(Book))[:5] == ["id", "version", "position", "title", "shelf"]
    assert list(field_types(Shelf)) == ["id", "position", "moves", "since"]


def test_a_field_type_is_taken_apart() -> None:
    title, favourite, chapters = (field_types(Book)[name] for name in ("title", "favourite", "chapters"))
    assert (title.base, title.optional, title.many, title.description) == (
        str,
        False,
        False,
        "As it stands on the spine.",
    )
    assert (favourite.base, favourite.optional, favourite.many) == (Chapter, True, False)
    assert (chapters.base, chapters.optional, chapters.many) == (Chapter, False, True)
    assert favourite.is_part
    assert field_types(Book)["binding"].is_enum
    assert field_types(Book)["id"].is_id
    assert not title.is_part


def test_a_path_through_a_list_is_many() -> None:
    found = field_type(Book, "chapters.heading")
    assert (found.base, found.many) == (str, True)
    assert not field_type(Book, "favourite.heading").many


def test_public_names() -> None:
    assert Filter("customer.customer_id").public_name == "customerId"
    assert Filter("tags", name="tag").public_name == "tag"
    assert OrderBy("placed_at", DESC).public_name == "PLACED_AT_DESC"
    assert OrderBy("price.amount", ASC, name="PRICE").public_name == "PRICE_ASC"
    assert stored_path("shipping_address.country_code") == "shippingAddress.countryCode"


def test_a_collection_is_named_by_its_page_query_or_its_class() -> None:
    assert Book.spec.collection == "books"
    assert Shelf.spec.collection == "shelf"


@pytest.mark.parametrize(
    "spec",
    [
        {"filters": (Filter("nothing"),)},
        {"filters": (Filter("name.first"),)},
        {"orders": (OrderBy("chapters.size", ASC),)},
        {"search": ("blurb",)},
    ],
)
def test_a_path_that_the_class_has_not_is_refused(spec: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(TypeError, match="has no field at"):
        _declared(**spec)


@pytest.mark.parametrize(
    "spec",
    [
        {"orders": (OrderBy("nickname", ASC),)},
        {"orders": (OrderBy("chapters.pages", ASC),)},
        {"orders": (OrderBy("best.pages", ASC),)},
        {"filters": (Filter("tags", folded=True),)},
    ],
)
def test_an_order_by_what_may_be_absent_or_several_is_refused(spec: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(TypeError, match="is not one value in every document"):
        _declared(**spec)


def test_a_filter_on_lists_of_lists_is_refused() -> None:
    with pytest.raises(TypeError, match="is in lists of lists"):
        _declared(filters=(Filter("sections.words"),))


def test_a_field_is_of_one_type_or_none() -> None:
    @part
    class Undecided:
        either: str | int | None

    with pytest.raises(TypeError, match="one type or None"):
        field_types(Undecided)


def test_documents_are_frozen() -> None:
    shelf = Chapter(heading="I", pages=3)
    with pytest.raises(AttributeError):
        shelf.pages = 4  # type: ignore[misc] # that is the point


@part
class Section:
    words: tuple[str, ...]


def _declared(**spec: tuple[object, ...]) -> None:
    class Draft(Document):
        id: BookId
        name: str
        nickname: str | None
        tags: tuple[str, ...]
        chapters: tuple[Chapter, ...]
        sections: tuple[Section, ...]
        best: Chapter | None
        written_at: datetime

    document(**spec)(Draft)  # type: ignore[arg-type] # any of the decorator's arguments
