import re
from pathlib import Path

import httpx
import pytest
from graphql import build_schema, get_operation_ast, parse, validate
from starlette.applications import Starlette

from server.graphiql import graphiql_assets, graphiql_page
from server.graphiql.files import FILES
from server.graphiql.page import examples

SCHEMA = Path(__file__).parents[3] / "schema.graphql"


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A folder with a file of each name."""
    for file in FILES:
        (tmp_path / file.name).write_text(file.name)
    return tmp_path


def loaded(page: str) -> list[str]:
    """What a page loads."""
    return re.findall(r'<(?:script|link rel="stylesheet") (?:src|href)="([^"]+)"', page)


async def test_with_local_files_the_page_loads_them_and_nothing_else(assets: Path) -> None:
    page = graphiql_page("/graphql", assets=assets)
    assert "https://" not in page
    mount = graphiql_assets(assets=assets)
    assert mount is not None
    transport = httpx.ASGITransport(Starlette(routes=[mount]))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.example") as client:
        answers = [await client.get(path) for path in loaded(page)]
    assert sorted(answer.text for answer in answers) == sorted(file.name for file in FILES)


def test_without_them_it_loads_the_same_files_from_the_cdn(tmp_path: Path) -> None:
    addresses = loaded(graphiql_page("/graphql", assets=tmp_path))
    assert len(addresses) == len(FILES)
    assert all(address.startswith("https://") for address in addresses)
    assert {file.version for file in FILES} <= {
        version for address in addresses for version in re.findall(r"@([\d.]+)/", address)
    }
    assert graphiql_assets(assets=tmp_path) is None


def test_a_file_that_is_missing_makes_all_of_them_missing(assets: Path) -> None:
    (assets / FILES[0].name).unlink()
    assert graphiql_assets(assets=assets) is None


def test_the_endpoint_cannot_end_the_script_it_stands_in(assets: Path) -> None:
    assert "</script><b>" not in graphiql_page("/graphql</script><b>", assets=assets)


def test_the_examples_show_a_command_a_read_a_page_and_a_subscription() -> None:
    documents = [parse(text) for text in examples()]
    operations = [get_operation_ast(document) for document in documents]
    assert [operation and operation.operation.value for operation in operations] == [
        "mutation",
        "query",
        "query",
        "subscription",
    ]


@pytest.mark.parametrize("example", examples(), ids=lambda text: text.splitlines()[0].lstrip("# "))
def test_each_example_is_valid_in_the_published_schema(example: str) -> None:
    if not SCHEMA.exists():
        pytest.skip("no schema.graphql yet: oneread export-schema writes it")
    assert validate(build_schema(SCHEMA.read_text()), parse(example)) == []
