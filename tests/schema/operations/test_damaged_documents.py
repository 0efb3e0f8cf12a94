"""Stored documents that are not what the schema says: the same nulls and the same errors as graphql-core gives."""

from typing import Any

import pytest

from projections.kernel.errors import StoreUnavailable
from projections.kernel.projection import Key
from projections.kernel.reading import Page, PageRequest
from tests.schema.library import BOOK_ID, BOOKS, LIBRARY, stored
from tests.schema.operations.answers import Answers
from tests.schema.operations.directed import BOOK, FINDS, LOANS_ID, NODE, demand_agreement, finding
from write_side.kernel.positions import LogPosition

FIELDS = (
    "id version position title shelf tags copies isNew price boughtAt publishedOn subtitle authors { familyName bornOn }"
)

STRANGE: dict[str, tuple[Any, ...]] = {
    "copies": (
        *(2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 1.0, 1.5, 1e10),
        *(True, "7", "x", "", None, [], {}, float("nan"), float("inf")),
    ),
    "isNew": (None, 0, 1, 1.5, "true", []),
    "title": (None, 5, 1.5, True, [], {}, "\u2028", float("nan")),
    "shelf": (None, "ATTIC", "", 5, [], {}),
    "price": (None, 5, [], {}, False),
    "tags": (None, "old", [None], ["a", None, 5], [[]], {}, {"a": 1}, 5),
    "subtitle": (None, "", 5, [], {}),
    "authors": (
        *(None, [], [None], {}, {"familyName": "A"}, "x", 5, [{}], [5], ["x"], [[]]),
        *([{"familyName": "A"}, {"familyName": None}], [{"familyName": "A", "bornOn": []}]),
    ),
    "id": (LOANS_ID, LIBRARY, 5, "boo", "nothing_1"),
    "version": ("3", None, 2**63 - 1),
}
DAMAGES = [{field: value} for field, values in STRANGE.items() for value in values]


@pytest.mark.parametrize("damage", DAMAGES, ids=repr)
async def test_a_field_holds_what_it_must_not(damage: dict[str, Any]) -> None:
    told = finding(stored(**damage))
    await demand_agreement(f"{{ {BOOK} {{ {FIELDS} }} }}", answers=told)
    await demand_agreement(f"{{ {NODE} {{ __typename ... on Book {{ {FIELDS} }} }} }}", answers=told)


@pytest.mark.parametrize("field", [name for name in stored() if not name.startswith("_")])
async def test_a_field_is_missing(field: str) -> None:
    document = stored()
    del document[field]
    await demand_agreement(f"{{ {BOOK} {{ {FIELDS} }} }}", answers=finding(document))
    await demand_agreement(f"{{ {BOOK} {{ {FIELDS} }} }}", answers=finding({}))


@pytest.mark.parametrize("author", [None, 5, "x", [], {}])
async def test_what_is_no_object_has_no_type(author: Any) -> None:
    told = finding(stored(authors=[author]))
    await demand_agreement(f"{{ {BOOK} {{ authors {{ __typename }} }} }}", answers=told)


# ---------------------------------------------------------------- pages

PLACES = [("a", Key(BOOK_ID)), ("b", Key(BOOK_ID))]
CONNECTION = """edges { cursor node { ...B } } nodes { ...B } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    totalCount position"""
SELECTIONS = {
    "everything": f"{{ x: books {{ {CONNECTION} }} }} fragment B on Book {{ title subtitle }}",
    "nodes": "{ books { nodes { title } } }",
    "nodes and edges": "{ books { nodes { title } edges { node { id subtitle } } } }",
    "cursors": "{ books { edges { cursor } } }",
    "the end": "{ books { pageInfo { endCursor } } }",
    "whether there are more": "{ books { pageInfo { hasNextPage } } }",
    "no total": "{ books { position ... @skip(if: true) { totalCount } } }",
    "type names": "{ books { __typename edges { __typename } nodes { __typename } pageInfo { __typename } } }",
    "the same page twice": f"{{ a: books {{ nodes {{ id }} }} b: books {{ nodes {{ title }} }} {BOOK} {{ id }} }}",
}
PAGES: dict[str, Page | Exception] = {
    "empty": Page([], [], False, 0, LogPosition(0)),
    "two": Page([stored(), stored(title="Persuasion")], PLACES, True, 2, LogPosition(7)),
    "a total that is too large": Page([stored()], PLACES[:1], False, 2**31, LogPosition(7)),
    "null": Page([stored(), stored(title=None)], PLACES, True, 2, LogPosition(7)),
    "errors that are absorbed": Page([stored(subtitle=[]), stored(subtitle=[])], PLACES, True, 2, LogPosition(7)),
    "an error": StoreUnavailable(),
}


@pytest.mark.parametrize("text", SELECTIONS.values(), ids=SELECTIONS.keys())
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
async def test_a_page(text: str, page: Page | Exception) -> None:
    order = BOOKS.spec.orders[0]
    requests = [PageRequest(order=order, size=20, with_total=with_total) for with_total in (False, True)]
    told = Answers(finds=FINDS, pages={("books", repr(request)): page for request in requests})
    await demand_agreement(text, answers=told)
