"""Subscriptions: what each field watches, from where on, and what its changes say."""

from typing import Any

import orjson
import pytest
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.conditions import Condition
from projections.kernel.errors import NotReady, StoreUnavailable
from projections.kernel.projection import Key
from schema.pushes import Push, Pushes
from tests.schema.changing import COUNT, KEY, count_of, counted, renamed
from tests.schema.fakes import HEAD, Api, at
from tests.schema.library import BOOK_ID, BOOKS, LIBRARIES, LIBRARY, stored
from write_side.kernel.positions import LogPosition

ALL = frozenset(OperationType)


async def pushed(api: Api, query: str, variables: dict[str, Any] | None = None, **more: Any) -> Pushes:
    """What a subscription pushes, which must be well."""
    found = await api.schema.respond(query, variables, api.context()._replace(**more), None, ALL)
    assert isinstance(found, Pushes), found
    return found


async def refused(api: Api, query: str, variables: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
    """The code and message of the one thing that is wrong with a subscription."""
    found = await api.schema.respond(query, variables, api.context()._replace(**more), None, ALL)
    assert isinstance(found, PreExecutionError)
    [error] = found.errors or []
    assert error.extensions is not None
    return error.extensions["code"], error.message


async def one(pushes: Pushes) -> Any:
    """The next response."""
    return orjson.loads((await anext(pushes)).payload)


# ---------------------------------------------------------------- what is watched


async def test_one_document_is_watched_by_its_id(api: Api) -> None:
    await pushed(
        api, "subscription($id: ID!) { bookChanged(id: $id) { kind } }", {"id": BOOK_ID.upper().replace("BOO", "boo")}
    )
    await pushed(api, f'subscription {{ bookChanged(id: "{BOOK_ID}") {{ kind }} }}')
    assert api.changes.calls == [(Watched(BOOKS, KEY), None)] * 2


async def test_the_only_document_of_its_type_needs_no_id(api: Api) -> None:
    await pushed(api, COUNT)
    assert api.changes.calls == [(Watched(LIBRARIES, Key(LIBRARY)), None)]


async def test_many_documents_are_watched_by_a_filter(api: Api) -> None:
    query = "subscription($filter: BookFilter) { booksChanged(filter: $filter) { kind } }"
    await pushed(api, query)
    await pushed(api, query, {"filter": None})
    await pushed(api, query, {"filter": {"shelf": {"in": ["FICTION"]}, "copies": {"gte": 2}}})
    all_of_them = Watched(BOOKS)
    some = Watched(BOOKS, None, (Condition("shelf", (("in", ("FICTION",)),)), Condition("copies", (("gte", 2),))))
    assert api.changes.calls == [(all_of_them, None), (all_of_them, None), (some, None)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('subscription { bookChanged(id: "x") { kind } }', "id: must be boo_ and 32 hexadecimal digits"),
        ("subscription { booksChanged(filter: {shelf: null}) { kind } }", "filter.shelf: may not be null"),
        ('subscription { libraryChanged(after: "x") { kind } }', "after: is not a position"),
        ("subscription($id: ID!) { bookChanged(id: $id) { kind } }", "$id"),
    ],
)
async def test_what_is_no_argument_is_refused(api: Api, query: str, message: str) -> None:
    code, said = await refused(api, query)
    assert code == "BAD_USER_INPUT"
    assert message in said
    assert api.changes.calls == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("x"), "SERVICE_UNAVAILABLE"),
        (NotReady("x"), "SERVICE_UNAVAILABLE"),
        (RuntimeError("a secret"), "INTERNAL_SERVER_ERROR"),
    ],
)
async def test_what_cannot_be_watched_is_said_before_anything_is_pushed(api: Api, error: Exception, code: str) -> None:
    api.changes.error = error
    found, said = await refused(api, COUNT)
    assert found == code
    assert "secret" not in said


# ---------------------------------------------------------------- from where on

RESUMED = "subscription($after: Position) { libraryChanged(after: $after) { kind } }"


async def test_it_resumes_after_a_position(api: Api) -> None:
    await pushed(api, RESUMED, {"after": at(50)})
    await pushed(api, RESUMED, {"after": None})
    assert [after for _, after in api.changes.calls] == [50, None]
    assert api.log.asked == []


async def test_the_log_is_asked_when_the_position_is_past_what_is_known(api: Api) -> None:
    await pushed(api, RESUMED, {"after": at(HEAD)})
    assert api.log.asked == ["head"]


@pytest.mark.parametrize(
    ("token", "code", "said"),
    [
        (at(HEAD + 1), "POSITION_UNKNOWN", "past the end"),
        ("f" * 12 + at(1)[12:], "POSITION_UNKNOWN", "another log"),
        ("7", "BAD_USER_INPUT", "not a position"),
    ],
)
async def test_a_position_that_the_log_has_not_is_refused(api: Api, token: str, code: str, said: str) -> None:
    for name, more in (("after", {"after": token}), ("Last-Event-ID", None)):
        given = {} if more else {"last_event_id": token}
        found, message = await refused(api, RESUMED, more, **given)
        assert found == code
        assert message.startswith(f"{name}: ")
        assert said in message


async def test_what_an_event_source_has_seen_last_takes_the_place_of_the_argument(api: Api) -> None:
    await pushed(api, RESUMED, {"after": at(10)}, last_event_id=at(20))
    await pushed(api, RESUMED, {"after": at(10)}, last_event_id="")
    assert [after for _, after in api.changes.calls] == [20, 10]


# ---------------------------------------------------------------- what changes say

EVERYTHING = "subscription { booksChanged { __typename kind position id book { title } } }"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            Change(ChangeKind.SNAPSHOT, LogPosition(7), KEY, stored()),
            {"kind": "SNAPSHOT", "id": BOOK_ID, "book": {"title": "Emma"}},
        ),
        (Change(ChangeKind.SNAPSHOT, LogPosition(7), KEY), {"kind": "SNAPSHOT", "id": BOOK_ID, "book": None}),
        (renamed("Emma", 7), {"kind": "UPDATED", "id": BOOK_ID, "book": {"title": "Emma"}}),
        (Change(ChangeKind.LEFT, LogPosition(7), KEY), {"kind": "LEFT", "id": BOOK_ID, "book": None}),
        (Change(ChangeKind.DELETED, LogPosition(7), KEY), {"kind": "DELETED", "id": BOOK_ID, "book": None}),
        (Change(ChangeKind.RESYNC, LogPosition(7)), {"kind": "RESYNC", "id": None, "book": None}),
    ],
)
async def test_a_change_says_what_it_is(api: Api, change: Change, expected: dict[str, Any]) -> None:
    api.changes.changes = [change]
    pushes = await pushed(api, EVERYTHING)
    assert await one(pushes) == {"data": {"booksChanged": {"__typename": "BookChange", "position": at(7), **expected}}}


async def test_a_push_carries_the_position_to_resume_after(api: Api) -> None:
    api.changes.changes = [counted(3, 60)]
    push = await anext(await pushed(api, COUNT))
    assert push == Push(orjson.dumps(count_of(3, 60)), at(60))


async def test_it_ends_when_the_process_stops_pushing_or_the_reader_closes(api: Api) -> None:
    for close in (lambda pushes: pushes.close(), lambda _: api.changes.watching[-1].close()):
        pushes = await pushed(api, COUNT)
        close(pushes)
        assert [push async for push in pushes] == []
        assert api.changes.watching[-1].closed


async def test_a_document_that_is_not_what_the_schema_says_is_an_error_of_this_change(api: Api) -> None:
    api.changes.changes = [Change(ChangeKind.UPDATED, LogPosition(60), Key(LIBRARY), {"id": LIBRARY}), counted(4, 61)]
    pushes = await pushed(api, COUNT)

    broken, whole = await one(pushes), await one(pushes)

    assert broken["data"] == {"libraryChanged": {"position": at(60), "library": None}}
    [error] = broken["errors"]
    assert error["path"] == ["libraryChanged", "library", "books"]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "request-1"}
    assert whole == count_of(4, 61)


async def test_a_directive_whose_variable_is_null_is_an_error_of_each_change(api: Api) -> None:
    api.changes.changes = [counted(3)]
    query = "subscription($all: Boolean = true) { libraryChanged { kind id @include(if: $all) } }"
    body = await one(await pushed(api, query, {"all": None}))
    assert body["data"] is None
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# ---------------------------------------------------------------- equal subscriptions


async def test_equal_subscriptions_are_sent_the_same_bytes(api: Api) -> None:
    api.changes.changes = [counted(3)]
    subscribers = [await pushed(api, COUNT) for _ in range(3)]
    payloads = [(await anext(pushes)).payload for pushes in subscribers]
    assert payloads[0] is payloads[1] is payloads[2]
    assert len(api.changes.changes[0].rendered) == 1


async def test_what_variables_choose_to_see_is_made_for_each_choice(api: Api) -> None:
    api.changes.changes = [counted(3)]
    query = (
        "subscription($with: Boolean!, $after: Position) { libraryChanged(after: $after) { kind id @include(if: $with) } }"
    )
    bodies = [await one(await pushed(api, query, {"with": chosen, "after": at(5)})) for chosen in (True, False, True)]
    assert bodies[0] == bodies[2] == {"data": {"libraryChanged": {"kind": "UPDATED", "id": LIBRARY}}}
    assert bodies[1] == {"data": {"libraryChanged": {"kind": "UPDATED"}}}
    assert len(api.changes.changes[0].rendered) == 2


async def test_operations_of_one_document_are_told_apart(api: Api) -> None:
    api.changes.changes = [counted(3)]
    query = "subscription A { a: libraryChanged { kind } } subscription B { b: libraryChanged { id } }"
    found = [await api.schema.respond(query, None, api.context(), name, ALL) for name in ("A", "B")]
    bodies = [await one(pushes) for pushes in found if isinstance(pushes, Pushes)]
    assert bodies == [{"data": {"a": {"kind": "UPDATED"}}}, {"data": {"b": {"id": LIBRARY}}}]


# ---------------------------------------------------------------- other operations


async def test_other_operations_are_answered_as_ever(api: Api) -> None:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    found = await api.schema.respond("{ library { books } }", None, api.context(), None, ALL)
    assert found == b'{"data":{"library":{"books":3}}}'


@pytest.mark.parametrize(
    ("query", "code"),
    [("subscription {", "GRAPHQL_PARSE_FAILED"), ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_what_is_not_valid_is_refused(api: Api, query: str, code: str) -> None:
    assert (await refused(api, query))[0] == code
