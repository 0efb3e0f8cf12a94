"""More commands than can be done: what is too much is told so at once, what is taken on is answered, memory stays flat."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import CODEC
from tests.system.writing.apis import Api, apis
from tests.system.writing.goods import FEW, PRODUCTS
from tests.system.writing.trial import begun, findings_of
from tests.system.writing.writers import mutation_of
from tests.write_side.effects.gates import whole
from tests.write_side.effects.told import Done, Told
from write_side.kernel.commands import Command
from write_side.kernel.positions import START, LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog
from write_side.stock.commands import ReceiveStock
from write_side.stock.stock import STOCK

APPENDING = 7263401
"""The lock that appends take."""
QUEUE = 40
TIMEOUT = 3.0
"""Seconds after which a command's client is told that its outcome is not known."""
FLOOD = 6_000
MEGABYTES = 20
"""By so much memory may grow meanwhile: much less than it would if commands were kept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one command: its payload, or the code of an error and what is said beside it."""

    command: Command
    headers: httpx.Headers
    payload: dict[str, Any] | None
    error: dict[str, Any]

    @property
    def code(self) -> str:
        """Of the error, if it is one."""
        return "" if self.payload is not None else str(self.error["extensions"]["code"])


@asynccontextmanager
async def stalled(url: str) -> AsyncIterator[None]:
    """Nobody can append meanwhile."""
    owner = await asyncpg.connect(url)
    await owner.execute("select pg_advisory_lock($1)", APPENDING)
    yield
    await owner.close()


def receives(number: int) -> list[Command]:
    """So many commands, each of which brings one unit of a product."""
    return [ReceiveStock(product_id=PRODUCTS[0], quantity=1, command_id=f"k-{one}") for one in range(number)]


async def send(http: httpx.AsyncClient, api: Api, command: Command) -> Answer:
    text, given = mutation_of(command)
    response = await http.post(f"http://{api.place}/graphql", json={"query": text, "variables": {"input": given}})
    body = response.json()
    payload = None if "errors" in body else next(iter(body["data"].values()))
    return Answer(command, response.headers, payload, body.get("errors", [{}])[0])


async def answers(http: httpx.AsyncClient, api: Api, commands: list[Command]) -> list[Answer]:
    """The answers in the order in which they come."""
    return [await each for each in asyncio.as_completed([send(http, api, command) for command in commands])]


async def test_more_than_can_be_done(urls: DatabaseUrls, settings: Settings, tmp_path: Path) -> None:
    await begun(settings, urls)
    bounds = {"ONEREAD_COMMAND_QUEUE": str(QUEUE), "ONEREAD_COMMAND_TIMEOUT": str(TIMEOUT)}
    with apis(settings, urls, tmp_path, 1, **bounds) as [api]:
        await api.serves()
        async with httpx.AsyncClient(limits=httpx.Limits(max_connections=2 * QUEUE), timeout=60) as http:
            async with stalled(urls.postgres):
                early = await answers(http, api, receives(2 * QUEUE))

                # Whoever is too much does not wait, and whoever waits is told what to do.
                assert [answer.code for answer in early] == ["OVERLOADED"] * QUEUE + ["TIMEOUT"] * QUEUE
                for answer in early[:QUEUE]:
                    assert int(answer.headers["retry-after"]) >= 1
                    assert answer.error["extensions"]["retryAfter"] >= 1
                for answer in early[QUEUE:]:
                    assert "under the same command id" in answer.error["message"]
                    assert answer.error["extensions"]["commandId"] == answer.command.command_id

                # They are under way still, so that whatever else comes is too much.
                before = psutil.Process(api.pid).memory_info().rss
                assert await flooded(api.place) == FLOOD
                assert psutil.Process(api.pid).memory_info().rss - before < MEGABYTES * 2**20

            told = [await last_word(http, api, answer.command) for answer in early]
    assert Counter(type(each.answer) for each in told) == {Done: 2 * QUEUE}
    assert await findings_of(urls.postgres, told) == []
    assert await on_hand(urls.postgres) == FEW + 2 * QUEUE


async def flooded(place: str) -> int:
    """How many of a flood of commands are too much. Sent by hand: it is to be a flood."""
    text, given = mutation_of(ReceiveStock(product_id=PRODUCTS[0], quantity=1))
    body = json.dumps({"query": text, "variables": {"input": given}}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {place}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    host, port = place.split(":")

    async def pour(number: int) -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        refused = 0
        for _ in range(number):
            writer.write(head.encode() + body)
            answered = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(answered.partition(b"content-length:")[2].split()[0])
            refused += b'"OVERLOADED"' in await reader.readexactly(length) and b"\r\nretry-after:" in answered
        writer.close()
        return refused

    return sum(await asyncio.gather(*(pour(FLOOD // QUEUE) for _ in range(QUEUE))))


async def last_word(http: httpx.AsyncClient, api: Api, command: Command) -> Told:
    """What becomes of a command that is sent until there is an outcome."""
    while (answer := await send(http, api, command)).payload is None:
        assert answer.code in ("OVERLOADED", "TIMEOUT")
        await asyncio.sleep(0.05)
    position = LogPosition(int(answer.payload["position"].partition("-")[2]))
    return Told(command, START, position, Done(answer.payload["version"], position))


async def on_hand(url: str) -> int:
    """The units of the product, as the log has them."""
    pool = await open_pool(url)
    log = await PostgresLog.open(pool, CODEC)
    stream = STOCK.of(PRODUCTS[0])
    events = [event.event for event in await whole(log, START) if event.stream == stream.name]
    await pool.close()
    return STOCK.fold(events).on_hand
