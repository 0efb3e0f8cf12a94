"""Databases that fail while something is projected and rebuilt: everything recovers by itself, and nothing is lost."""

import secrets
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymongo
import pytest

from tests.system.faults import works
from tests.system.faults.cellar import CODEC, PACE, Place, opened
from tests.system.faults.history import History, a_story, assert_whole
from tests.system.faults.processes import Fate, at_work
from tests.system.faults.servers import Servers
from tests.system.faults.starting import begun, projected
from tests.system.proxy import doors_to
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog

A_PLACE = Callable[[], Place]

BATCH = 10
TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Both servers, running, while no test has it otherwise."""
    with tempfile.TemporaryDirectory(prefix="oneread-tests-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        made = Servers(Path(folder))
        stack.callback(made.stop)
        made.start()
        yield made


@pytest.fixture(scope="module")
async def story(servers: Servers) -> None:
    """What has happened."""
    await migrate(servers.urls.postgres)
    pool = await open_pool(servers.urls.postgres)
    await History(await PostgresLog.open(pool, CODEC)).go_on(a_story(100))
    await pool.close()


@pytest.fixture
async def a_place(servers: Servers, story: None) -> AsyncIterator[A_PLACE]:
    """Makes places, all with the same log, each with an empty database for its documents."""
    async with doors_to(lambda: servers.urls) as doors:
        yield lambda: Place(doors.urls, f"t_{secrets.token_hex(8)}", replace(PACE, batch=BATCH))


def killed(*which: str) -> Callable[[Servers], None]:
    """Kills servers."""

    def kill(servers: Servers) -> None:
        for name in which:
            getattr(servers, name).kill()

    return kill


def stepped_down(servers: Servers) -> None:
    """Has MongoDB be no primary for a second, and end what is under way."""
    with pymongo.MongoClient[dict[str, object]](servers.urls.mongo) as client:
        client.admin.command({"replSetStepDown": 1, "secondaryCatchUpPeriodSecs": 0, "force": True})


@pytest.mark.parametrize(
    "befalls",
    [killed("mongo"), killed("postgres"), killed("mongo", "postgres"), stepped_down],
    ids=["MongoDB is killed", "PostgreSQL is killed", "both are killed", "MongoDB steps down"],
)
async def test_whoever_works_goes_on_afterwards(
    a_place: A_PLACE, servers: Servers, befalls: Callable[[Servers], None]
) -> None:
    """A projector by itself, in the midst of a transaction; a rebuild once it is run again."""
    followed, rebuilt = a_place(), a_place()
    await begun(followed)
    await projected(rebuilt)
    with (
        at_work(works.project, followed, Fate("batch: documents written", 5, signal.SIGSTOP)) as projecting,
        at_work(works.rebuild, rebuilt, Fate("build: batch committed", 5, signal.SIGSTOP)) as rebuilding,
    ):
        await projecting.held_up()
        await rebuilding.held_up()
        befalls(servers)
        projecting.signal(signal.SIGCONT)
        rebuilding.signal(signal.SIGCONT)
        assert await rebuilding.ended() == works.UNAVAILABLE
        servers.start()

        async with opened(followed) as cellar:
            await cellar.projected()
            await assert_whole(cellar)
        async with opened(rebuilt) as cellar:
            await assert_whole(cellar)
            await cellar.freed()
            await works.rebuild(cellar)
            await assert_whole(cellar)


@contextmanager
def failing(servers: Servers, times: int, *commands: str, **how: object) -> Iterator[None]:
    """Has MongoDB fail so many times when it is asked for one of `commands`."""
    data = {"failCommands": commands, **how}
    with pymongo.MongoClient[dict[str, object]](servers.urls.mongo) as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data})
        try:
            yield
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


@pytest.mark.parametrize(
    ("commands", "times", "how"),
    [
        (["update"], 7, {"errorCode": 112, "errorLabels": [TRANSIENT]}),
        (["update"], 7, {"errorCode": 251, "errorLabels": [TRANSIENT]}),
        (["update", "commitTransaction"], 2, {"closeConnection": True}),
        (["commitTransaction"], 7, {"errorCode": 112, "errorLabels": [TRANSIENT]}),
        (["commitTransaction"], 7, {"errorCode": 50, "errorLabels": [UNKNOWN]}),
        (["commitTransaction"], 14, {"writeConcernError": {"code": 64, "errmsg": "it is done, but who knows"}}),
        (["find", "findAndModify", "update"], 7, {"errorCode": 11602}),
    ],
)
async def test_commands_that_fail(
    a_place: A_PLACE, servers: Servers, commands: list[str], times: int, how: dict[str, Any]
) -> None:
    """Most of them fail more often than a transaction is tried. After closed connections the driver takes a while."""
    place = a_place()
    await begun(place)
    async with opened(place) as cellar:
        with failing(servers, times, *commands, **how):
            await cellar.catch_up()
        await assert_whole(cellar)
