"""Two processes on one log: each follows what the other appends, and decides on it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.write_side.kernel.lamps import LAMP, HangLamp, LampId, LampSwitched, MeterId, SwitchLamp
from tests.write_side.kernel.memory_log import MemoryLog
from tests.write_side.kernel.postgres.requests import request
from write_side.kernel import rivals
from write_side.kernel.append import Append, AppendResult, Conflict, Past, Wanted
from write_side.kernel.bus import CommandBus
from write_side.kernel.committer import GroupCommit
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogPosition

ANN = Caller("ann", "c")
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
METER = MeterId("mtr_" + "7" * 32)
PATIENCE = 10.0


class Watched(MemoryLog):
    """A log that counts conflicts, and the events that were loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.conflicts = 0
        self.loaded = 0

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        results = await super().append(batch)
        self.conflicts += sum(isinstance(result, Conflict) for result in results)
        return results

    async def load(self, wanted: dict[StreamName, Wanted]) -> dict[StreamName, Past]:  # type: ignore[override]
        found = dict(await super().load(wanted))
        self.loaded += sum(len(past.events) for past in found.values())
        return found


@asynccontextmanager
async def process(log: MemoryLog) -> AsyncIterator[CommandBus]:
    committer = GroupCommit(log)
    running = asyncio.create_task(committer.run())
    yield CommandBus(log, committer, lambda: AT)
    running.cancel()


async def hang(bus: CommandBus) -> LampId:
    outcome = await bus.execute(HangLamp(room="hall", meter_id=METER), ANN)
    assert isinstance(outcome, Accepted)
    return LampId(outcome.key)


async def switch(bus: CommandBus, lamp: LampId, *, on: bool) -> Outcome:
    return await bus.execute(SwitchLamp(lamp_id=lamp, on=on), ANN)


async def test_what_a_rival_appends_is_known_after_the_next_append_of_ones_own() -> None:
    log = Watched()
    async with process(log) as one, process(log) as other:
        lamp = await hang(one)
        for on in (True, False):
            await switch(one, lamp, on=on)
            await switch(other, lamp, on=not on)
            await hang(one)

        assert isinstance(await switch(one, lamp, on=True), Accepted)
        assert log.conflicts == 0


async def test_who_meets_a_conflict_loads_what_is_new_and_nothing_else() -> None:
    log = Watched()
    async with process(log) as one, process(log) as other:
        lamp = await hang(one)
        await switch(one, lamp, on=True)
        await switch(other, lamp, on=False)
        log.loaded = 0

        outcome = await switch(one, lamp, on=True)

        assert isinstance(outcome, Accepted)
        assert outcome.version == 4
        assert log.conflicts == 1
        assert log.loaded <= 1


async def test_who_is_far_behind_does_not_read_it_all() -> None:
    log = Watched()
    async with process(log) as one, process(log) as other:
        lamp = await hang(one)
        await asyncio.gather(*(hang(other) for _ in range(2 * rivals.MOST)))
        await switch(other, lamp, on=True)
        await hang(one)
        outcome = await switch(one, lamp, on=False)

        assert isinstance(outcome, Accepted)
        assert outcome.version == 3


async def test_what_cannot_be_folded_is_the_affair_of_who_decides_on_it() -> None:
    """Everybody else goes on, and has no need to know."""
    log = Watched()
    async with process(log) as bus:
        await hang(bus)
        unhung = LAMP.of(LampId.new())
        assert isinstance(await switch(bus, LampId(unhung.key), on=True), Refused)

        await log.append([request(unhung.name, LampSwitched(on=True))])
        await hang(bus)

        async with asyncio.timeout(PATIENCE):
            await hang(bus)
            with pytest.raises(ValueError, match="no lamp"):
                await switch(bus, LampId(unhung.key), on=False)
            await hang(bus)


class Unfollowed(Watched):
    """A log that fails where nobody expects it."""

    async def follow(
        self, after: LogPosition, limit: int, concerns: Callable[[StreamName, int], bool]
    ) -> tuple[LogPosition, Sequence[Recorded]]:
        raise RuntimeError("a page of the index is broken")


async def test_who_cannot_follow_goes_on_without(caplog: pytest.LogCaptureFixture) -> None:
    log = Unfollowed()
    async with process(log) as one, process(log) as other:
        lamp = await hang(one)
        async with asyncio.timeout(PATIENCE):
            for on in (True, False, True):
                assert isinstance(await switch(other, lamp, on=on), Accepted)
                assert isinstance(await switch(one, lamp, on=not on), Accepted)

    assert "cannot be followed" in caplog.text
