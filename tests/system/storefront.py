"""The example storefront as a test needs it: built once, and windows of a headless Chromium that look at it."""

import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.system.browser import CHROMIUM, FLAGS

SOURCES = Path(__file__).parents[2] / "examples" / "storefront"
NPM = shutil.which("npm")
PATIENCE_SECONDS = 120
WINDOW_PATIENCE = 60_000.0
"""How long a window may take for what is expected of it, and the browser to begin, in milliseconds."""
expect.set_options(timeout=WINDOW_PATIENCE)


def build(into: Path) -> Path:
    """Builds the storefront. Skips where what it is built with cannot be had; a build that fails is a failure."""
    assert NPM is not None
    try:
        subprocess.run([NPM, "install"], cwd=SOURCES, check=True, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm could not install what the storefront is built with: {error.stderr.strip()[-300:]}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not install what the storefront is built with in {PATIENCE_SECONDS} s")
    command = [NPM, "run", "build", "--", "--outDir", str(into), "--emptyOutDir"]
    built = subprocess.run(command, cwd=SOURCES, check=False, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert built.returncode == 0, built.stdout + built.stderr
    return into


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """A browser whose windows know nothing of each other."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS], timeout=WINDOW_PATIENCE)
        try:
            yield browser
        finally:
            await browser.close()


class Window:
    """A window on the storefront. What people see is named as they would name it."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self._site = site
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    async def open(self, place: str) -> None:
        """Goes to a place, as `orders?status=PAID`."""
        await self.page.goto(f"{self._site}/#/{place}")

    async def click(self, name: str) -> None:
        """Presses a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def follow(self, name: str) -> None:
        """Follows a link."""
        await self.page.get_by_role("link", name=name, exact=True).click()

    async def write(self, label: str, text: str) -> None:
        """Writes into a field."""
        await self.page.get_by_label(label).fill(text)

    @property
    def heading(self) -> Locator:
        """The page's own heading."""
        return self.page.get_by_role("heading", level=1)

    @property
    def standing(self) -> Locator:
        """Where the order of an order's page stands."""
        return self.page.locator(".standing")

    @property
    def alerts(self) -> Locator:
        """What went wrong."""
        return self.page.get_by_role("alert")

    @property
    def connection(self) -> Locator:
        """The note on the connection."""
        return self.page.locator(".connection")

    def of_order(self, key: str) -> Locator:
        """An order's row in a list, or its task in the warehouse."""
        return self.page.locator(f"[data-order='{key}']")

    def figure(self, name: str) -> Locator:
        """A figure of the overview."""
        return self.page.locator(".figures > div").filter(has=self.page.get_by_text(name, exact=True)).locator("dd")
