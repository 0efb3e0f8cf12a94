from pathlib import Path

import httpx
import pytest
from graphql import build_schema, parse, validate
from starlette.applications import Starlette

from server.storefront import FOR_EVER, FRESH, storefront

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "examples" / "storefront" / "src" / "operations.graphql"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as a build leaves it."""
    (tmp_path / "index.html").write_text("<h1>Orders</h1>")
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "index-4f2a.js").write_text("start()")
    return tmp_path


@pytest.fixture
def client(built: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Starlette(routes=[*storefront(built=built)]))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.example")


async def test_the_page_is_asked_for_each_time_and_sent_when_it_has_changed(client: httpx.AsyncClient, built: Path) -> None:
    first = await client.get("/")
    assert first.text == "<h1>Orders</h1>"
    assert first.headers["cache-control"] == FRESH

    again = await client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.headers["cache-control"]) == (304, FRESH)

    (built / "index.html").write_text("<h1>All orders</h1>")
    changed = await client.get("/", headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.text) == (200, "<h1>All orders</h1>")


async def test_what_it_loads_is_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/index-4f2a.js")

    assert answer.text == "start()"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == FOR_EVER


@pytest.mark.parametrize("path", ["/assets/none.js", "/assets/", "/orders", "/index.html", "/assets/..%2f..%2fMakefile"])
async def test_there_is_nothing_else(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_it_is_only_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/")).status_code == 405


def test_where_nothing_was_built_there_is_no_storefront(tmp_path: Path) -> None:
    assert storefront(built=tmp_path) == []
    assert storefront(built=tmp_path / "none") == []


def test_its_operations_are_valid_in_the_published_schema() -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    assert validate(schema, parse(OPERATIONS.read_text())) == []
