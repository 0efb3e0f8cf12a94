"""The feed on a real MongoDB: commits whole and in their order, nothing lost by a cursor or a connection, gaps said so."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from bson.decimal128 import Decimal128
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError, ServerSelectionTimeoutError

from projections.kernel.commits import Commit
from projections.kernel.errors import StoreUnavailable
from projections.kernel.mongo.client import Client, close, is_resumable, open_client
from projections.kernel.mongo.drivers import Driver
from server.embedded import embedded_servers
from tests.projections.kernel.library import BOOKS, SHELVES
from tests.projections.kernel.live import KEYS_OF_BOOKS, stored_book
from tests.projections.kernel.mongo.following import FIRST, HALLS, LOG, Projecting, at, following
from tests.system.proxy import Streams, door
from write_side.kernel.positions import LogId, LogPosition, Positions

A, B, C = KEYS_OF_BOOKS[:3]


@pytest.fixture
async def projecting(client: Client, mongo_database: str) -> AsyncIterator[Projecting]:
    made = Projecting(client, mongo_database)
    await made.prepare()
    async with following(made):
        yield made


async def test_a_commit_comes_whole_with_the_position_that_covers_it(projecting: Projecting) -> None:
    await projecting.commit(at(0), at(2), stored_book(A, 1), stored_book(B, 2))
    await projecting.commit(at(2), at(3))
    await projecting.commit(at(3), at(4), stored_book(B, 4, "Ulysses"))

    assert await projecting.heard(2) == [
        ("books", 2, [(A, "Emma", True), (B, "Emma", True)]),
        ("books", 4, [(B, "Ulysses", False)]),
    ]
    assert projecting.checkpoints.known(BOOKS) == 4
    assert projecting.gaps == 1


async def test_the_checkpoint_is_heard_where_nothing_was_written_and_nobody_watches(projecting: Projecting) -> None:
    await projecting.commit(at(0), at(7))
    await projecting.commit(at(0), at(9), generation=HALLS)
    shelf = {"_id": "shl_hall", "id": "shl_hall", "position": LOG.token(LogPosition(10)), "moves": 1}
    shelf |= {"since": "2026-01-31T09:00:00.000000Z"}
    await projecting.commit(at(9), at(10), shelf, generation=HALLS)

    await projecting.until(lambda: projecting.checkpoints.known(SHELVES) == 10)

    assert projecting.checkpoints.known(BOOKS) == 7
    assert projecting.commits == []  # no subscription is about a shelf: its documents do not travel


async def test_of_a_transaction_of_several_each_gets_its_own(projecting: Projecting) -> None:
    await asyncio.gather(
        projecting.commit(at(0), at(3), generation=HALLS),
        projecting.commit(at(0), at(2), stored_book(A, 1)),
    )

    assert await projecting.heard(1) == [("books", 2, [(A, "Emma", True)])]
    await projecting.until(lambda: projecting.checkpoints.known(SHELVES) == 3)


async def test_chunks_of_a_fan_out_come_with_the_checkpoint_where_it_was(projecting: Projecting) -> None:
    await projecting.commit(at(0), at(1), stored_book(A, 1), stored_book(B, 1), stored_book(C, 1))
    await projecting.commit(at(1), at(1, A), stored_book(A, 2))
    await projecting.commit(at(1, A), at(1, B), stored_book(B, 2))
    await projecting.commit(at(1, B), at(2), stored_book(C, 2))

    heard = await projecting.heard(4)

    assert [(position, [key for key, _, _ in documents]) for _, position, documents in heard] == [
        (1, [A, B, C]),
        (None, [A]),
        (None, [B]),
        (2, [C]),
    ]


async def test_what_is_written_outside_of_a_commit_goes_with_the_next(projecting: Projecting) -> None:
    documents = projecting.collections.documents(FIRST)
    await documents.insert_one(stored_book(A, 0))
    await documents.delete_one({"_id": A})
    await projecting.commit(at(0), at(1), stored_book(B, 1))

    assert await projecting.heard(1) == [("books", 1, [(A, "Emma", True), (A, None, False), (B, "Emma", True)])]


async def test_a_document_is_as_the_process_compares_it(projecting: Projecting) -> None:
    stored = stored_book(A, 1)
    await projecting.commit(at(0), at(1), stored)
    await projecting.heard(1)

    assert projecting.commits[0].written[0].read() == stored
    raw = await projecting.collections.documents(FIRST).find_one({"_id": A})
    assert raw is not None
    assert isinstance(raw["_keys"]["price"], Decimal128)


async def test_the_checkpoint_of_another_log_is_not_ours(client: Client, mongo_database: str) -> None:
    await Projecting(client, mongo_database).prepare()
    other = Projecting(client, mongo_database, Positions(LogId(UUID(int=2))))
    await other.poll.refresh()
    async with following(other):
        projector = Projecting(client, mongo_database)
        await projector.prepare()
        await projector.commit(at(0), at(1), stored_book(A, 1))
        async with following(projector):
            await projector.commit(at(1), at(2), stored_book(A, 2))
            await projector.heard(1)

    assert (other.commits, other.checkpoints.known(BOOKS)) == ([], None)


async def test_a_cursor_that_was_killed_is_opened_again_where_it_was(projecting: Projecting) -> None:
    await projecting.commit(at(0), at(1), stored_book(A, 1))
    await projecting.heard(1)

    for position in range(1, 4):
        await kill_streams(projecting)
        await projecting.commit(at(position), at(position + 1), stored_book(A, position + 1))

    assert [position for _, position, _ in await projecting.heard(4)] == [1, 2, 3, 4]
    assert projecting.gaps == 1


async def kill_streams(projecting: Projecting) -> None:
    """Kills the cursors of change streams on the test's own database."""
    stages = [
        {"$currentOp": {"idleCursors": True, "localOps": True}},
        {"$match": {"ns": f"{projecting.database}.$cmd.aggregate"}},
    ]
    async with asyncio.timeout(30):
        while True:
            operations = {"aggregate": 1, "pipeline": stages, "cursor": {}}
            found = await projecting.client.admin.cursor_command(operations)
            # One that waits for changes is listed by its command, one between two requests by itself; one that is being
            # opened has no cursor yet.
            named = [one.get("cursor", {}).get("cursorId") or one["command"].get("getMore") async for one in found]
            if of := [cursor for cursor in named if cursor is not None]:
                break
    await projecting.collections.database.command({"killCursors": "$cmd.aggregate", "cursors": of})


async def test_connections_that_die_lose_nothing(
    mongo_url: str, mongo_database: str, client: Client, driver: Driver
) -> None:
    async def to_mongo() -> Streams:
        parts = urlsplit(mongo_url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    projector = Projecting(client, mongo_database)
    await projector.prepare()
    async with door(to_mongo) as way:
        behind = open_client(f"mongodb://127.0.0.1:{way.port}/?directConnection=true", driver)
        watcher = Projecting(behind, mongo_database)
        await watcher.poll.refresh()
        async with following(watcher):
            await projector.commit(at(0), at(1), stored_book(A, 1))
            await watcher.heard(1)
            await way.shut()
            await projector.commit(at(1), at(2), stored_book(A, 2))
            await way.open()
            await projector.commit(at(2), at(3), stored_book(A, 3))

            assert [position for _, position, _ in await watcher.heard(3)] == [1, 2, 3]
            assert watcher.gaps == 1
        # Motor says goodbye without letting the door's own loop run.
        await way.shut()
        await close(behind)


async def test_a_dropped_database_is_a_gap(projecting: Projecting) -> None:
    await projecting.client.drop_database(projecting.database)
    await projecting.until(lambda: projecting.gaps == 2)

    await projecting.prepare()
    await projecting.commit(at(0), at(1), stored_book(A, 1))

    assert await projecting.heard(1) == [("books", 1, [(A, "Emma", True)])]


async def test_a_place_that_mongodb_cannot_go_on_from_is_a_gap(
    client: Client, mongo_database: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = Projecting(client, mongo_database)
    await made.prepare()
    made.feed._stream._place = {"_data": "nonsense"}
    async with following(made):
        await made.commit(at(0), at(1), stored_book(A, 1))
        await made.heard(1)

    assert made.gaps == 1
    assert "stream lost" in caplog.text


@pytest.mark.parametrize(
    ("error", "resumable"),
    [
        (OperationFailure("history lost", 286), False),
        (OperationFailure("fatal", 280), False),
        (OperationFailure("stepped down", 189), True),
        (OperationFailure("no such cursor", 43), True),
        (OperationFailure("says so", 1, {"errorLabels": ["ResumableChangeStreamError"]}), True),
        (AutoReconnect("gone"), True),
        (ServerSelectionTimeoutError("none there"), True),
    ],
    ids=str,
)
def test_what_a_stream_can_go_on_after(error: PyMongoError, resumable: bool) -> None:
    assert is_resumable(error) is resumable


async def test_a_change_that_is_not_understood_is_a_gap_and_not_the_end(projecting: Projecting) -> None:
    projecting.commits = Refusing()  # type: ignore[assignment]
    await projecting.commit(at(0), at(1), stored_book(B, 1))
    await projecting.until(lambda: projecting.gaps == 2)

    projecting.commits = []
    await projecting.commit(at(1), at(2), stored_book(A, 2))

    assert await projecting.heard(1) == [("books", 2, [(A, "Emma", True)])]


class Refusing:
    """Takes no commit."""

    def append(self, commit: Commit) -> None:
        raise LookupError("a change that nobody understands")


async def test_a_server_that_steps_down_and_comes_back_loses_nothing(driver: Driver) -> None:
    with tempfile.TemporaryDirectory(prefix="oneread-tests-") as data_dir, embedded_servers(Path(data_dir)) as urls:
        client = open_client(urls.mongo, driver)
        made = Projecting(client, "stepping")
        await made.prepare()
        async with following(made):
            await made.commit(at(0), at(1), stored_book(A, 1))
            await made.heard(1)

            await client.admin.command({"replSetStepDown": 1, "force": True})
            await again(lambda: made.commit(at(1), at(2), stored_book(A, 2)))

            assert [position for _, position, _ in await made.heard(2)] == [1, 2]
            assert made.gaps == 1
        await close(client)


async def again(commit: Callable[[], Awaitable[None]]) -> None:
    """Commits, as soon as that can be done."""
    async with asyncio.timeout(60):
        while True:
            try:
                await commit()
            except StoreUnavailable:
                await asyncio.sleep(0.2)
            else:
                return
