"""A headless Chromium, driven over WebDriver (https://www.w3.org/TR/webdriver2/) through Debian's chromedriver."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

import httpx

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")
PATIENCE = 30.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key under which WebDriver answers an element's id."""

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,900",
)


class Browser:
    """One window."""

    def __init__(self, http: httpx.AsyncClient, session: str) -> None:
        self._http = http
        self._session = session

    async def open(self, url: str) -> None:
        """Goes to a page, and waits until it has loaded."""
        await self._do("url", url=url)

    async def click(self, css: str) -> None:
        """Clicks on an element, once it is there."""
        await self._do(f"element/{await self._element(css)}/click")

    async def text(self, css: str) -> str:
        """The text of an element, once it is there."""
        return str(await self.run("return document.querySelector(arguments[0]).innerText", await self._wait_for(css)))

    async def wait_for_text(self, css: str, words: str) -> str:
        """The text of an element, once it has those words."""
        text = ""
        for _ in range(int(PATIENCE * 10)):
            text = await self.text(css)
            if words in text:
                return text
            await asyncio.sleep(0.1)
        raise AssertionError(f"{css} does not say {words!r} but {text!r}")

    async def run(self, script: str, *arguments: Any) -> Any:
        """What a script on the page returns."""
        return await self._do("execute/sync", script=script, args=list(arguments))

    async def requested(self) -> list[str]:
        """The URL of every request since the last call."""
        entries = await self._do("se/log", type="performance")
        messages = [json.loads(entry["message"])["message"] for entry in entries]
        return [
            message["params"]["request"]["url"] for message in messages if message["method"] == "Network.requestWillBeSent"
        ]

    async def complaints(self) -> list[str]:
        """The errors on the console since the last call."""
        return [entry["message"] for entry in await self._do("se/log", type="browser") if entry["level"] == "SEVERE"]

    async def _element(self, css: str) -> str:
        return str((await self._do("element", using="css selector", value=await self._wait_for(css)))[ELEMENT])

    async def _wait_for(self, css: str) -> str:
        for _ in range(int(PATIENCE * 10)):
            if await self.run("return document.querySelector(arguments[0]) !== null", css):
                return css
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {css} on the page: {await self.run('return document.body.innerText')}")

    async def _do(self, path: str, **given: Any) -> Any:
        answer = (await self._http.post(f"{self._session}/{path}", json=given)).json()["value"]
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer


@asynccontextmanager
async def open_browser(folder: Path) -> AsyncIterator[Browser]:
    """A browser that knows nothing yet, and keeps its files in `folder`."""
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}"]},
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
    }
    async with _chromedriver(folder) as url, httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = (await http.post(f"{url}/session", json={"capabilities": {"alwaysMatch": wanted}})).json()["value"]
        assert "sessionId" in answer, answer
        session = f"{url}/session/{answer['sessionId']}"
        try:
            yield Browser(http, session)
        finally:
            await http.delete(session)


@asynccontextmanager
async def _chromedriver(folder: Path) -> AsyncIterator[str]:
    """Where the driver answers, on a port of its own choice."""
    assert CHROMEDRIVER is not None
    # A file and no pipe, which the browser would hold open.
    with (folder / "chromedriver.log").open("w+") as log:
        driver = await asyncio.create_subprocess_exec(CHROMEDRIVER, "--port=0", stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{await _port(log)}"
        finally:
            driver.terminate()
            await driver.wait()


async def _port(log: TextIO) -> int:
    for _ in range(int(PATIENCE * 20)):
        log.seek(0)
        if told := re.search(r"successfully on port (\d+)", log.read()):
            return int(told[1])
        await asyncio.sleep(0.05)
    raise AssertionError("chromedriver did not start")
