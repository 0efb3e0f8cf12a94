"""A browser opens GraphiQL, runs operations and sees what they answer, from this server alone."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from server.graphiql.files import installed
from server.graphiql.page import examples
from server.settings import Settings
from server.wiring import Backend
from tests.system.browser import CHROMEDRIVER, CHROMIUM, Browser, open_browser
from tests.system.orders import a_customer, a_product, accepted
from tests.system.serving import served
from tests.system.verify import caught_up

pytestmark = [
    pytest.mark.skipif(not (CHROMIUM and CHROMEDRIVER), reason="no chromium and chromedriver here (Debian has both)"),
    pytest.mark.skipif(not installed(), reason="GraphiQL's files are not here: make fetches them where there is npm"),
]

RUN = ".graphiql-execute-button"
RESULT = ".result-window"
ORDERS = 50
"""That are placed until one of them is seen."""


@pytest.fixture
async def site(backend: Backend, settings: Settings) -> AsyncIterator[str]:
    """Where the API is served, over real HTTP."""
    async with served(backend, settings) as url:
        yield url


@pytest.fixture
def browser_folder() -> Iterator[Path]:
    """A folder for the browser's own files."""
    with tempfile.TemporaryDirectory(prefix="oneread-browser-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
async def browser(browser_folder: Path) -> AsyncIterator[Browser]:
    async with open_browser(browser_folder) as opened:
        yield opened


async def test_a_query_is_run_and_its_result_seen(site: str, browser: Browser, backend: Backend) -> None:
    await a_product(backend, units=3)
    await caught_up(backend)

    await browser.open(f"{site}/graphql?query={quote('{ products { totalCount nodes { name } } }')}")
    await browser.click(RUN)

    result = await browser.wait_for_text(RESULT, "totalCount")
    assert '"totalCount": 1' in result
    assert '"name": "Teapot"' in result
    assert await browser.complaints() == []
    asked = [urlsplit(url) for url in await browser.requested()]
    assert "/graphiql/graphiql.js" in {url.path for url in asked}
    assert {url.netloc for url in asked if url.scheme in ("http", "https", "ws", "wss")} == {urlsplit(site).netloc}


async def test_the_examples_are_ready_and_errors_are_shown(site: str, browser: Browser) -> None:
    await browser.open(f"{site}/graphql")
    tabs = await browser.wait_for_text(".graphiql-tabs", "PlaceAnOrder")
    assert "ReadItBack" in tabs

    await browser.click(RUN)

    # An empty shop has no such customer: the example is refused in words.
    assert "NOT_FOUND" in await browser.wait_for_text(RESULT, "userErrors")


async def test_changes_are_seen_as_they_come(site: str, browser: Browser, backend: Backend) -> None:
    customer, product = await a_customer(backend), await a_product(backend, units=100)
    [watching] = [example for example in examples() if "subscription WatchOrders" in example]
    await browser.open(f"{site}/graphql?query={quote(watching)}")
    await browser.click(RUN)

    # It watches from some moment on, which the page does not tell.
    for _ in range(ORDERS):
        order = await accepted(backend, "PlaceOrder", customerId=customer, items=[{"productId": product, "quantity": 1}])
        await asyncio.sleep(0.2)
        if order.key in await browser.text(RESULT):
            break

    result = await browser.wait_for_text(RESULT, "ordersChanged")
    assert '"kind": "UPDATED"' in result
    assert await browser.complaints() == []
