"""Leaving a server: it is told so, unless it does not listen."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from projections.kernel.errors import StoreUnavailable
from projections.kernel.mongo.client import close, open_client, translated
from projections.kernel.mongo.drivers import Driver
from tests.system.proxy import Door, Streams, door

PATIENCE = 5.0


class Answers(CommandListener):
    """Notes what was answered well."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Of no interest."""

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.names.append(event.command_name)

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest."""


@pytest.fixture
async def entrance(mongo_url: str) -> AsyncIterator[Door]:
    """The way to the server, which this process's own loop keeps open."""

    async def connect() -> Streams:
        parts = urlsplit(mongo_url)
        return await asyncio.open_connection(parts.hostname, parts.port)

    async with door(connect) as opened:
        yield opened


async def test_the_loop_goes_on_while_the_server_is_told(entrance: Door, driver: Driver) -> None:
    answers = Answers()
    client = open_client(f"mongodb://127.0.0.1:{entrance.port}/?directConnection=true", driver, [answers])
    await client.admin.command("ping")

    await close(client)

    assert answers.names == ["ping", "endSessions"]


@pytest.mark.parametrize("gone", ["silent", "shut"])
async def test_a_server_that_does_not_answer_is_not_waited_for(entrance: Door, driver: Driver, gone: str) -> None:
    client = open_client(f"mongodb://127.0.0.1:{entrance.port}/?directConnection=true", driver)
    await client.admin.command("ping")
    if gone == "silent":
        entrance.hold()
    else:
        await entrance.shut()

    async with asyncio.timeout(PATIENCE):
        await close(client, patience=0.1)


async def test_that_there_is_no_server_is_said_in_one_line(driver: Driver) -> None:
    client = open_client("mongodb://127.0.0.1:1/?directConnection=true", driver, patience=0.01)

    with pytest.raises(StoreUnavailable) as raised, translated():
        await client.admin.command("ping")

    assert "127.0.0.1:1" in str(raised.value)
    assert "Topology" not in str(raised.value)
    await close(client)
