"""Group commit: which batches form, and what one request that is at fault does to its neighbours."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.write_side.kernel.lamps import LAMP, OLD_METER, LampHung, LampId
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.append import EMPTY, Append, Appended, AppendResult, NewEvent
from write_side.kernel.committer import MOST, MOST_BYTES, TRIES, GroupCommit
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.events import Metadata
from write_side.kernel.ids import new_command_id, new_event_id

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
BAD = "bad"


class Watched(MemoryLog):
    """A log that remembers its batches, does not take a room that is bad, and is away so many times."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.away = 0

    async def append(self, batch: Sequence[Append]) -> Sequence[AppendResult]:
        self.batches.append(len(batch))
        if self.away:
            self.away -= 1
            raise LogUnavailable
        if any(BAD in event.data for request in batch for event in request.events):
            raise ValueError(BAD)
        return await super().append(batch)


def hung(room: str = "hall") -> Append:
    """A request to hang a lamp in a room."""
    lamp, by = LAMP.of(LampId.new()).name, new_command_id()
    event = NewEvent(new_event_id(), lamp, 1, LampHung(room=room, meter_id=OLD_METER))
    return Append(lamp, {lamp: EMPTY}, (event,), b"", True, Metadata(by, by, by, "test"), AT)


@asynccontextmanager
async def running(log: Watched) -> AsyncIterator[GroupCommit]:
    committer = GroupCommit(log)
    task = asyncio.create_task(committer.run())
    yield committer
    task.cancel()


async def committed(log: Watched, requests: Sequence[Append]) -> list[AppendResult | BaseException]:
    """What becomes of requests that are all queued at once."""
    async with running(log) as committer:
        return await asyncio.gather(*map(committer.submit, requests), return_exceptions=True)


async def test_a_batch_has_so_many_requests_and_no_more() -> None:
    log = Watched()
    await committed(log, [hung() for _ in range(MOST + 1)])
    assert log.batches == [MOST, 1]


async def test_a_batch_has_so_many_bytes_and_no_more() -> None:
    log, half = Watched(), "x" * (MOST_BYTES // 2)
    await committed(log, [hung(), hung(half), hung(half), hung(half + half), hung()])
    assert log.batches == [2, 1, 1, 1]


async def test_one_request_that_is_at_fault_fails_alone() -> None:
    log = Watched()
    results = await committed(log, [hung(BAD if number == 20 else "hall") for number in range(50)])
    assert [number for number, result in enumerate(results) if not isinstance(result, Appended)] == [20]
    assert isinstance(results[20], ValueError)
    assert len(log.batches) < 15


async def test_a_log_that_comes_back_is_asked_again() -> None:
    log = Watched()
    log.away = TRIES - 1
    assert [type(result) for result in await committed(log, [hung(), hung()])] == [Appended, Appended]


async def test_a_log_that_stays_away_fails_the_batch_and_not_the_next() -> None:
    log = Watched()
    log.away = TRIES
    async with running(log) as committer:
        with pytest.raises(LogUnavailable):
            await committer.submit(hung())
        assert isinstance(await committer.submit(hung()), Appended)
