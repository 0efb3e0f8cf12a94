"""The HTTP edge: what a client sends and what it is answered, status and headers included."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest

from projections.kernel.errors import StoreUnavailable
from projections.kernel.fields import Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Page
from projections.kernel.shapes import Stored
from projections.kernel.sharing import SharedDocuments
from schema.errors import Forbidden, RequestError, Unauthenticated
from schema.http import GraphQLApp
from schema.negotiation import GRAPHQL_RESPONSE, JSON, media_type, wants_page
from tests.schema.fakes import Api, at
from tests.schema.library import BOOK_ID, LIBRARY, stored
from write_side.kernel.errors import Busy, Contention, OutcomeUnknown
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Caller

QUERY = "{ library { books } }"
FIELD = f'renameBook(input: {{ bookId: "{BOOK_ID}", title: "Emma" }}) {{ version }}'
RENAME = f"mutation {{ {FIELD} }}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ANY_BUT_TEXT: list[object] = [{}, 0, False, []]
ANY_BUT_OBJECT: list[object] = ["x", 0, False, []]
URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"


@pytest.fixture
def app(api: Api) -> GraphQLApp:
    api.documents.stored[LIBRARY] = {"id": LIBRARY, "books": 3}
    return GraphQLApp(api.schema, api.services, page=lambda: "<title>GraphiQL</title>", body_limit=20_000)


@pytest.fixture
async def client(app: GraphQLApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test/graphql") as client:
        client.headers.pop("accept")
        yield client


async def post(client: httpx.AsyncClient, accept: str | None = None, **body: Any) -> httpx.Response:
    """The response to a body."""
    return await client.post("", json=body, headers={} if accept is None else {"Accept": accept})


def error(response: httpx.Response) -> tuple[str, str]:
    """The code and message of a response's only error."""
    (found,) = response.json()["errors"]
    return found["extensions"]["code"], found["message"]


# ---------------------------------------------------------------- what is well

ANSWER = {"data": {"library": {"books": 3}}}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        ("application/json; charset=utf-8", JSON),
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (URQL, GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("application/graphql-response+json;q=0, application/json", JSON),
        ("text/event-stream, */*;q=0.1", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/graphql-response+json;q=nan, application/json;q=0.5", JSON),
        ("application/graphql-response+json;q=1e0, application/json;q=0.5", JSON),
    ],
)
async def test_the_answer_is_of_the_type_that_is_accepted(
    client: httpx.AsyncClient, accept: str | None, expected: str
) -> None:
    response = await post(client, accept, query=QUERY)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert response.json() == ANSWER


@pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "text/event-stream;q=0", "application/json;q=x"])
async def test_what_cannot_be_answered_is_not_acceptable(client: httpx.AsyncClient, accept: str) -> None:
    response = await post(client, accept, query=QUERY)
    assert response.status_code == 406
    assert error(response)[0] == "BAD_USER_INPUT"


async def test_queries_come_by_get_too(client: httpx.AsyncClient, api: Api) -> None:
    parameters = {
        "query": "query A { __typename } query B($id: ID!) { book(id: $id) { id } }",
        "operationName": "B",
        "variables": json.dumps({"id": BOOK_ID}),
        "extensions": "{}",
    }
    response = await client.get("", params=parameters)
    assert response.status_code == 200
    assert response.json() == {"data": {"book": None}}
    assert (await client.get("", params={"query": QUERY, "variables": "", "operationName": ""})).json() == ANSWER


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
async def test_a_body_is_json_in_utf_8(client: httpx.AsyncClient, content_type: str) -> None:
    body = json.dumps({"query": '{ books(search: "ä") { totalCount } __typename }'}, ensure_ascii=False).encode()
    response = await client.post("", content=body, headers={"Content-Type": content_type})
    assert response.status_code == 200


async def test_null_parameters_are_no_parameters(client: httpx.AsyncClient) -> None:
    response = await post(client, query=QUERY, operationName=None, variables=None, extensions=None)
    assert response.json() == ANSWER


async def test_a_mutation_says_where_it_wrote_last(client: httpx.AsyncClient, api: Api) -> None:
    response = await post(client, query=RENAME)
    assert response.headers["oneread-position"] == at(60)
    assert "oneread-position" not in (await post(client, query=QUERY)).headers


async def test_a_refused_mutation_wrote_nowhere(client: httpx.AsyncClient) -> None:
    response = await post(client, query=RENAME.replace("Emma", ""))
    assert response.status_code == 200
    assert "oneread-position" not in response.headers


async def test_the_header_demands_freshness(client: httpx.AsyncClient, api: Api) -> None:
    await client.post("", json={"query": QUERY}, headers={"Oneread-At-Least": at(60)})
    assert api.freshness.waits == [("library", 60)]


async def test_the_requests_id_is_the_clients_or_made(client: httpx.AsyncClient, api: Api) -> None:
    given = await client.post("", json={"query": RENAME}, headers={"X-Request-Id": "abc-1"})
    made = await client.post("", json={"query": RENAME}, headers={"X-Request-Id": "no spaces, please"})
    assert given.headers["x-request-id"] == "abc-1"
    assert len(made.headers["x-request-id"]) == 32
    assert [caller.correlation_id for _, caller in api.commands.executed] == ["abc-1", made.headers["x-request-id"]]


async def test_a_key_in_the_header_is_the_id_of_a_command_that_has_none(client: httpx.AsyncClient, api: Api) -> None:
    named = FIELD.replace("title:", 'commandId: "own", title:')
    three = f"mutation {{ a: {FIELD} b: {named} c: {FIELD} }}"
    await client.post("", json={"query": three}, headers={"Idempotency-Key": "k-1"})
    await client.post("", json={"query": RENAME})
    assert [command.command_id for command, _ in api.commands.executed] == ["k-1", "own", "k-1/2", None]


@pytest.mark.parametrize("key", ["", "two words", "x" * 201])
async def test_a_key_that_is_none_refuses_the_command(client: httpx.AsyncClient, api: Api, key: str) -> None:
    query = RENAME.replace("version", "userErrors { code path }")
    response = await client.post("", json={"query": query}, headers={"Idempotency-Key": key})
    assert response.json()["data"]["renameBook"]["userErrors"] == [{"code": "INVALID_INPUT", "path": ["commandId"]}]
    assert api.commands.executed == []


@pytest.mark.parametrize("failed", [Busy(2_000), Contention(12)])
async def test_who_comes_when_there_is_too_much_is_told_when_to_come_again(
    client: httpx.AsyncClient, api: Api, failed: Exception
) -> None:
    api.commands.error = failed
    response = await post(client, query=RENAME)
    assert error(response)[0] == "OVERLOADED"
    assert response.json()["errors"][0]["extensions"]["retryAfter"] == 1
    assert response.headers["retry-after"] == "1"


async def test_an_outcome_that_is_not_known_yet_is_to_be_asked_for_by_the_commands_id(
    client: httpx.AsyncClient, api: Api
) -> None:
    api.commands.error = OutcomeUnknown(CommandId("k-1"))
    response = await post(client, query=RENAME)
    assert error(response)[0] == "TIMEOUT"
    assert response.json()["errors"][0]["extensions"]["commandId"] == "k-1"
    assert "retry-after" not in response.headers


async def test_who_calls_is_the_servers_to_say(api: Api) -> None:
    app = GraphQLApp(api.schema, api.services, callers=lambda headers, _, request_id: Caller(headers["x-user"], request_id))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        await client.post("", json={"query": RENAME}, headers={"X-User": "bob"})
    assert [caller.actor for _, caller in api.commands.executed] == ["bob"]


# ---------------------------------------------------------------- requests that cannot be read


@pytest.mark.parametrize("body", ["", "{", "nonsense", '{"query": NaN}', '{"a": ' + "9" * 5_000 + "}", "[" * 10_000])
async def test_broken_json_is_said_to_be_broken(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    code, message = error(response)
    assert code == "BAD_USER_INPUT"
    assert "JSON" in message
    assert "data" not in response.json()


async def test_a_body_that_is_not_utf_8_is_said_to_be_none(client: httpx.AsyncClient) -> None:
    response = await client.post("", content=b'{"query": "\xff"}', headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert "UTF-8" in error(response)[1]


@pytest.mark.parametrize("body", ["[]", '[{"query": "{ library { books } }"}]', '"x"', "5", "null", "{}", '{"query": ""}'])
async def test_a_body_is_one_object_with_a_query(client: httpx.AsyncClient, body: str) -> None:
    response = await client.post("", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert error(response)[0] == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in ("query", "operationName") for value in ANY_BUT_TEXT),
        *((name, value) for name in ("variables", "extensions") for value in ANY_BUT_OBJECT),
    ],
)
@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
async def test_a_parameter_of_another_type_is_named(
    client: httpx.AsyncClient, name: str, value: object, accept: str
) -> None:
    response = await post(client, accept, **{"query": QUERY, name: value})
    assert response.status_code == 400
    assert error(response) == ("BAD_USER_INPUT", f"{name}: must be {'an object' if name[0] in 've' else 'a string'}")


@pytest.mark.parametrize("name", ["variables", "extensions"])
async def test_a_parameter_of_the_url_is_json(client: httpx.AsyncClient, name: str) -> None:
    response = await client.get("", params={"query": QUERY, name: "{"})
    assert response.status_code == 400
    assert name in error(response)[1]


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin-1"],
)
async def test_other_media_types_are_not_read(client: httpx.AsyncClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await client.post("", content=json.dumps({"query": QUERY}), headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_not_allowed(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "", json={"query": QUERY})
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_mutation_by_get_is_not_executed(client: httpx.AsyncClient, api: Api) -> None:
    response = await client.get("", params={"query": RENAME})
    assert response.status_code == 405
    assert error(response) == ("BAD_USER_INPUT", "mutations are not executed by GET: send POST")
    assert api.commands.executed == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_is_told_where_to_go(client: httpx.AsyncClient, method: str) -> None:
    query = "subscription { libraryChanged { kind } }"
    body = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    response = await client.request(method, "", **body)  # type: ignore[arg-type]
    assert response.status_code == 406
    assert "text/event-stream" in error(response)[1]
    assert "WebSocket" in error(response)[1]


async def test_a_body_has_a_limit(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"query": "'
        for _ in range(30):
            yield b"x" * 1_000

    announced = await post(client, query=QUERY, variables={"x": "x" * 20_000})
    chunked = await client.post("", content=chunks(), headers={"Content-Type": "application/json"})
    for response in (announced, chunked):
        assert response.status_code == 413
        assert error(response) == ("BAD_USER_INPUT", "the body may have at most 20000 bytes")
    assert (await post(client, query=QUERY, variables={"x": "x" * 19_000})).status_code == 200


# ---------------------------------------------------------------- operations that cannot be executed


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query ($id: ID!) { book(id: $id) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "query ($id: ID!) { book(id: $id) { id } }", "variables": {"id": 1.5}}, "BAD_USER_INPUT"),
        ({"query": QUERY, "operationName": "Nope"}, "BAD_USER_INPUT"),
    ],
)
async def test_a_request_error_has_no_data_and_a_status_of_its_type(
    client: httpx.AsyncClient, body: dict[str, Any], code: str
) -> None:
    for accept, status in ((GRAPHQL_RESPONSE, 400), (JSON, 200), (None, 200)):
        response = await post(client, accept, **body)
        assert response.status_code == status
        assert error(response)[0] == code
        assert "data" not in response.json()


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, JSON])
async def test_an_error_of_a_field_is_200_with_what_there_is(client: httpx.AsyncClient, api: Api, accept: str) -> None:
    response = await post(client, accept, query='{ __typename book(id: "x") { id } }')
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query", "book": None}
    api.documents.error = StoreUnavailable()
    response = await post(client, accept, query=QUERY)
    assert response.status_code == 200
    assert response.json()["data"] is None


# ---------------------------------------------------------------- browsers


@pytest.mark.parametrize("parameters", [{}, {"query": QUERY}])
async def test_a_browser_gets_the_page(client: httpx.AsyncClient, parameters: dict[str, str]) -> None:
    response = await client.get("", params=parameters, headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "GraphiQL" in response.text


def test_programs_do_not_want_the_page() -> None:
    assert wants_page(BROWSER)
    assert not any(wants_page(accept) for accept in (None, "", "*/*", JSON, URQL, "text/html, application/json"))


async def test_without_a_page_a_browser_gets_json(api: Api) -> None:
    app = GraphQLApp(api.schema, api.services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test") as client:
        response = await client.get("", headers={"Accept": BROWSER})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith(JSON)


def test_the_better_of_equals_is_the_first() -> None:
    assert media_type("application/json, application/graphql-response+json") == JSON
    assert media_type("application/graphql-response+json, application/json") == GRAPHQL_RESPONSE


# ---------------------------------------------------------------- who may not


@pytest.mark.parametrize(("refusal", "status"), [(Unauthenticated("who are you?"), 401), (Forbidden("not you"), 403)])
async def test_whoever_may_not_is_refused(api: Api, refusal: RequestError, status: int) -> None:
    def nobody(*_: object) -> Caller:
        raise refusal

    transport = httpx.ASGITransport(GraphQLApp(api.schema, api.services, callers=nobody))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test/graphql") as client:
        response = await post(client, query=RENAME)
    assert response.status_code == status
    assert error(response) == (refusal.code, str(refusal))
    assert api.commands.executed == []


# ---------------------------------------------------------------- what should not happen


async def test_headers_that_come_twice_are_one_list(client: httpx.AsyncClient) -> None:
    headers = [("Accept", "text/plain"), ("Accept", GRAPHQL_RESPONSE)]
    response = await client.post("", json={"query": QUERY}, headers=headers)
    assert response.headers["content-type"] == f"{GRAPHQL_RESPONSE}; charset=utf-8"


async def test_headers_without_end_are_cut(client: httpx.AsyncClient) -> None:
    assert (await post(client, f"text/plain, {'x' * 100_000}, {JSON}", query=QUERY)).status_code == 406


async def test_what_cannot_be_encoded_is_an_error_with_a_code(
    api: Api, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    api.documents.stored[BOOK_ID] = stored(price=object())

    response = await post(client, query=f'{{ book(id: "{BOOK_ID}") {{ price }} }}')

    assert response.status_code == 500
    code, message = error(response)
    assert (code, message) == ("INTERNAL_SERVER_ERROR", "something went wrong here")
    assert response.headers["X-Request-Id"] in caplog.text


class HeldBack:
    """Reads that wait until they are let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.go = asyncio.Event()
        self.sent: list[Sequence[Key]] = []

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        self.sent.append(keys)
        self.begun.set()
        await self.go.wait()
        return {key: stored(key) for key in keys}

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        raise AssertionError("nobody asks for pages")


async def test_a_client_that_goes_away_breaks_nobody_elses_read(api: Api) -> None:
    reads = HeldBack()
    services = replace(api.services, documents=SharedDocuments(reads, ids_in_flight=1, pages_in_flight=1))
    app = GraphQLApp(api.schema, services)
    body = {"query": "query($id: ID!) { book(id: $id) { id } }", "variables": {"id": BOOK_ID}}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.test/graphql") as client:
        impatient, patient = (asyncio.create_task(client.post("", json=body)) for _ in range(2))
        await reads.begun.wait()

        impatient.cancel()
        await asyncio.sleep(0)
        reads.go.set()

        assert (await patient).json() == {"data": {"book": {"id": BOOK_ID}}}
    assert len(reads.sent) == 1
    assert impatient.cancelled()
