"""Reading one document: by id, by another id, the only one there is, and by `node`."""

import pytest

from projections.kernel.errors import NotReady, ReadTimeout, StoreUnavailable
from tests.schema.fakes import HEAD, Api, at
from tests.schema.library import BOOK_ID, DIGITS, LIBRARY, stored
from write_side.kernel.errors import LogUnavailable

BOOK = "query ($id: ID!, $v: Int, $p: Position) { book(id: $id, minVersion: $v, atLeast: $p) { id version title } }"


async def test_what_is_stored_is_what_is_answered(api: Api) -> None:
    api.documents.stored[BOOK_ID] = stored()

    data = await api.data(
        """query ($id: ID!) { b: book(id: $id) {
             __typename id version position title shelf tags copies isNew price boughtAt publishedOn subtitle
             authors { familyName bornOn }
        } }""",
        {"id": BOOK_ID},
    )

    expected = {key: value for key, value in stored().items() if not key.startswith("_")} | {"__typename": "Book"}
    expected.pop("isbn")
    assert data == {"b": expected}


async def test_one_read_per_root_field(api: Api) -> None:
    await api.data(f'{{ a: book(id: "{BOOK_ID}") {{ title authors {{ bornOn }} }} b: node(id: "{BOOK_ID}") {{ id }} }}')
    assert api.documents.calls == [("books", BOOK_ID)] * 2


async def test_an_unknown_document_is_null(api: Api) -> None:
    assert await api.data(BOOK, {"id": BOOK_ID}) == {"book": None}


async def test_digits_of_an_id_come_in_either_case(api: Api) -> None:
    await api.data(BOOK, {"id": f"boo_{DIGITS.upper()}"})
    assert api.documents.calls == [("books", BOOK_ID)]


@pytest.mark.parametrize(
    "text", ["", "boo_", f"BOO_{DIGITS}", f"lns_{DIGITS}", f"boo_{DIGITS}0", f"boo_{DIGITS[:-1]}g", "7"]
)
async def test_a_malformed_id_is_bad_input(api: Api, text: str) -> None:
    code, message = await api.fails(BOOK, {"id": text})
    assert code == "BAD_USER_INPUT"
    assert message.startswith("id: must be boo_")
    assert api.documents.calls == []


async def test_a_document_is_read_by_the_id_that_it_shares_digits_with(api: Api) -> None:
    loans = f"lns_{DIGITS}"
    api.documents.stored[loans] = {"id": loans, "bookId": BOOK_ID}

    data = await api.data(f'{{ loans(bookId: "{BOOK_ID}") {{ id bookId }} }}')

    assert data == {"loans": {"id": loans, "bookId": BOOK_ID}}
    assert await api.fails(f'{{ loans(bookId: "{loans}") {{ id }} }}') == (
        "BAD_USER_INPUT",
        "bookId: must be boo_ and 32 hexadecimal digits",
    )


async def test_the_only_one_needs_no_id(api: Api) -> None:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    assert await api.data("{ library { id books } }") == {"library": {"id": LIBRARY, "books": 3}}


async def test_the_only_one_is_there_or_not_ready(api: Api) -> None:
    code, _ = await api.fails("{ library { books } }")
    assert code == "SERVICE_UNAVAILABLE"


async def test_node_tells_the_type_by_the_prefix(api: Api) -> None:
    api.documents.stored[BOOK_ID] = stored()
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}

    data = await api.data(
        f'{{ a: node(id: "{BOOK_ID}") {{ id __typename ... on Book {{ title }} }} '
        f'   b: node(id: "{LIBRARY}") {{ __typename ... on Library {{ books }} }} }}'
    )

    assert data == {
        "a": {"id": BOOK_ID, "__typename": "Book", "title": "Emma"},
        "b": {"__typename": "Library", "books": 3},
    }


@pytest.mark.parametrize("text", ["", "x", f"xyz_{DIGITS}", "boo_1"])
async def test_node_refuses_what_is_no_documents_id(api: Api, text: str) -> None:
    code, message = await api.fails("query ($id: ID!) { node(id: $id) { id } }", {"id": text})
    assert code == "BAD_USER_INPUT"
    assert message.startswith("id: ")


# ---------------------------------------------------------------- freshness


async def test_a_read_that_demands_nothing_asks_nobody(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "v": None, "p": None})
    assert api.log.asked == []
    assert api.freshness.waits == []


async def test_what_is_reached_is_read_at_once(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "p": at(50)})
    assert api.log.asked == []
    assert api.freshness.waits == []


async def test_what_is_not_reached_is_waited_for(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "p": at(51)})
    assert api.freshness.waits == [("books", 51)]


async def test_the_header_stands_in_for_the_argument(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID}, at_least=at(60))
    await api.data(BOOK, {"id": BOOK_ID, "p": at(70)}, at_least=at(60))
    assert api.freshness.waits == [("books", 60), ("books", 70)]


async def test_a_version_is_a_position(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "v": 3})
    await api.data(f'{{ loans(bookId: "{BOOK_ID}", minVersion: 2) {{ id }} }}')
    # Where the log has a version, it has got to: the end of it is not asked for.
    assert api.log.asked == [(f"book-{BOOK_ID}", 3), (f"book-{BOOK_ID}", 2)]
    assert api.freshness.waits == [("books", 70)]


async def test_the_later_of_both_demands_holds(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "v": 3, "p": at(80)})
    await api.data(BOOK, {"id": BOOK_ID, "v": 3, "p": at(60)})
    assert api.freshness.waits == [("books", 80), ("books", 70)]


async def test_version_0_is_every_version(api: Api) -> None:
    await api.data(BOOK, {"id": BOOK_ID, "v": 0})
    assert api.log.asked == []


@pytest.mark.parametrize(
    ("variables", "code", "named"),
    [
        ({"v": -1}, "BAD_USER_INPUT", "minVersion"),
        ({"v": 9}, "POSITION_UNKNOWN", "minVersion"),
        ({"p": "7"}, "BAD_USER_INPUT", "atLeast"),
        ({"p": ""}, "BAD_USER_INPUT", "atLeast"),
        ({"p": at(1)[:-1] + "x"}, "BAD_USER_INPUT", "atLeast"),
        ({"p": "f" * 12 + at(1)[12:]}, "POSITION_UNKNOWN", "atLeast"),
        ({"p": at(HEAD + 1)}, "POSITION_UNKNOWN", "position"),
        ({"p": 7}, "BAD_USER_INPUT", "$p"),
    ],
)
async def test_a_demand_that_cannot_be_met_is_an_error(
    api: Api, variables: dict[str, object], code: str, named: str
) -> None:
    found, message = await api.fails(BOOK, {"id": BOOK_ID, **variables})
    assert found == code
    assert named in message
    assert api.documents.calls == []


async def test_a_bad_header_is_named(api: Api) -> None:
    assert await api.fails(BOOK, {"id": BOOK_ID}, at_least="?") == (
        "BAD_USER_INPUT",
        "Oneread-At-Least: is not a position that was given out here",
    )


async def test_a_document_of_no_stream_has_no_version(api: Api) -> None:
    code, message = await api.fails(f'{{ node(id: "{LIBRARY}", minVersion: 1) {{ id }} }}')
    assert code == "BAD_USER_INPUT"
    assert "minVersion" in message


# ---------------------------------------------------------------- what the ports raise


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("mongo-3.internal refused"), "SERVICE_UNAVAILABLE"),
        (NotReady("books"), "SERVICE_UNAVAILABLE"),
        (ReadTimeout("books"), "TIMEOUT"),
        (RuntimeError("password=hunter2"), "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_what_a_port_raises_has_a_code_and_shows_nothing_of_the_inside(api: Api, error: Exception, code: str) -> None:
    api.documents.error = error
    found, message = await api.fails(BOOK, {"id": BOOK_ID})
    assert found == code
    assert "internal" not in message
    assert "hunter2" not in message


async def test_an_unexpected_error_is_found_again_by_the_requests_id(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    api.documents.error = RuntimeError("password=hunter2")
    result = await api.run(BOOK, {"id": BOOK_ID})
    assert result.data == {"book": None}
    assert result.errors is not None
    assert result.errors[0].formatted == {
        "message": "something went wrong here",
        "locations": [{"line": 1, "column": 43}],
        "path": ["book"],
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "request-1"},
    }
    assert "request-1" in caplog.text
    assert "hunter2" in caplog.text


async def test_a_log_that_is_down_says_so(api: Api) -> None:
    api.log.error = LogUnavailable()
    code, _ = await api.fails(BOOK, {"id": BOOK_ID, "p": at(60)})
    assert code == "SERVICE_UNAVAILABLE"


async def test_a_stored_value_that_does_not_fit_is_our_fault(api: Api) -> None:
    api.documents.stored[BOOK_ID] = stored(shelf="ATTIC")
    code, _ = await api.fails(f'{{ book(id: "{BOOK_ID}") {{ shelf }} }}')
    assert code == "INTERNAL_SERVER_ERROR"
