"""Two windows on one shop: what is done in one is seen in the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Route, expect

from server.settings import Settings
from server.wiring import Backend
from tests.system.browser import CHROMIUM
from tests.system.orders import a_customer, a_product, accepted
from tests.system.serving import served
from tests.system.storefront import NPM, Window, build, open_chromium
from tests.system.verify import caught_up, whole_log
from write_side.orders.events import OrderPaid, OrderPlaced

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="no chromium here (Debian has it)"),
    pytest.mark.skipif(not NPM, reason="no npm here, with which the storefront is built"),
]

OpenWindow = Callable[[str], Awaitable[Window]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The storefront, built for this session."""
    return build(tmp_path_factory.mktemp("storefront") / "dist")


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with open_chromium() as browser:
        yield browser


@pytest.fixture
async def site(backend: Backend, settings: Settings, built: Path) -> AsyncIterator[str]:
    """Where shop and storefront are served."""
    async with served(backend, settings, built=built) as url:
        yield url


@pytest.fixture
async def opened(chromium: Browser, site: str) -> AsyncIterator[OpenWindow]:
    """Opens windows, each of a browser of its own. None of them may have had an error at the end."""
    windows: list[Window] = []

    async def open_window(place: str) -> Window:
        context = await chromium.new_context(base_url=site)
        window = Window(await context.new_page(), site)
        windows.append(window)
        await window.open(place)
        return window

    yield open_window
    for window in windows:
        await window.page.context.close()
    assert [window.errors for window in windows] == [[] for _ in windows]


async def an_order(backend: Backend) -> str:
    """The id of an order that was just placed, of two teapots."""
    items = [{"productId": await a_product(backend, units=10), "quantity": 2}]
    order = await accepted(backend, "PlaceOrder", customerId=await a_customer(backend), items=items)
    await caught_up(backend)
    return order.key


async def test_an_order_is_placed_paid_and_shipped_before_the_eyes_of_another(opened: OpenWindow, backend: Backend) -> None:
    await a_customer(backend)
    await a_product(backend, units=10)
    await caught_up(backend)
    buyer, clerk = await opened("new"), await opened("orders")
    board = await opened("overview")
    await expect(clerk.page.get_by_text("No orders like that.")).to_be_visible()
    await expect(board.figure("Orders placed")).to_have_text("0")

    await buyer.page.get_by_role("radio", name="Ann").check()
    await buyer.click("Add Teapot")
    await buyer.write("Quantity of Teapot", "")
    await buyer.write("Quantity of Teapot", "3")
    await expect(buyer.page.locator(".sum")).to_contain_text("30.00")
    await buyer.click("Place order")

    await expect(buyer.heading).to_contain_text("Order #")
    await expect(buyer.standing).to_have_text("Placed")
    order = urlsplit(buyer.page.url).fragment.rpartition("/")[2]
    await expect(clerk.of_order(order)).to_contain_text("30.00")
    await expect(board.figure("Orders placed")).to_have_text("1")

    await clerk.of_order(order).get_by_role("link").click()
    await clerk.write("Reference", "PAY-1")
    await clerk.click("Mark as paid")

    await expect(clerk.standing).to_have_text("Paid")
    await expect(buyer.standing).to_have_text("Paid")
    await expect(buyer.page.get_by_text("Card, PAY-1")).to_be_visible()
    await expect(board.figure("Paid")).to_have_text("1")

    await clerk.follow("Warehouse")
    await expect(clerk.of_order(order)).to_contain_text("Teapot")
    await clerk.write("Carrier", "DHL")
    await clerk.write("Tracking number", "T-77")
    await clerk.click("Ship")

    await expect(clerk.of_order(order)).to_have_count(0)
    await expect(buyer.standing).to_have_text("Shipped")
    await expect(buyer.page.get_by_text("DHL, T-77", exact=True)).to_be_visible()
    await expect(board.figure("Shipped")).to_have_text("1")

    await buyer.click("Confirm delivery")

    await expect(buyer.standing).to_have_text("Delivered")
    await expect(buyer.page.locator(".history li")).to_have_count(4)
    await expect(board.figure("Delivered")).to_have_text("1")


async def test_a_refusal_is_told_and_what_was_foreseen_is_taken_back(opened: OpenWindow, backend: Backend) -> None:
    order = await an_order(backend)
    window, other = await opened(f"orders/{order}"), await opened(f"orders/{order}")
    foreseen = asyncio.Event()

    async def answer_late(route: Route) -> None:
        await foreseen.wait()
        await route.continue_()

    await window.page.get_by_label("Paid by").select_option("Store credit")
    await window.write("Reference", "PAY-2")
    await window.page.route("**/graphql", answer_late)
    await window.click("Mark as paid")
    await expect(window.standing).to_have_text("PaidSaving…")
    await expect(other.standing).to_have_text("Placed")
    foreseen.set()

    await expect(window.alerts).to_contain_text("never credited")
    await expect(window.standing).to_have_text("Placed")
    await expect(window.page.get_by_label("Reference")).to_have_value("PAY-2")

    await window.page.get_by_text("Cancel this order").click()
    await window.write("Reason", "changed my mind")
    await window.click("Cancel order")

    await expect(other.standing).to_have_text("Cancelled")
    await expect(other.page.get_by_text("changed my mind", exact=True)).to_be_visible()


async def test_what_is_refused_of_one_line_is_told_at_that_line(opened: OpenWindow, backend: Backend) -> None:
    await a_customer(backend)
    await a_product(backend, units=2)
    await caught_up(backend)
    window = await opened("new")
    await window.page.get_by_role("radio", name="Ann").check()
    await window.click("Add Teapot")
    await window.write("Quantity of Teapot", "3")

    await window.click("Place order")

    await expect(window.page.locator(".basket li").get_by_role("alert")).to_contain_text("2")
    await window.write("Quantity of Teapot", "2")
    await expect(window.alerts).to_have_count(0)
    await expect(window.heading).to_have_text("New order")


async def test_an_order_that_was_placed_is_gone_to_though_it_could_not_be_read(
    opened: OpenWindow, backend: Backend
) -> None:
    await a_customer(backend)
    await a_product(backend, units=2)
    await caught_up(backend)
    window = await opened("new")

    async def keep_the_order(route: Route) -> None:
        if "PlaceOrder" not in (route.request.post_data or ""):
            await route.continue_()
            return
        response = await route.fetch()
        answer = await response.json()
        answer["data"]["payload"]["order"] = None
        await route.fulfill(response=response, json={**answer, "errors": [{"message": "the documents cannot be read"}]})

    await window.page.route("**/graphql", keep_the_order)
    await window.page.get_by_role("radio", name="Ann").check()
    await window.click("Add Teapot")
    await window.click("Place order")

    await expect(window.standing).to_have_text("Placed")
    [placed] = [record for record in await whole_log(backend) if isinstance(record.event, OrderPlaced)]
    assert placed.stream == f"order-{urlsplit(window.page.url).fragment.rpartition('/')[2]}"


async def test_a_page_that_was_left_before_its_answer_is_not_read_again(opened: OpenWindow, backend: Backend) -> None:
    order = await an_order(backend)
    await accepted(backend, "PayOrder", orderId=order, method="CARD")
    await caught_up(backend)
    window = await opened("warehouse")
    left = asyncio.Event()

    async def answer_late(route: Route) -> None:
        if "ShipOrder" in (route.request.post_data or ""):
            await left.wait()
        await route.continue_()

    await window.page.route("**/graphql", answer_late)
    await window.write("Carrier", "DHL")
    await window.write("Tracking number", "T-1")
    async with window.page.expect_response(lambda response: "ShipOrder" in (response.request.post_data or "")):
        await window.click("Ship")
        await window.follow("Orders")
        await expect(window.of_order(order)).to_contain_text("Paid")
        reads: list[str] = []
        window.page.on("request", lambda request: reads.append(request.post_data or ""))
        left.set()

    await expect(window.of_order(order)).to_contain_text("Shipped")
    await window.follow("Overview")
    await expect(window.figure("Shipped")).to_have_text("1")
    assert [read for read in reads if "ShippingTasks" in read] == []


async def test_an_address_that_cannot_be_read_is_no_page(opened: OpenWindow) -> None:
    window = await opened("orders/%zz")

    await expect(window.heading).to_have_text("Nothing here")


async def test_what_no_longer_matches_leaves_the_list(opened: OpenWindow, backend: Backend) -> None:
    order = await an_order(backend)
    window = await opened("orders?paid=no&search=teapot")
    await expect(window.of_order(order)).to_contain_text("Placed")

    await accepted(backend, "PayOrder", orderId=order, method="CARD")

    await expect(window.of_order(order)).to_have_count(0)
    await window.page.get_by_label("Payment").select_option("Paid")
    await expect(window.of_order(order)).to_contain_text("Paid")
    await window.page.get_by_label("Search").fill("kettle")
    await expect(window.page.get_by_text("No orders like that.")).to_be_visible()


async def test_a_command_whose_answer_is_lost_is_sent_again_and_has_one_effect(
    opened: OpenWindow, backend: Backend
) -> None:
    order = await an_order(backend)
    window = await opened(f"orders/{order}")
    sent: list[dict[str, Any]] = []

    async def lose_the_first_answer(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        if "PayOrder" not in body["query"]:
            await route.continue_()
            return
        sent.append(body["variables"]["input"])
        if len(sent) > 1:
            await route.continue_()
            return
        await route.fetch()
        await route.abort()

    await window.page.route("**/graphql", lose_the_first_answer)
    await window.click("Mark as paid")

    await expect(window.standing).to_have_text("Paid")
    await expect(window.alerts).to_have_count(0)
    await expect(window.page.get_by_role("button", name="Ship")).to_be_enabled()
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert [type(recorded.event) for recorded in await whole_log(backend)].count(OrderPaid) == 1


async def test_what_is_read_after_a_command_is_at_least_as_fresh(opened: OpenWindow, backend: Backend) -> None:
    order = await an_order(backend)
    window = await opened(f"orders/{order}")

    async with window.page.expect_response(lambda response: "PayOrder" in (response.request.post_data or "")) as paid:
        await window.click("Mark as paid")
    position = (await (await paid.value).json())["data"]["payload"]["position"]
    async with window.page.expect_request(lambda request: "ShippingTasks" in (request.post_data or "")) as reading:
        await window.follow("Warehouse")

    assert (await reading.value).headers["oneread-at-least"] >= position
    await expect(window.of_order(order)).to_contain_text("Ready")


async def test_a_window_that_lost_its_connection_misses_nothing(
    chromium: Browser, backend: Backend, settings: Settings, built: Path
) -> None:
    order = await an_order(backend)
    subscribed: list[dict[str, Any]] = []

    def note(frame: str | bytes) -> None:
        message = json.loads(frame)
        if message["type"] == "subscribe":
            subscribed.append(message["payload"])

    async with served(backend, settings, built=built) as url:
        page = await chromium.new_page()
        page.on("websocket", lambda socket: socket.on("framesent", note))
        window = Window(page, url)
        await window.open(f"orders/{order}")
        await expect(window.standing).to_have_text("Placed")
        await accepted(backend, "PayOrder", orderId=order, method="CARD")
        await expect(window.standing).to_have_text("Paid")
        await expect(window.connection).to_have_text("Live")

    await expect(window.connection).to_contain_text("Connection lost")
    await accepted(backend, "ShipOrder", orderId=order, carrier="DHL", trackingNumber="T-1")
    await accepted(backend, "ConfirmDelivery", orderId=order)

    async with served(backend, settings, built=built, port=urlsplit(url).port or 0):
        await expect(window.connection).to_contain_text("Back")
        await expect(window.standing).to_have_text("Delivered")
        await expect(window.connection).to_have_text("Live")
        assert [payload["variables"]["id"] for payload in subscribed] == [order, order]
        first, resumed = (payload["variables"]["after"] for payload in subscribed)
        assert first < resumed
        assert window.errors == []
        await page.close()
