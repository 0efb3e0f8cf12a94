"""Reading pages: sizes, orders, filters, search, cursors, and what a connection says."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest

from projections.kernel.conditions import Condition
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.projection import Key
from projections.kernel.reading import Page, PageRequest
from schema import cursors
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, BOOKS, DIGITS, stored
from write_side.kernel.positions import LogPosition

ID: Fields = frozenset({"id"})
BY_TITLE, BY_BOUGHT, BY_PRICE, BY_COPIES = BOOKS.spec.orders
PLACE = ("emma", Key(BOOK_ID))
CURSOR = cursors.encode(BOOKS, BY_TITLE, PLACE)


async def asked(api: Api, arguments: str, variables: dict[str, Any] | None = None, head: str = "") -> PageRequest:
    """What the document store was asked for."""
    await api.data(
        f"query {head} {{ books{arguments} {{ nodes {{ id }} pageInfo {{ endCursor hasNextPage }} }} }}", variables
    )
    ((name, request),) = api.documents.calls
    assert name == "books"
    assert isinstance(request, PageRequest)
    return request


async def refused(api: Api, arguments: str, variables: dict[str, Any] | None = None, head: str = "") -> tuple[str, str]:
    """The code and message of a page query that asks nobody."""
    failure = await api.fails(f"query {head} {{ books{arguments} {{ nodes {{ id }} }} }}", variables)
    assert api.documents.calls == []
    return failure


async def test_without_arguments_the_first_20_in_the_first_order(api: Api) -> None:
    assert await asked(api, "") == PageRequest(order=BY_TITLE, size=20, fields=ID)


async def test_an_explicit_null_is_the_default(api: Api) -> None:
    nothing = (
        "(filter: null, search: null, orderBy: null, first: null, after: null, last: null, before: null, atLeast: null)"
    )
    assert await asked(api, nothing) == PageRequest(order=BY_TITLE, size=20, fields=ID)


async def test_a_null_variable_is_the_default(api: Api) -> None:
    request = await asked(api, "(orderBy: $o, first: $f)", {"o": None, "f": None}, "($o: BookOrderBy, $f: Int)")
    assert request == PageRequest(order=BY_TITLE, size=20, fields=ID)


ALL_OF_A_BOOK = """id version position title isbn shelf tags copies isNew price boughtAt publishedOn subtitle
    authors { familyName bornOn }"""


@pytest.mark.parametrize(
    ("selected", "read"),
    [
        ("nodes { id }", {"fields": ID}),
        ("nodes { __typename }", {"fields": frozenset()}),
        ("nodes { authors { bornOn } } edges { node { title } }", {"fields": frozenset({"title", "authors.bornOn"})}),
        ("a: nodes { title } b: nodes { isbn }", {"fields": frozenset({"title", "isbn"})}),
        ("edges { node { authors { familyName bornOn } } }", {"fields": frozenset({"authors"})}),
        (f"nodes {{ {ALL_OF_A_BOOK} }}", {"fields": EVERYTHING}),
        ("edges { cursor }", {"with_places": True}),
        ("pageInfo { startCursor }", {"with_places": True}),
        ("pageInfo { hasPreviousPage }", {"with_more": True}),
        ("totalCount", {"with_total": True}),
        ("position", {}),
        ("...F", {"fields": ID}),
        ("totalCount @skip(if: true) nodes @include(if: false) { title } position", {}),
    ],
)
async def test_what_is_not_selected_is_not_read(api: Api, selected: str, read: dict[str, Any]) -> None:
    api.documents.page_of = Page([], [], False, 0, LogPosition(9))

    fragment = " fragment F on BookConnection { nodes { id } }" if "...F" in selected else ""
    await api.data(f"{{ books {{ {selected} }} }}{fragment}")

    nothing = {"fields": frozenset(), "with_places": False, "with_more": False, "with_total": False}
    ((_, request),) = api.documents.calls
    assert request == PageRequest(order=BY_TITLE, size=20, **{**nothing, **read})


@pytest.mark.parametrize("size", [1, 100])
async def test_first_takes_1_to_100(api: Api, size: int) -> None:
    assert (await asked(api, f"(first: {size})")).size == size


@pytest.mark.parametrize("argument", ["first", "last"])
@pytest.mark.parametrize("size", [-1, 0, 101, 2**31 - 1])
async def test_other_sizes_are_bad_input(api: Api, argument: str, size: int) -> None:
    assert await refused(api, f"({argument}: {size})") == ("BAD_USER_INPUT", f"{argument}: must be 1 to 100")


async def test_first_and_last_are_never_combined(api: Api) -> None:
    code, message = await refused(api, "(first: 1, last: 1)")
    assert code == "BAD_USER_INPUT"
    assert "first" in message
    assert "last" in message


async def test_last_reads_backward(api: Api) -> None:
    request = await asked(api, "(last: 5, orderBy: PRICE_ASC)")
    assert (request.size, request.backward, request.order) == (5, True, BY_PRICE)


async def test_the_total_is_asked_for_only_when_selected(api: Api) -> None:
    query = "query ($no: Boolean!) { books { ...T position @skip(if: $no) } } fragment T on BookConnection { %s }"
    for selection, wanted in [
        ("nodes { id }", False),
        ("totalCount", True),
        ("n: totalCount", True),
        ("... { totalCount }", True),
        ("totalCount @skip(if: $no) nodes { id }", False),
        ("totalCount @include(if: $no)", True),
        ("... @skip(if: $no) { totalCount } nodes { id }", False),
    ]:
        api.documents.page_of = Page([], [], False, 0 if wanted else None, LogPosition(1))
        await api.data(query % selection, {"no": True})
        assert api.documents.calls[-1][1].with_total is wanted, selection


# ---------------------------------------------------------------- connections


def page(*titles: str, has_more: bool, total: int | None = None) -> Page:
    """A page of books with these titles."""
    documents = [stored(f"boo_{index:032x}", title=title) for index, title in enumerate(titles)]
    places = [(str(document["title"]), Key(str(document["id"]))) for document in documents]
    return Page(documents, places, has_more, total, LogPosition(42))


async def test_a_connection_says_everything_about_its_page(api: Api) -> None:
    api.documents.page_of = page("Emma", "Ulysses", has_more=True, total=7)

    data = await api.data(
        """{ books { edges { cursor node { title } } nodes { title } totalCount position
             pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    )

    first, last = (cursors.encode(BOOKS, BY_TITLE, place) for place in api.documents.page_of.places)
    assert data["books"] == {
        "edges": [{"cursor": first, "node": {"title": "Emma"}}, {"cursor": last, "node": {"title": "Ulysses"}}],
        "nodes": [{"title": "Emma"}, {"title": "Ulysses"}],
        "totalCount": 7,
        "position": at(42),
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": first, "endCursor": last},
    }


async def test_an_empty_page_has_no_cursors(api: Api) -> None:
    data = await api.data("{ books { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }")
    assert data["books"]["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }


@pytest.mark.parametrize("has_more", [True, False])
@pytest.mark.parametrize(
    ("arguments", "next_page", "previous_page"),
    [
        ("first: 1", None, False),
        ("first: 1, after: $c", None, True),
        ("first: 1, before: $c", None, False),
        ("last: 1", False, None),
        ("last: 1, before: $c", True, None),
        ("last: 1, after: $c", False, None),
    ],
)
async def test_the_far_end_is_exact_and_the_near_end_is_told_by_the_cursor(
    api: Api, arguments: str, next_page: bool | None, previous_page: bool | None, has_more: bool
) -> None:
    api.documents.page_of = page("Emma", has_more=has_more)
    head = "query ($c: String)" if "$c" in arguments else ""
    query = f"{head} {{ books({arguments}) {{ pageInfo {{ hasNextPage hasPreviousPage }} }} }}"
    data = await api.data(query, {"c": CURSOR})
    assert data["books"]["pageInfo"] == {
        "hasNextPage": has_more if next_page is None else next_page,
        "hasPreviousPage": has_more if previous_page is None else previous_page,
    }


async def test_a_page_is_as_fresh_as_demanded(api: Api) -> None:
    await asked(api, f'(atLeast: "{at(77)}")')
    assert api.freshness.waits == [("books", 77)]


# ---------------------------------------------------------------- cursors


async def test_a_cursor_is_a_place_in_its_own_query(api: Api) -> None:
    request = await asked(api, "(after: $c, before: $c)", {"c": CURSOR}, "($c: String)")
    assert (request.after, request.before) == (PLACE, PLACE)


def forged(*content: object) -> str:
    """A cursor that was not given out."""
    return urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "🙂",
        "!!!!",
        "a" * 30_000,
        forged(),
        forged("books", "TITLE_ASC", "emma"),
        forged("books", "TITLE_ASC", 5, BOOK_ID),
        forged("books", "TITLE_ASC", "emma", "boo_1"),
        forged("books", "TITLE_ASC", "emma", BOOK_ID.upper()),
        forged("books", "TITLE_ASC", "em\x00ma", BOOK_ID),
        forged("books", "TITLE_ASC", {"$gt": ""}, BOOK_ID),
        forged("books", "PRICE_ASC", "12.50", BOOK_ID),
        forged("authors", "TITLE_ASC", "emma", BOOK_ID),
        urlsafe_b64encode(b'["books","TITLE_ASC","\\ud800","boo"]').decode(),
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
async def test_any_other_text_is_bad_input(api: Api, argument: str, text: str) -> None:
    code, message = await refused(api, f"({argument}: $c)", {"c": text}, "($c: String)")
    assert code == "BAD_USER_INPUT"
    assert message.startswith(f"{argument}: is ")


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ("PRICE_ASC", "NaN"),
        ("PRICE_ASC", "1E999999"),
        ("COPIES_DESC", "9" * 30),
        ("COPIES_DESC", "1.5"),
        ("COPIES_DESC", "x"),
    ],
)
async def test_a_number_in_a_cursor_is_a_number_that_can_be_stored(api: Api, order: str, text: str) -> None:
    cursor = forged("books", order, text, BOOK_ID)
    code, message = await refused(api, f"(orderBy: {order}, after: $c)", {"c": cursor}, "($c: String)")
    assert code == "BAD_USER_INPUT"
    assert message.startswith("after: ")


async def test_numbers_in_cursors_come_back(api: Api) -> None:
    for order, text in ((BY_PRICE, "12.50"), (BY_COPIES, "-3"), (BY_BOUGHT, "2026-01-31T12:00:00.000000Z")):
        cursor = cursors.encode(BOOKS, order, (text, Key(BOOK_ID)))
        assert cursors.decode(BOOKS, order, cursor, "after") == (text, Key(BOOK_ID))


# ---------------------------------------------------------------- filters


async def test_conditions_are_asked_in_stored_terms(api: Api) -> None:
    request = await asked(
        api,
        """(filter: { id: { in: [$id] }, title: { startsWith: "STRASSE" }, isbn: { eq: "X" }, shelf: { in: [FICTION] },
            tag: { eq: "Old" }, copies: { gt: 1, lte: 5 }, isNew: { eq: true },
            boughtAt: { gte: "2026-01-31T12:00:00+01:00" }, publishedOn: { eq: "1815-12-23" } })""",
        {"id": f"boo_{DIGITS.upper()}"},
        "($id: ID!)",
    )
    assert request.conditions == (
        Condition("id", (("in", (str(BOOK_ID),)),)),
        Condition("_keys.title", (("startsWith", "strasse"),)),
        Condition("isbn", (("eq", "X"),)),
        Condition("shelf", (("in", ("FICTION",)),)),
        Condition("tags", (("eq", "Old"),), many=True),
        Condition("copies", (("gt", 1), ("lte", 5))),
        Condition("isNew", (("eq", True),)),
        Condition("boughtAt", (("gte", "2026-01-31T11:00:00.000000Z"),)),
        Condition("publishedOn", (("eq", "1815-12-23"),)),
    )


async def test_folded_filters_compare_without_regard_to_case(api: Api) -> None:
    request = await asked(api, '(filter: { title: { in: ["Straße", "EMMA"] } })')
    assert request.conditions == (Condition("_keys.title", (("in", ("strasse", "emma")),)),)


async def test_nothing_in_a_filter_is_no_condition(api: Api) -> None:
    assert (await asked(api, "(filter: { title: {}, shelf: {} })")).conditions == ()


async def test_an_empty_list_matches_nothing(api: Api) -> None:
    assert (await asked(api, "(filter: { shelf: { in: [] } })")).conditions == (Condition("shelf", (("in", ()),)),)


async def test_one_value_is_a_list_of_one(api: Api) -> None:
    assert (await asked(api, "(filter: { shelf: { in: FICTION } })")).conditions == (
        Condition("shelf", (("in", ("FICTION",)),)),
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"title": None}, "filter.title"),
        ({"title": {"eq": None}}, "filter.title.eq"),
        ({"title": {"in": None}}, "filter.title.in"),
        ({"id": {"eq": "boo_1"}}, "filter.id.eq"),
        ({"id": {"in": [BOOK_ID, "x"]}}, "filter.id.in.1"),
        ({"title": {"in": ["x"] * 1_001}}, "filter.title.in"),
        ({"title": {"eq": "x" * 1_001}}, "filter.title.eq"),
        ({"title": {"in": ["x" * 1_000, "x" * 1_001]}}, "filter.title.in.1"),
    ],
)
async def test_a_bad_condition_is_named(api: Api, given: Any, named: str) -> None:
    code, message = await refused(api, "(filter: $f)", {"f": given}, "($f: BookFilter)")
    assert code == "BAD_USER_INPUT"
    assert message.startswith(f"{named}: ")


@pytest.mark.parametrize(
    "given", [{"publisher": {"eq": "x"}}, {"Title": {"eq": "x"}}, {"title": {"like": "x"}}, {"shelf": {"eq": "ATTIC"}}]
)
async def test_an_unknown_condition_is_never_dropped(api: Api, given: Any) -> None:
    code, _ = await refused(api, "(filter: $f)", {"f": given}, "($f: BookFilter)")
    assert code == "BAD_USER_INPUT"


async def test_an_unknown_condition_in_the_operation_is_no_valid_operation(api: Api) -> None:
    code, message = await refused(api, '(filter: { publisher: { eq: "x" } })')
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert message.startswith("filter.publisher: ")


# ---------------------------------------------------------------- search


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        ("   ", ()),
        ("emma", ("emma",)),
        ("  Jane   Austen ", ("Jane", "Austen")),
        ('o\'brien -war "and" $peace_x', ("o", "brien", "war", "and", "peace_x")),
        ("emma emma", ("emma",)),
        ("cafe\u0301", ("café",)),
        ("हिन्दी LAMP_01", ("हिन्दी", "LAMP_01")),
        ("x" * 200, ("x" * 200,)),
    ],
)
async def test_a_search_is_its_words(api: Api, text: str, found: tuple[str, ...]) -> None:
    assert (await asked(api, "(search: $s)", {"s": text}, "($s: String)")).search == found


@pytest.mark.parametrize("text", ["!", '"', "- -", "x" * 201])
async def test_a_search_without_a_word_is_bad_input(api: Api, text: str) -> None:
    code, message = await refused(api, "(search: $s)", {"s": text}, "($s: String)")
    assert code == "BAD_USER_INPUT"
    assert message.startswith("search: ")
