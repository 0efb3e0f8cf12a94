"""What is appended to measure a log, and what a log is filled with before."""

from bench.appends import BYTES, Growing, stored
from bench.filled_log import fill_log
from server.shop import CODEC
from write_side.kernel.append import EMPTY, Appended
from write_side.kernel.positions import START, LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog


def test_an_append_has_as_many_bytes_as_is_said() -> None:
    request, row = Growing().request(), stored()

    assert sum(len(event.data.encode()) for event in request.events) == BYTES
    assert [event.data for event in request.events] == [row.first, row.second]


def test_each_append_counts_on_the_one_before() -> None:
    stream = Growing()
    first, second = stream.request(), stream.request()

    assert list(first.heads.values()) == [EMPTY]
    assert [(head.version, head.event_id) for head in second.heads.values()] == [(2, first.events[-1].event_id)]
    assert [event.version for event in (*first.events, *second.events)] == [1, 2, 3, 4]


async def test_a_filled_log_can_be_read_and_goes_on(postgres_url: str) -> None:
    await migrate(postgres_url)
    await fill_log(postgres_url, 30)

    pool = await open_pool(postgres_url)
    try:
        log = await PostgresLog.open(pool, CODEC)
        found = await log.read(START, 100)
        (result,) = await log.append([Growing().request()])
    finally:
        await pool.close()

    assert [one.position for one in found] == list(range(1, 31))
    assert [(one.stream, one.version) for one in found] == [
        (stream, version) for stream in dict.fromkeys(one.stream for one in found) for version in range(1, 11)
    ]
    assert result == Appended(2, LogPosition(32))
