"""One command, sent a hundred times at once to two processes: one effect, one outcome."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import CODEC
from tests.system.writing.apis import Api, apis
from tests.system.writing.goods import CUSTOMER, PAST, PRODUCTS
from tests.system.writing.trial import begun
from tests.write_side.effects.gates import whole
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog
from write_side.orders.events import OrderPlaced
from write_side.stock.events import StockReserved

RETRIES = 100
PLACE = (
    "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { commandId version position userErrors { code } } }"
)


async def send(http: httpx.AsyncClient, api: Api, text: str, given: dict[str, Any], key: str | None = None) -> Any:
    """What a mutation answers. With a `key` that is the command's id."""
    headers = {} if key is None else {"idempotency-key": key}
    body = {"query": text, "variables": {"input": given}}
    answer = (await http.post(f"http://{api.place}/graphql", json=body, headers=headers)).json()
    assert "errors" not in answer, answer
    [payload] = answer["data"].values()
    return payload


async def test_a_hundred_retries_at_once_have_one_effect(urls: DatabaseUrls, settings: Settings, tmp_path: Path) -> None:
    """Half of them name the command in its input, half in the header: that is the same."""
    await begun(settings, urls)
    order = {"customerId": CUSTOMER, "items": [{"productId": PRODUCTS[0], "quantity": 2}]}
    limits = httpx.Limits(max_connections=RETRIES)
    with apis(settings, urls, tmp_path) as made:
        await asyncio.gather(*(api.serves() for api in made))
        async with httpx.AsyncClient(limits=limits, timeout=30) as http:

            async def retry(number: int) -> Any:
                api = made[number % 2]
                if number % 4 < 2:
                    return await send(http, api, PLACE, {**order, "commandId": "k-1"})
                return await send(http, api, PLACE, order, key="k-1")

            answers = await asyncio.gather(*(retry(number) for number in range(RETRIES)))
            other = {**order, "items": [{"productId": PRODUCTS[0], "quantity": 3}]}
            reused = [await send(http, api, PLACE, other, key="k-1") for api in made]

    pool = await open_pool(urls.postgres)
    log = await PostgresLog.open(pool, CODEC)
    placed = [event.event for event in await whole(log, LogPosition(len(PAST)))]
    token = log.positions.token(await log.head())
    await pool.close()
    assert [type(event) for event in placed] == [OrderPlaced, StockReserved]
    assert answers == [{"commandId": "k-1", "version": 1, "position": token, "userErrors": []}] * RETRIES
    assert [answer["userErrors"] for answer in reused] == [[{"code": "COMMAND_ID_REUSED"}]] * 2
