"""The contract of the event log, on a real PostgreSQL."""

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

import write_side
from tests.write_side.kernel.postgres.requests import AT, A, B, head_after, request
from write_side.claims.events import ValueClaimed, ValueReleased
from write_side.kernel.append import EMPTY, Appended, Binding, Conflict, Head, Past, Wanted
from write_side.kernel.domain import discover
from write_side.kernel.errors import LogUnavailable, UnknownEvent
from write_side.kernel.events import Event, StreamName, Unreadable
from write_side.kernel.ids import CommandId, EventId, new_event_id
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import NotMigrated, open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.sql import migrations, statements
from write_side.kernel.postgres.store import PostgresLog

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Pool

ALL = Wanted("")


class FromTomorrow(Event, name="from-tomorrow", schema=3):
    """An event that the log's codec does not know."""

    words: str


async def test_a_batch_gets_positions_without_gaps_in_its_order(log: PostgresLog) -> None:
    first, second = request(A, ValueClaimed(holder="x"), ValueReleased(holder="x")), request(B, ValueClaimed(holder="y"))

    results = await log.append([first, second])

    assert results == [Appended(2, LogPosition(2)), Appended(1, LogPosition(3))]
    assert [recorded.position for recorded in await log.read(LogPosition(0), 10)] == [1, 2, 3]
    assert await log.head() == 3


async def test_when_events_were_committed_by_the_clock_of_the_log(log: PostgresLog) -> None:
    empty = await log.times([LogPosition(1)])
    assert (empty.head, empty.recorded) == (0, {})

    await log.append([request(A, ValueClaimed(holder="x"), ValueReleased(holder="x"))])
    [first, second] = await log.read(LogPosition(0), 10)
    times = await log.times([LogPosition(2), LogPosition(3)])

    assert (times.head, times.recorded) == (2, {second.position: second.recorded_at})
    assert empty.at < first.recorded_at <= times.at


async def test_what_is_read_is_what_was_appended(log: PostgresLog) -> None:
    made = request(A, ValueClaimed(holder="x"))
    await log.append([made])

    [recorded] = await log.read(LogPosition(0), 10)

    assert recorded.event == ValueClaimed(holder="x")
    assert (recorded.stream, recorded.version, recorded.event_id) == (A, 1, made.events[0].event_id)
    assert recorded.metadata == made.metadata
    assert recorded.occurred_at == AT
    assert await log.load({A: ALL, B: ALL}) == {A: Past(None, [recorded])}
    assert await log.position_of(A, 1) == 1
    assert await log.position_of(A, 2) is None


async def test_an_event_that_nobody_reads_keeps_no_other_from_being_read(log: PostgresLog) -> None:
    await log.append(
        [request(A, ValueClaimed(holder="x"), FromTomorrow(words="secret")), request(B, ValueClaimed(holder="y"))]
    )

    events = await log.read(LogPosition(0), 10)

    unread = Unreadable(stored_name="from-tomorrow", stored_schema=3, error="UnknownEvent")
    assert [recorded.event for recorded in events] == [ValueClaimed(holder="x"), unread, ValueClaimed(holder="y")]
    assert (events[1].position, events[1].stream, events[1].version) == (2, A, 2)


async def test_nothing_is_decided_on_a_stream_with_an_event_that_nobody_reads(log: PostgresLog) -> None:
    await log.append([request(A, ValueClaimed(holder="x"), FromTomorrow(words="secret"))])

    with pytest.raises(UnknownEvent):
        await log.load({A: ALL})


async def test_an_outdated_version_is_a_conflict_and_stores_nothing(log: PostgresLog) -> None:
    await log.append([request(A, ValueClaimed(holder="x"))])

    results = await log.append([request(A, ValueClaimed(holder="y"), command_id="late")])

    assert results == [Conflict(frozenset([A]))]
    assert await log.head() == 1
    assert await log.find_command(CommandId("late")) is None


async def test_the_right_version_with_another_event_is_a_conflict(log: PostgresLog) -> None:
    await log.append([request(A, ValueClaimed(holder="x"))])

    never_was = Head(1, new_event_id())

    assert await log.append([request(A, ValueReleased(holder="x"), head=never_was)]) == [Conflict(frozenset([A]))]


async def test_a_stream_that_was_read_and_not_written_is_checked_too(log: PostgresLog) -> None:
    await log.append([request(B, ValueClaimed(holder="x"))])

    assert await log.append([request(A, ValueClaimed(holder="x"), also={B: EMPTY})]) == [Conflict(frozenset([B]))]


async def test_a_refusal_is_checked_against_the_heads_and_binds_nothing(log: PostgresLog) -> None:
    refused = request(A, binds=False, command_id="refused")

    assert isinstance((await log.append([refused]))[0], Appended)
    assert await log.find_command(CommandId("refused")) is None
    await log.append([request(A, ValueClaimed(holder="x"))])
    assert await log.append([refused]) == [Conflict(frozenset([A]))]


async def test_requests_of_one_batch_see_those_before_them(log: PostgresLog) -> None:
    first = request(A, ValueClaimed(holder="x"))
    built_on_it = request(A, ValueReleased(holder="x"), head=head_after(first))
    outdated = request(A, ValueClaimed(holder="z"))

    results = await log.append([first, built_on_it, outdated])

    assert results == [Appended(1, LogPosition(1)), Appended(2, LogPosition(2)), Conflict(frozenset([A]))]


async def test_a_command_id_answers_with_what_it_was_bound_to(log: PostgresLog) -> None:
    made = request(A, ValueClaimed(holder="x"), command_id="k")
    await log.append([made])
    bound = Binding(b"digest", A, 1, LogPosition(1))

    assert await log.append([made]) == [bound]
    assert await log.append([request(B, ValueClaimed(holder="y"), command_id="k", digest=b"other")]) == [bound]
    assert await log.find_command(CommandId("k")) == bound
    assert await log.head() == 1


async def test_a_command_that_changes_nothing_answers_the_streams_end(log: PostgresLog) -> None:
    first = request(A, ValueClaimed(holder="x"))
    await log.append([first, request(B, ValueClaimed(holder="y"))])

    [result] = await log.append([request(A, head=head_after(first), command_id="same")])

    assert result == Appended(1, LogPosition(1))
    assert await log.find_command(CommandId("same")) == Binding(b"digest", A, 1, LogPosition(1))


async def test_appends_of_many_writers_have_no_gap(log: PostgresLog, postgres_url: str) -> None:
    """Positions are contiguous, versions too, and exactly one of those who want the same version gets it."""
    pool = await open_pool(postgres_url)
    other = await PostgresLog.open(pool, log._codec)

    async def write(number: int) -> int:
        stream = StreamName(f"sku-clm_{number % 7}")
        one = request(stream, ValueClaimed(holder="x"))
        results = await (log if number % 2 else other).append([one])
        return sum(isinstance(result, Appended) for result in results)

    won = sum(await asyncio.gather(*(write(number) for number in range(200))))
    events = await log.read(LogPosition(0), 1000)

    assert won == 7
    assert [event.position for event in events] == list(range(1, 8))
    await pool.close()


@pytest.mark.parametrize(
    "statement",
    [
        "insert into oneread.events select * from oneread.events",
        "update oneread.events set version = version",
        "delete from oneread.commands",
        "truncate oneread.events",
        "update oneread.log set id = gen_random_uuid()",
        "select oneread.renew_log_id()",
    ],
)
async def test_the_application_may_only_append_and_read(pool: "Pool", statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


@pytest.mark.parametrize("name", ["head", "times", "read", "load", "position_of", "find_commands"])
async def test_no_plan_reads_the_log_whole_not_even_one_made_while_it_was_empty(postgres_url: str, name: str) -> None:
    await migrate(postgres_url)
    query = statements("queries.sql")[name]
    given = ", ".join(["null"] * query.count("$"))
    pool = await open_pool(postgres_url)
    async with pool.acquire() as connection:
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare kept as {query}")
        plan = await connection.fetch(f"explain execute kept {f'({given})' if given else ''}")
    await pool.close()
    assert [row[0] for row in plan if "Seq Scan" in row[0]] == []


@pytest.mark.parametrize("statement", ["update oneread.events set version = 9", "delete from oneread.events"])
async def test_even_the_owner_cannot_change_history(log: PostgresLog, postgres_url: str, statement: str) -> None:
    await log.append([request(A, ValueClaimed(holder="x"))])
    owner = await asyncpg.connect(postgres_url)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await owner.execute(statement)
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await owner.execute("truncate oneread.events")
    await owner.close()


async def test_a_server_that_takes_no_writes_is_one_that_is_away(postgres_url: str) -> None:
    """As a standby is, which a name leads to until it is promoted."""
    await migrate(postgres_url)
    owner = await asyncpg.connect(postgres_url)
    database = await owner.fetchval("select current_database()")
    await owner.execute(f'alter database "{database}" set default_transaction_read_only = on')
    pool = await open_pool(postgres_url)
    log = await PostgresLog.open(pool, discover(write_side).codec())

    with pytest.raises(LogUnavailable):
        await log.append([request(A, ValueClaimed(holder="x"))])
    await pool.close()
    await owner.close()


async def test_functions_that_did_not_change_stay_where_they_are(postgres_url: str) -> None:
    """Whoever runs them while somebody migrates need not notice."""
    await migrate(postgres_url)
    owner = await asyncpg.connect(postgres_url)
    which = "select oid from pg_proc where pronamespace = 'oneread'::regnamespace order by oid"
    before = await owner.fetch(which)
    await migrate(postgres_url)
    assert await owner.fetch(which) == before
    await owner.close()


async def test_functions_of_before_make_room(postgres_url: str) -> None:
    await migrate(postgres_url)
    owner = await asyncpg.connect(postgres_url)
    await owner.execute("create function oneread.append(batch text) returns text language sql as 'select batch'")
    await owner.execute("drop function oneread.renew_log_id")
    await owner.execute("create function oneread.renew_log_id() returns integer language sql as 'select 1'")
    await migrate(postgres_url)
    assert await owner.fetchval("select count(*) from pg_proc where proname = 'append' and prokind = 'f'") == 1
    await owner.close()


async def test_migrations_run_once_and_may_run_at_the_same_time(postgres_url: str) -> None:
    ran = await asyncio.gather(*(migrate(postgres_url) for _ in range(4)))

    assert sorted(len(names) for names in ran) == [0, 0, 0, len(migrations())]


async def test_a_restored_log_gets_another_identity(log: PostgresLog, pool: "Pool", postgres_url: str) -> None:
    await migrate(postgres_url, renew_log_id=True)

    reopened = await PostgresLog.open(pool, log._codec)

    assert reopened.positions.log_id != log.positions.log_id


async def test_a_database_without_a_log_says_so(postgres_url: str) -> None:
    pool = await open_pool(postgres_url)
    with pytest.raises(NotMigrated, match="oneread migrate"):
        await PostgresLog.open(pool, None)  # type: ignore[arg-type]
    await pool.close()


@pytest.mark.parametrize(
    "before",
    [
        "delete from oneread.migrations where number = (select max(number) from oneread.migrations)",
        "revoke select on oneread.migrations from oneread_app",
    ],
    ids=["it lacks a migration", "nobody could see which it lacks"],
)
async def test_a_log_of_an_older_version_says_so(log: PostgresLog, pool: "Pool", postgres_url: str, before: str) -> None:
    owner = await asyncpg.connect(postgres_url)
    await owner.execute(before)
    await owner.close()

    with pytest.raises(NotMigrated, match="oneread migrate"):
        await PostgresLog.open(pool, log._codec)


async def test_a_server_on_which_nothing_was_ever_migrated_says_so(postgres_url: str) -> None:
    with pytest.raises(NotMigrated, match="oneread migrate"):
        await open_pool(postgres_url, role="nobody_has_made_it")


async def test_an_append_wakes_those_who_wait(log: PostgresLog) -> None:
    ticket = log.appended.ticket()

    await log.append([request(A, ValueClaimed(holder="x"))])

    assert ticket.is_set()


def test_event_ids_are_made_in_order() -> None:
    made: list[EventId] = [new_event_id() for _ in range(100)]
    assert made == sorted(made)


async def test_a_log_that_a_crash_may_shorten_says_so_at_the_start(
    log: PostgresLog, pool: "Pool", caplog: pytest.LogCaptureFixture
) -> None:
    await PostgresLog.open(pool, log._codec)
    assert "synchronous_commit" not in caplog.text

    async with pool.acquire() as connection:
        name = await connection.fetchval("select current_database()")
    await _alter(pool, f"alter database {name} set synchronous_commit = off")
    await pool.expire_connections()
    await PostgresLog.open(pool, log._codec)

    assert "synchronous_commit is off" in caplog.text


async def _alter(pool: "Pool", statement: str) -> None:
    async with pool.acquire() as connection:
        await connection.execute("reset role")
        await connection.execute("set role none")
        await connection.execute(statement)
