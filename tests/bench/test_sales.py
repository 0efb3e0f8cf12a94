"""What clients were told of their orders is held against the log."""

import asyncpg
import orjson
import pytest

from bench.load import BenchError
from bench.sales import Sales
from write_side.kernel.postgres.migrate import migrate

STORE = """
insert into oneread.events (position, event_id, stream, version, type, schema_version, data, metadata, occurred_at)
select $1::bigint, gen_random_uuid(), $2, $1::bigint, $3, 1, $4::jsonb, '{}', now()
"""


@pytest.fixture
async def shop_url(postgres_url: str) -> str:
    """A log in which ten orders of one unit each were placed of a product that had ten on the shelf."""
    await migrate(postgres_url)
    await store(postgres_url, [("stock-lamp", "stock-corrected", {"onHand": 10}), *orders(10)])
    return postgres_url


Row = tuple[str, str, dict[str, int]]


def orders(count: int) -> list[Row]:
    return [
        row
        for number in range(count)
        for row in (
            (f"order-{number}", "order-placed", {}),
            ("stock-lamp", "stock-reserved", {"quantity": 1}),
        )
    ]


async def store(url: str, rows: list[Row]) -> None:
    owner = await asyncpg.connect(url)
    try:
        last = await owner.fetchval("select coalesce(max(position), 0) from oneread.events")
        stored = [
            (position, stream, name, orjson.dumps(data).decode())
            for position, (stream, name, data) in enumerate(rows, last + 1)
        ]
        await owner.executemany(STORE, stored)
    finally:
        await owner.close()


def told(*, accepted: int, refused: int = 0, cut_off: int = 0) -> Sales:
    made = Sales()
    made.add(accepted=accepted - 1, refused=0, cut_off=0)
    made.add(accepted=1, refused=refused, cut_off=cut_off)
    return made


@pytest.mark.parametrize("heard", [told(accepted=10), told(accepted=10, refused=5), told(accepted=8, cut_off=2)])
async def test_the_log_has_what_was_accepted(shop_url: str, heard: Sales) -> None:
    await heard.check(shop_url)


@pytest.mark.parametrize("heard", [told(accepted=11), told(accepted=8, cut_off=1)])
async def test_an_order_that_is_lost_or_that_nobody_placed_is_found(shop_url: str, heard: Sales) -> None:
    with pytest.raises(BenchError, match="the log has 10"):
        await heard.check(shop_url)


async def test_a_product_that_is_oversold_is_found(shop_url: str) -> None:
    await store(shop_url, orders(1))
    with pytest.raises(BenchError, match="stock-lamp is oversold: 11 of 10"):
        await told(accepted=11).check(shop_url)


async def test_an_order_that_reserved_nothing_is_found(shop_url: str) -> None:
    await store(shop_url, orders(1)[:1])
    with pytest.raises(BenchError, match="have reserved 10"):
        await told(accepted=11).check(shop_url)


async def test_a_refusal_while_there_is_something_left_is_found(shop_url: str) -> None:
    await store(shop_url, [("stock-lamp", "stock-corrected", {"onHand": 11})])
    with pytest.raises(BenchError, match="nothing is sold out"):
        await told(accepted=10, refused=1).check(shop_url)
