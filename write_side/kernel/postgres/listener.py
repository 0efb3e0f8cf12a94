"""Listens for the notifications of other processes' appends, and sets the log's signal for each."""

import asyncio
import logging

import asyncpg

from write_side.kernel.postgres.connections import UNREACHABLE
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)
CHANNEL = "oneread_appended"
PROBE = 10.0
PAUSE = 1.0


async def listen(url: str, appended: Signal) -> None:
    """Sets `appended` whenever another process appended. Runs for ever, and connects again when it has to.

    A connection may die without a word, so each is probed; until it is back, whoever waits polls.
    """
    while True:
        try:
            connection = await asyncpg.connect(url, command_timeout=PROBE)
            try:
                await connection.add_listener(CHANNEL, lambda *_: appended.set())
                while True:
                    await asyncio.sleep(PROBE)
                    await connection.execute("select 1")
            finally:
                await asyncio.shield(_close(connection))
        except UNREACHABLE as error:
            _log.warning("listening for appends: connection lost", extra={"reason": str(error)})
            await asyncio.sleep(PAUSE)


async def _close(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        await connection.close(timeout=1)
    except UNREACHABLE:
        connection.terminate()
