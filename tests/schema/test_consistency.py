"""Reads that ask for freshness: what they wait for, what answers when the wait is over, and what the response says."""

from typing import Any

import pytest

from projections.kernel.errors import ReadTimeout, TooFarBehind
from projections.kernel.reading import Page
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, DIGITS, LIBRARY, stored
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition
from write_side.kernel.refusals import NotFound

BOOK = "query ($id: ID!, $v: Int, $p: Position) { book(id: $id, minVersion: $v, atLeast: $p) { title } }"
RENAME = f'mutation {{ renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version book {{ title }} }} }}'
BLIND_RENAME = RENAME.replace("book { title }", "position")
DOCUMENTS, LOG = {"source": "documents"}, {"source": "log"}


def stale(position: int, behind: int) -> dict[str, Any]:
    """What is said of an answer as of `position`."""
    return {"stale": True, "position": at(position), "behind": behind}


@pytest.fixture
def behind(api: Api) -> Api:
    """Projections stand still at 50. What is stored is older than what the log has."""
    api.freshness.soon = 50
    for documents, title in ((api.documents.stored, "Emma"), (api.replays.stored, "Persuasion")):
        documents[BOOK_ID] = stored(title=title)
        documents[f"lns_{DIGITS}"] = {"id": f"lns_{DIGITS}", "bookId": BOOK_ID}
        documents[LIBRARY] = {"id": LIBRARY, "books": len(title)}
    api.documents.page_of = Page([stored()], [], False, None, LogPosition(48))
    return api


async def consistency(api: Api, operation: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
    """What a response without errors says; None when it says nothing."""
    result = await api.run(operation, variables, **more)
    assert not result.errors, result.errors
    if result.extensions is None:
        return None
    assert list(result.extensions) == ["consistency"]
    return result.extensions["consistency"]


# ---------------------------------------------------------------- who is told


async def test_who_asks_for_nothing_is_told_nothing(behind: Api) -> None:
    assert await consistency(behind, BOOK, {"id": BOOK_ID}) is None
    assert await consistency(behind, "{ books { position } library { books } __typename }") is None


@pytest.mark.parametrize("demand", [{"p": at(50)}, {"p": at(20)}, {"v": 2}, {"v": 0}])
async def test_who_asks_is_told_that_the_documents_were_fresh(api: Api, demand: dict[str, object]) -> None:
    assert await consistency(api, BOOK, {"id": BOOK_ID, **demand}) == DOCUMENTS
    assert api.freshness.waits == []


async def test_what_got_there_in_time_is_from_the_documents(api: Api) -> None:
    assert await consistency(api, BOOK, {"id": BOOK_ID, "p": at(60)}) == DOCUMENTS


async def test_a_header_asks_for_every_root_field(api: Api) -> None:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    api.documents.page_of = Page([], [], False, None, LogPosition(60))

    found = await consistency(api, "{ a: library { books } books { position } __typename }", at_least=at(60))

    assert found == {**DOCUMENTS, "fields": {"a": DOCUMENTS, "books": DOCUMENTS}}


async def test_a_header_that_nothing_is_read_for_asks_nothing(api: Api) -> None:
    assert await consistency(api, "{ __typename }", at_least="?", wait="?") is None


# ---------------------------------------------------------------- past the wait


@pytest.mark.parametrize(
    ("operation", "data"),
    [
        (f'{{ x: book(id: "{BOOK_ID}", atLeast: $p) {{ title }} }}', {"x": {"title": "Persuasion"}}),
        (f'{{ node(id: "{BOOK_ID}", atLeast: $p) {{ ... on Book {{ title }} }} }}', {"node": {"title": "Persuasion"}}),
        (f'{{ loans(bookId: "{BOOK_ID}", atLeast: $p) {{ bookId }} }}', {"loans": {"bookId": BOOK_ID}}),
        ("{ library(atLeast: $p) { books } }", {"library": {"books": 10}}),
    ],
)
async def test_one_document_is_answered_from_the_log(behind: Api, operation: str, data: dict[str, object]) -> None:
    result = await behind.run(f"query ($p: Position) {operation}", {"p": at(60)})

    assert result.errors is None
    assert result.data == data
    assert result.extensions == {"consistency": LOG}
    assert behind.documents.calls == []
    assert [position for _, _, position in behind.replays.calls] == [60]


async def test_a_version_is_answered_from_the_log(behind: Api) -> None:
    assert await consistency(behind, BOOK, {"id": BOOK_ID, "v": 3}) == LOG
    assert behind.replays.calls == [("books", BOOK_ID, 70)]


async def test_what_the_log_does_not_have_either_is_null(behind: Api) -> None:
    behind.replays.stored.clear()
    result = await behind.run(BOOK, {"id": BOOK_ID, "p": at(60)})
    assert (result.data, result.errors, result.extensions) == ({"book": None}, None, {"consistency": LOG})


async def test_too_many_events_to_fold_are_said_to_be_lacking(behind: Api) -> None:
    behind.replays.error = TooFarBehind(20_000)

    result = await behind.run(BOOK, {"id": BOOK_ID, "p": at(63)})

    assert result.errors is None
    assert result.data == {"book": {"title": "Emma"}}
    assert result.extensions == {"consistency": stale(50, 13)}


async def test_a_page_says_what_it_lacks(behind: Api) -> None:
    result = await behind.run("query ($p: Position) { books(atLeast: $p) { position nodes { title } } }", {"p": at(60)})

    assert result.data == {"books": {"position": at(48), "nodes": [{"title": "Emma"}]}}
    assert result.extensions == {"consistency": stale(48, 12)}
    assert behind.replays.calls == []


async def test_a_page_is_answered_while_the_log_cannot_be_reached(behind: Api) -> None:
    behind.log.error = LogUnavailable()
    assert await consistency(behind, "{ books { position } }", at_least=at(60)) == stale(48, 12)
    assert behind.freshness.waits == [("books", 60)]


async def test_a_page_that_got_there_after_the_wait_is_fresh(behind: Api) -> None:
    behind.documents.page_of = Page([], [], False, None, LogPosition(60))
    assert await consistency(behind, "{ books { position } }", at_least=at(60)) == DOCUMENTS


async def test_one_page_lacks_for_each_reader_what_that_reader_demands(behind: Api) -> None:
    for position in (60, 70, 48):
        found = await consistency(behind, "{ books { position } }", at_least=at(position))
        assert found == (stale(48, position - 48) if position > 48 else DOCUMENTS)


async def test_of_several_the_weakest_is_told_first(behind: Api) -> None:
    by_id = f'book(id: "{BOOK_ID}", atLeast: $p) {{ title }}'
    fields = f'free: library {{ books }} c: book(id: "{BOOK_ID}", atLeast: $old) {{ title }} b: {by_id}'
    head = "query ($p: Position, $old: Position)"

    found = await consistency(behind, f"{head} {{ {fields} }}", {"p": at(60), "old": at(9)})
    assert found == {**LOG, "fields": {"c": DOCUMENTS, "b": LOG}}
    assert list(found["fields"]) == ["c", "b"]

    pages = "d: books(atLeast: $p) { position } a: books(atLeast: $q) { position }"
    found = await consistency(
        behind,
        f"query ($p: Position, $old: Position, $q: Position) {{ {fields} {pages} }}",
        {"p": at(60), "old": at(9), "q": at(90)},
    )
    told = {"c": DOCUMENTS, "b": LOG, "d": stale(48, 12), "a": stale(48, 42)}
    assert found == {**stale(48, 42), "fields": told}


async def test_a_field_that_failed_is_not_told_of(behind: Api) -> None:
    behind.documents.error = ReadTimeout()

    result = await behind.run(
        f'{{ a: book(id: "{BOOK_ID}") {{ title }} b: book(id: "boo_1") {{ title }} }}', at_least=at(60)
    )

    assert result.data == {"a": {"title": "Persuasion"}, "b": None}
    assert result.extensions == {"consistency": LOG}


async def test_where_nothing_is_left_nothing_is_told(behind: Api) -> None:
    behind.documents.error = ReadTimeout()

    result = await behind.run(f'{{ a: book(id: "{BOOK_ID}") {{ title }} books {{ position }} }}', at_least=at(60))

    assert (result.data, result.extensions) == (None, None)


async def test_a_log_that_is_down_when_it_is_needed(behind: Api) -> None:
    behind.replays.error = LogUnavailable()
    code, _ = await behind.fails(BOOK, {"id": BOOK_ID, "p": at(60)})
    assert code == "SERVICE_UNAVAILABLE"


# ---------------------------------------------------------------- what a command wrote


async def test_a_commands_document_comes_from_the_log_and_says_so(behind: Api) -> None:
    result = await behind.run(RENAME)

    assert result.errors is None
    assert result.data == {"renameBook": {"version": 4, "book": {"title": "Persuasion"}}}
    assert result.extensions == {"consistency": LOG}
    assert behind.replays.calls == [("books", BOOK_ID, 60)]


async def test_a_commands_document_that_is_stale_says_so(behind: Api) -> None:
    behind.replays.error = TooFarBehind(20_000)
    assert await consistency(behind, RENAME) == stale(50, 10)


async def test_a_commands_document_is_fresh_without_a_word(api: Api) -> None:
    assert await consistency(api, RENAME) is None


async def test_a_command_with_the_header_is_told(api: Api) -> None:
    assert await consistency(api, RENAME, at_least=at(1)) == DOCUMENTS
    assert await consistency(api, BLIND_RENAME, at_least=at(1)) is None
    api.commands.refusals = (NotFound("no such book"),)
    assert await consistency(api, RENAME, at_least=at(1)) is None


async def test_a_commands_document_is_as_fresh_as_the_header_demands_too(api: Api) -> None:
    for position in (59, 61):
        await consistency(api, RENAME, at_least=at(position))
    assert api.freshness.waits == [("books", 60), ("books", 61)]
    # The command itself is the proof that the log has got to 60.
    assert api.log.asked == ["head"]


@pytest.mark.parametrize(
    ("headers", "code", "named"),
    [
        ({"at_least": "?"}, "BAD_USER_INPUT", "Oneread-At-Least"),
        ({"at_least": "f" * 12 + at(1)[12:]}, "POSITION_UNKNOWN", "Oneread-At-Least"),
        ({"wait": "soon"}, "BAD_USER_INPUT", "Oneread-Wait"),
    ],
)
async def test_a_header_that_means_nothing_stops_a_command_that_reads_its_document(
    api: Api, headers: dict[str, Any], code: str, named: str
) -> None:
    found, message = await api.fails(RENAME, **headers)

    assert found == code
    assert message.startswith(f"{named}: ")
    assert api.commands.executed == []
    assert await consistency(api, BLIND_RENAME, **headers) is None


async def test_a_position_past_the_end_is_found_out_when_the_command_has_taken_effect(api: Api) -> None:
    result = await api.run(RENAME, at_least=at(101))

    assert result.data == {"renameBook": {"version": 4, "book": None}}
    assert result.errors is not None
    assert [(error.path, error.extensions) for error in result.errors] == [
        (["renameBook", "book"], {"code": "POSITION_UNKNOWN"})
    ]


# ---------------------------------------------------------------- how long


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [("25ms", 0.025), ("0.05s", 0.05), ("0ms", 0), ("2.5ms", 0.0025), ("100ms", 0.1), ("1s", 0.1), ("99999ms", 0.1)],
)
async def test_a_header_lowers_the_wait_and_never_raises_it(api: Api, wait: str, seconds: float) -> None:
    await consistency(api, BOOK, {"id": BOOK_ID, "p": at(60)}, wait=wait)
    await consistency(api, RENAME, wait=wait)
    assert api.freshness.patience == [pytest.approx(seconds)] * 2


async def test_without_the_header_the_wait_is_the_servers(api: Api) -> None:
    await consistency(api, BOOK, {"id": BOOK_ID, "p": at(60)})
    assert api.freshness.patience == [0.1]


@pytest.mark.parametrize("wait", ["", "5", "ms", "-1s", "1 s", "1m", "1S", ".5s", "1.s", "1e3ms", "inf s", "1s, 2s", "٣s"])
async def test_a_wait_that_is_none_is_named(api: Api, wait: str) -> None:
    code, message = await api.fails(BOOK, {"id": BOOK_ID, "p": at(1)}, wait=wait)
    assert (code, message.partition(":")[0]) == ("BAD_USER_INPUT", "Oneread-Wait")
    assert api.documents.calls == []


async def test_a_wait_that_nothing_is_waited_for_means_nothing(api: Api) -> None:
    assert await consistency(api, BOOK, {"id": BOOK_ID}, wait="soon") is None
