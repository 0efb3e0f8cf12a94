"""Commands over GraphQL: what reaches the bus, and what a payload says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from projections.kernel.errors import StoreUnavailable
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, DIGITS, AddBook, AuthorInput, BookLent, Shelf, stored
from write_side.kernel.errors import Contention, LogUnavailable
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Caller
from write_side.kernel.refusals import NotFound

ADD = """mutation ($input: AddBookInput!) { addBook(input: $input) {
  commandId version position userErrors { code message path } } }"""
RENAME = """mutation ($input: RenameBookInput!) { renameBook(input: $input) {
  commandId version position book { id title } userErrors { code message path } } }"""
RENAMING = {"bookId": BOOK_ID, "title": "Emma", "commandId": "c-1"}


async def invalid(api: Api, operation: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The user errors of a command that never reaches the bus."""
    data = await api.data(operation, {"input": given})
    (payload,) = data.values()
    assert api.commands.executed == []
    assert payload["version"] is None
    assert payload["position"] is None
    errors: list[dict[str, Any]] = payload["userErrors"]
    return errors


async def test_the_bus_gets_the_command_and_its_caller(api: Api) -> None:
    await api.data(
        ADD,
        {
            "input": {
                "id": f"boo_{DIGITS.upper()}",
                "title": "Emma",
                "authors": [{"familyName": "Austen", "bornOn": "1775-12-16"}],
                "shelf": "SCIENCE",
                "tags": ["old", "good"],
                "price": "12.50",
                "boughtAt": "2026-01-31T12:00:00+01:00",
                "isNew": False,
                "commandId": "c-1",
                "expectedVersion": 0,
            }
        },
    )
    command = AddBook(
        id=BOOK_ID,
        title="Emma",
        authors=(AuthorInput(family_name="Austen", born_on=date(1775, 12, 16)),),
        shelf=Shelf.SCIENCE,
        tags=("old", "good"),
        price=Decimal("12.50"),
        bought_at=datetime(2026, 1, 31, 11, tzinfo=UTC),
        is_new=False,
        command_id=CommandId("c-1"),
        expected_version=0,
    )
    assert api.commands.executed == [(command, Caller("ann", "request-1"))]


async def test_null_is_the_default_everywhere(api: Api) -> None:
    nulls = dict.fromkeys(["id", "shelf", "tags", "price", "boughtAt", "isNew", "commandId", "expectedVersion"])
    await api.data(ADD, {"input": {"title": "Emma", "authors": [{"familyName": "Austen", "bornOn": None}], **nulls}})
    ((command, _),) = api.commands.executed
    assert command == AddBook(title="Emma", authors=(AuthorInput(family_name="Austen"),))


async def test_an_accepted_command_answers_its_document_as_fresh_as_itself(api: Api) -> None:
    api.documents.stored[BOOK_ID] = stored()

    data = await api.data(RENAME, {"input": RENAMING})

    assert data == {
        "renameBook": {
            "commandId": "c-1",
            "version": 4,
            "position": at(60),
            "book": {"id": BOOK_ID, "title": "Emma"},
            "userErrors": [],
        }
    }
    assert api.freshness.waits == [("books", 60)]
    assert api.documents.calls == [("books", BOOK_ID)]
    assert api.log.asked == []


async def test_a_document_that_nobody_selects_is_not_read(api: Api) -> None:
    await api.data("mutation ($input: RenameBookInput!) { renameBook(input: $input) { version } }", {"input": RENAMING})
    assert api.documents.calls == []
    assert api.freshness.waits == []


async def test_a_command_id_is_made_where_none_is_given(api: Api) -> None:
    data = await api.data(RENAME, {"input": {"bookId": BOOK_ID, "title": "Emma"}})
    assert data["renameBook"]["commandId"] == "made"


async def test_a_refused_command_says_why_and_reads_nothing(api: Api) -> None:
    api.commands.refusals = (BookLent("it is with a reader", "bookId"), NotFound("no such shelf"))

    data = await api.data(RENAME, {"input": RENAMING})

    assert data == {
        "renameBook": {
            "commandId": "c-1",
            "version": None,
            "position": None,
            "book": None,
            "userErrors": [
                {"code": "BOOK_LENT", "message": "it is with a reader", "path": ["bookId"]},
                {"code": "NOT_FOUND", "message": "no such shelf", "path": None},
            ],
        }
    }
    assert api.documents.calls == []


# ---------------------------------------------------------------- invalid input


async def test_each_fault_of_an_input_is_named(api: Api) -> None:
    errors = await invalid(
        api,
        ADD,
        {"id": "boo_1", "title": "", "authors": [{"familyName": "A"}, {"familyName": ""}], "expectedVersion": -1},
    )
    assert {error["code"] for error in errors} == {"INVALID_INPUT"}
    assert [error["path"] for error in errors] == [["expectedVersion"], ["id"], ["title"], ["authors", "1", "familyName"]]
    assert errors[1]["message"] == "id: must be boo_ and 32 hexadecimal digits"


async def test_an_empty_list_is_invalid_where_one_is_needed(api: Api) -> None:
    (error,) = await invalid(api, ADD, {"title": "Emma", "authors": []})
    assert error["path"] == ["authors"]


async def test_ten_megabytes_are_not_repeated(api: Api) -> None:
    (error,) = await invalid(api, ADD, {"title": "x" * 10_000_000, "authors": [{"familyName": "A"}]})
    assert error["path"] == ["title"]
    assert len(error["message"]) <= 300


async def test_a_thousand_faults_are_answered_by_twenty(api: Api) -> None:
    errors = await invalid(api, ADD, {"title": "Emma", "authors": [{"familyName": ""}] * 1_000})
    assert len(errors) == 20


@pytest.mark.parametrize("command_id", ["", "a b", "ä", "x" * 201])
async def test_a_command_id_is_short_and_plain(api: Api, command_id: str) -> None:
    (error,) = await invalid(api, RENAME, {**RENAMING, "commandId": command_id})
    assert error["path"] == ["commandId"]


async def test_an_invalid_command_has_a_command_id_all_the_same(api: Api) -> None:
    data = await api.data(RENAME, {"input": {"bookId": "x", "title": "Emma"}})
    assert len(data["renameBook"]["commandId"]) == 32
    data = await api.data(RENAME, {"input": {**RENAMING, "bookId": "x"}})
    assert data["renameBook"]["commandId"] == "c-1"


@pytest.mark.parametrize("price", ["1e5", "NaN", 12, "", "9" * 41])
async def test_what_a_scalar_does_not_take_is_no_valid_request(api: Api, price: object) -> None:
    given = {"title": "Emma", "authors": [{"familyName": "A"}], "price": price}
    code, message = await api.fails(ADD, {"input": given})
    assert code == "BAD_USER_INPUT"
    assert "$input" in message
    assert "price" in message
    assert api.commands.executed == []


# ---------------------------------------------------------------- accepted, but not all is well


async def test_a_document_that_cannot_be_had_leaves_the_command_accepted(api: Api) -> None:
    api.freshness.soon = 59
    api.replays.error = LogUnavailable()

    result = await api.run(RENAME, {"input": RENAMING})

    assert result.data == {
        "renameBook": {"commandId": "c-1", "version": 4, "position": at(60), "book": None, "userErrors": []}
    }
    assert result.errors is not None
    (error,) = result.errors
    assert error.path == ["renameBook", "book"]
    assert error.extensions == {"code": "SERVICE_UNAVAILABLE"}
    assert result.extensions is None


async def test_a_store_that_is_down_leaves_the_command_accepted(api: Api) -> None:
    api.documents.error = StoreUnavailable()

    result = await api.run(RENAME, {"input": RENAMING})

    assert result.data is not None
    assert result.data["renameBook"]["version"] == 4
    assert result.errors is not None
    (error,) = result.errors
    assert error.path == ["renameBook", "book"]
    assert error.extensions == {"code": "SERVICE_UNAVAILABLE"}


@pytest.mark.parametrize(("error", "code"), [(LogUnavailable(), "SERVICE_UNAVAILABLE"), (Contention(12), "OVERLOADED")])
async def test_a_bus_that_cannot_is_an_error_of_the_request(api: Api, error: Exception, code: str) -> None:
    api.commands.error = error
    found, _ = await api.fails(RENAME, {"input": RENAMING})
    assert found == code
