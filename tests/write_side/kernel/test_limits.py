"""What a bus takes on: so many commands, and so long a wait for each. The log behind it answers when it is let go."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.write_side.kernel.lamps import HangLamp, MeterId
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.append import Append, AppendResult
from write_side.kernel.bus import CommandBus, Limits
from write_side.kernel.committer import GroupCommit
from write_side.kernel.errors import Busy, OutcomeUnknown
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Accepted, Caller

ANN = Caller("ann", "c")
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
METER = MeterId("mtr_" + "7" * 32)
LONG = 60.0


class Held(MemoryLog):
    """A log that appends once it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        await self.let_go.wait()
        return await super().append(batch)


@dataclass(frozen=True)
class House:
    bus: CommandBus
    log: Held

    def hang(self, command_id: str) -> "asyncio.Task[object]":
        command = HangLamp(room="hall", meter_id=METER, command_id=command_id)
        return asyncio.create_task(self.bus.execute(command, ANN))


@asynccontextmanager
async def house(limits: Limits) -> AsyncIterator[House]:
    log = Held()
    committer = GroupCommit(log)
    running = asyncio.create_task(committer.run())
    yield House(CommandBus(log, committer, lambda: AT, limits), log)
    running.cancel()


async def test_more_than_may_wait_are_sent_away_at_once_and_those_that_wait_are_answered() -> None:
    async with house(Limits(waiting=3, timeout=LONG)) as there:
        waiting = [there.hang("a"), there.hang("b"), there.hang("b")]
        await asyncio.sleep(0)

        with pytest.raises(Busy):
            await there.hang("c")
        with pytest.raises(OutcomeUnknown):
            await there.hang("a")
        there.log.let_go.set()
        outcomes = await asyncio.gather(*waiting)

        assert all(isinstance(outcome, Accepted) for outcome in outcomes)
        assert await there.log.find_commands([CommandId("c")]) == {}
        assert isinstance(await there.hang("c"), Accepted)


async def test_who_has_waited_long_enough_is_told_and_a_retry_has_the_outcome() -> None:
    async with house(Limits(timeout=0.01)) as there:
        with pytest.raises(OutcomeUnknown) as told:
            await there.hang("a")
        with pytest.raises(OutcomeUnknown):
            await there.hang("a")
        there.log.let_go.set()

        assert told.value.command_id == "a"
        outcome = await _retried(there, "a")
        assert isinstance(outcome, Accepted)
        assert (outcome.version, await there.log.head()) == (1, 1)


async def test_what_is_under_way_counts_though_nobody_waits_for_it() -> None:
    async with house(Limits(waiting=1, timeout=0.01)) as there:
        with pytest.raises(OutcomeUnknown):
            await there.hang("a")
        with pytest.raises(Busy):
            await there.hang("b")


async def _retried(there: House, command_id: str) -> object:
    """The outcome that a client has that sends a command until it knows."""
    while True:
        try:
            return await there.hang(command_id)
        except OutcomeUnknown:
            continue
