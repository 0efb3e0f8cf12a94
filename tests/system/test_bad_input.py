"""Bad input gets an error that names what is wrong, and changes nothing: one shop stands all of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from server.settings import Settings
from server.wiring import Backend
from tests.system.client import Client, client_of
from tests.system.orders import a_customer, a_product
from tests.system.verify import caught_up

NOBODY = "cus_" + "0" * 32
NOTHING = "prd_" + "0" * 32
PLACE = """mutation($input: PlaceOrderInput!) {
    placeOrder(input: $input) { version position order { id } userErrors { code message path } } }"""
REGISTER = """mutation($input: RegisterCustomerInput!) {
    registerCustomer(input: $input) { version customer { id name } userErrors { code message path } } }"""
ADD = """mutation($input: AddProductInput!) {
    addProduct(input: $input) { version product { id } userErrors { code message path } } }"""


@pytest.fixture
def backend(standing: Backend) -> Backend:
    return standing


@pytest.fixture
async def client(backend: Backend) -> AsyncIterator[Client]:
    async with client_of(backend, Settings()) as client:
        yield client


async def refusals(client: Client, operation: str, given: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    """Codes and paths of a command's refusals. It must have answered no version and no document."""
    [payload] = (await client.data(operation, {"input": given})).values()
    assert payload["version"] is None
    assert {value for name, value in payload.items() if name in ("order", "customer", "product")} == {None}
    assert all(error["message"] for error in payload["userErrors"])
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


async def test_unknown_and_malformed_ids(backend: Backend, client: Client) -> None:
    customer = await a_customer(backend)
    head = await backend.log.head()
    item = {"productId": NOTHING, "quantity": 1}

    assert await refusals(client, PLACE, {"customerId": NOBODY, "items": [item]}) == [("NOT_FOUND", ["customerId"])]
    assert await refusals(client, PLACE, {"customerId": customer, "items": [item]}) == [
        ("NOT_FOUND", ["items", "0", "productId"])
    ]
    assert await refusals(client, PLACE, {"customerId": "cus_1", "items": [{**item, "productId": customer}]}) == [
        ("INVALID_INPUT", ["customerId"]),
        ("INVALID_INPUT", ["items", "0", "productId"]),
    ]
    assert await client.data("query($id: ID!) { customer(id: $id) { id } }", {"id": NOBODY}) == {"customer": None}
    assert await client.data("query($id: ID!) { node(id: $id) { id } }", {"id": NOBODY}) == {"node": None}
    for bad in ("", "x", "cus_1", NOTHING, "cus_" + "g" * 32, NOBODY + "0"):
        code, message = await client.code("query($id: ID!) { customer(id: $id) { id } }", {"id": bad})
        assert (code, message[:3]) == ("BAD_USER_INPUT", "id:")
    assert (await client.code('{ node(id: "nix_1") { id } }'))[0] == "BAD_USER_INPUT"
    assert await backend.log.head() == head


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
async def test_quantities(backend: Backend, client: Client, quantity: int) -> None:
    given = {"customerId": await a_customer(backend), "items": [{"productId": NOTHING, "quantity": quantity}]}
    head = await backend.log.head()

    assert await refusals(client, PLACE, given) == [("INVALID_INPUT", ["items", "0", "quantity"])]
    assert await backend.log.head() == head


async def test_an_order_of_nothing(backend: Backend, client: Client) -> None:
    given = {"customerId": await a_customer(backend), "items": []}

    assert await refusals(client, PLACE, given) == [("ORDER_EMPTY", ["items"])]


@pytest.mark.parametrize(
    ("money", "path"),
    [
        ({"amount": "1.005", "currencyCode": "EUR"}, ["price", "amount"]),
        ({"amount": "1.5", "currencyCode": "JPY"}, ["price", "amount"]),
        ({"amount": "0", "currencyCode": "EUR"}, ["price", "amount"]),
        ({"amount": "-1", "currencyCode": "EUR"}, ["price", "amount"]),
        ({"amount": "1000000000000", "currencyCode": "EUR"}, ["price", "amount"]),
        ({"amount": "1", "currencyCode": "EURO"}, ["price", "currencyCode"]),
        ({"amount": "1", "currencyCode": "eur"}, ["price", "currencyCode"]),
        ({"amount": "1", "currencyCode": "XXX"}, ["price", "currencyCode"]),
    ],
)
async def test_money(client: Client, money: dict[str, str], path: list[str]) -> None:
    assert await refusals(client, ADD, {"sku": "S", "name": "N", "price": money}) == [("INVALID_INPUT", path)]


@pytest.mark.parametrize("amount", [1, 1.5, "1e3", "NaN", "Infinity", "", "1,50", "1_000", " 1", "٣", "1" * 60, True])
async def test_a_decimal_is_a_plain_decimal_string(client: Client, amount: object) -> None:
    price = {"amount": amount, "currencyCode": "EUR"}

    code, message = await client.code(ADD, {"input": {"sku": "S", "name": "N", "price": price}})

    assert code == "BAD_USER_INPUT"
    assert "amount" in message


@pytest.mark.parametrize("email", ["ann", "ann@", "@shop.test", "ann@shop", "a b@shop.test", "ann@shop.test\n", ""])
async def test_an_email_address_is_one(client: Client, email: str) -> None:
    found = await refusals(client, REGISTER, {"name": "Ann", "email": email + "\u0007"})

    assert found == [("INVALID_INPUT", ["email"])]


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\u0007b", "a\nb", "x" * 10_000_000], ids=lambda name: name[:10])
async def test_a_name_is_one(backend: Backend, client: Client, name: str) -> None:
    head = await backend.log.head()

    found = await refusals(client, REGISTER, {"name": name, "email": "ann@shop.test"})

    assert found == [("INVALID_INPUT", ["name"])]
    assert len(client.last.content) < 1_000
    assert await backend.log.head() == head


@pytest.mark.parametrize("name", ["a\u0000b", "\ud800"], ids=["NUL", "half a character"])
async def test_texts_that_no_database_takes(backend: Backend, client: Client, name: str) -> None:
    head = await backend.log.head()

    code, message = await client.code(REGISTER, {"input": {"name": name, "email": "ann@shop.test"}})

    assert code == "BAD_USER_INPUT"
    assert "input.name" in message
    assert await backend.log.head() == head


async def test_two_mutations_with_one_command_id_and_other_input(backend: Backend, client: Client) -> None:
    first = {"name": "Ann", "email": "ann@shop.test", "commandId": "k"}
    await client.data(REGISTER, {"input": first})
    head = await backend.log.head()

    again = await client.data(REGISTER, {"input": first})

    assert again["registerCustomer"]["version"] == 1
    assert await refusals(client, REGISTER, {**first, "name": "Eve"}) == [("COMMAND_ID_REUSED", ["commandId"])]
    assert await backend.log.head() == head


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("first: 101", "first"),
        ("first: 0", "first"),
        ("last: -1", "last"),
        ("first: 1, last: 1", "last"),
        ('after: "nonsense"', "after"),
        ('before: "W10"', "before"),
        ("filter: {status: null}", "filter.status"),
        ("filter: {status: {eq: null}}", "filter.status.eq"),
        ('filter: {customerId: {eq: "x"}}', "filter.customerId.eq"),
        ('filter: {placedAt: {gte: "2026-01-31T00:00:00"}}', "RFC 3339"),
        ('filter: {placedAt: {gte: "2026-02-31T00:00:00Z"}}', "RFC 3339"),
        ('search: "!!!"', "search"),
        ('atLeast: "12"', "atLeast"),
    ],
)
async def test_arguments_of_a_page(client: Client, arguments: str, named: str) -> None:
    code, message = await client.code(f"{{ orders({arguments}) {{ nodes {{ id }} }} }}")

    assert code == "BAD_USER_INPUT"
    assert named in message


@pytest.mark.parametrize(
    "operation",
    [
        "{ orders(filter: {nope: {eq: 1}}) { totalCount } }",
        "{ orders(filter: {status: {like: PAID}}) { totalCount } }",
        "{ orders(filter: {status: {eq: LOST}}) { totalCount } }",
        '{ orders(first: "1") { totalCount } }',
        "{ orders { nope } }",
        "{ order { id } }",
        "mutation { placeOrder(input: {}) { version } }",
    ],
)
async def test_what_the_schema_does_not_know(client: Client, operation: str) -> None:
    body = await client.send(operation)

    assert {error["extensions"]["code"] for error in body["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert "data" not in body


async def test_a_cursor_of_another_query(backend: Backend, client: Client) -> None:
    await a_product(backend, 1)
    await caught_up(backend)
    page = await client.data("{ products(first: 1) { pageInfo { endCursor } } }")
    cursor = {"c": page["products"]["pageInfo"]["endCursor"]}

    for query in ("orders(after: $c)", "products(after: $c, orderBy: PRICE_ASC)"):
        code, message = await client.code(f"query($c: String) {{ {query} {{ nodes {{ id }} }} }}", cursor)
        assert (code, message[:6]) == ("BAD_USER_INPUT", "after:")


async def test_positions_that_the_log_has_not(backend: Backend, client: Client) -> None:
    customer = await a_customer(backend)
    beyond = backend.log.positions.token(await backend.log.head() + 1)  # type: ignore[arg-type]
    foreign = "0" * 12 + "-" + "0" * 15 + "1"
    query = "query($p: Position) { storeOverview(atLeast: $p) { id } }"

    assert (await client.code(query, {"p": beyond}))[0] == "POSITION_UNKNOWN"
    assert (await client.code(query, {"p": foreign}))[0] == "POSITION_UNKNOWN"
    by_version = f'{{ customer(id: "{customer}", minVersion: 2) {{ id }} }}'
    assert (await client.code(by_version))[0] == "POSITION_UNKNOWN"
    header = await client.send("{ storeOverview { id } }", oneread_at_least=beyond)
    assert header["errors"][0]["extensions"]["code"] == "POSITION_UNKNOWN"


async def test_explicit_nulls_mean_the_default(backend: Backend, client: Client) -> None:
    await a_product(backend, 1)
    await caught_up(backend)

    default = await client.data("{ products { totalCount nodes { id } } }")
    page = await client.data(
        "{ products(filter: null, search: null, orderBy: null, first: null, after: null, last: null, before: null, "
        "atLeast: null) { totalCount nodes { id } } }"
    )

    assert page == default
    assert page["products"]["totalCount"] >= 1


async def test_requests_that_are_none(client: Client) -> None:
    json = {"content-type": "application/json"}
    for content, status in ((b"{bad", 400), (b'{"query": "\xff"}', 400), (b"[]", 400), (b"{}", 400), (b"null", 400)):
        response = await client.http.post("/graphql", content=content, headers=json)
        assert (response.status_code, list(response.json())) == (status, ["errors"])
    text = await client.http.post("/graphql", content=b"{}", headers={"content-type": "text/plain"})
    assert text.status_code == 415
    huge = await client.http.post("/graphql", content=b'{"query": "' + b" " * 17_000_000 + b'"}', headers=json)
    assert huge.status_code == 413
    unfit: tuple[object, ...] = ([], 1, "x")
    for variables in unfit:
        response = await client.http.post("/graphql", json={"query": "{ a }", "variables": variables})
        assert "variables" in response.json()["errors"][0]["message"]


async def test_mutations_are_not_sent_by_get(backend: Backend, client: Client) -> None:
    mutation = 'mutation { registerCustomer(input: {name: "Ann", email: "ann@shop.test"}) { version } }'
    head = await backend.log.head()

    response = await client.http.get("/graphql", params={"query": mutation})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert "mutation" in response.json()["errors"][0]["message"]
    assert await backend.log.head() == head


@pytest.mark.parametrize(
    "operation",
    [
        "{" * 3_000,
        "{ a" + " a" * 6_000 + " }",
        "{ " + " ".join(f"a{n}: storeOverview {{ id }}" for n in range(60)) + " }",
        "query " + "{ node(id: 1) " * 50 + "{ id }" + " }" * 50,
        "query { ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30)),
        "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "#" * 100_001,
    ],
    ids=["unclosed", "tokens", "roots", "deep", "doubling", "circle", "long"],
)
async def test_operations_that_are_too_large_are_refused(client: Client, operation: str) -> None:
    body = await client.send(operation)

    assert body["errors"]
    assert "data" not in body or body["data"] is None
