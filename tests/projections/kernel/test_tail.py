"""The tail of the log: what is in memory is not read again, and nothing that was appended is missed."""

import asyncio
from collections.abc import Sequence

from projections.kernel.scenario import POSITIONS, Recorder
from projections.kernel.tail import Tail
from write_side.customers.events import CustomerRenamed
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.positions import LogPosition, Positions
from write_side.kernel.signals import Signal
from write_side.terms.ids import CustomerId

ANN = CustomerId(f"cus_{1:032x}")


class CountingLog:
    """A log in memory that counts its reads."""

    positions: Positions = POSITIONS

    def __init__(self) -> None:
        self._recorder = Recorder()
        self.appended = Signal()
        self.reads = 0

    def append(self, count: int = 1, *, heard: bool = True) -> None:
        for _ in range(count):
            self._recorder.record("customer", ANN, CustomerRenamed(name="Ann"))
        if heard:
            self.appended.set()

    async def head(self) -> LogPosition:
        return LogPosition(len(self._recorder.events))

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        self.reads += 1
        await asyncio.sleep(0)
        return self._recorder.events[after : after + limit]

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        raise AssertionError("a tail does not ask for it")


async def positions(tail: Tail, after: int, limit: int = 100, known: int = 0) -> list[int]:
    return [event.position for event in await tail.read(LogPosition(after), limit, LogPosition(known))]


async def test_several_readers_cost_one_read() -> None:
    log = CountingLog()
    log.append(3)
    tail = Tail(log)

    found = await asyncio.gather(*(positions(tail, 0) for _ in range(8)))

    assert found == [[1, 2, 3]] * 8
    assert log.reads == 1


async def test_that_there_is_no_more_is_asked_once_until_something_is_appended() -> None:
    log = CountingLog()
    log.append(3)
    tail = Tail(log, believed=60)

    await asyncio.gather(*(positions(tail, 0) for _ in range(8)))
    assert [await positions(tail, 3) for _ in range(8)] == [[]] * 8
    assert log.reads == 1

    log.append()
    assert [await positions(tail, 3) for _ in range(8)] == [[4]] * 8
    assert log.reads == 2


async def test_a_signal_that_got_lost_costs_a_moment() -> None:
    log = CountingLog()
    tail = Tail(log, believed=0.05)
    assert await positions(tail, 0) == []

    log.append(heard=False)
    async with asyncio.timeout(5):
        while not await positions(tail, 0):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_what_is_known_to_be_there_is_read_whatever_is_believed() -> None:
    log = CountingLog()
    tail = Tail(log, believed=60)
    assert await positions(tail, 0) == []

    log.append(heard=False)

    assert await positions(tail, 0, known=1) == [1]


async def test_what_is_appended_while_it_is_read_is_read_next() -> None:
    log = CountingLog()
    tail = Tail(log, believed=60)
    reading = asyncio.create_task(positions(tail, 0, limit=1))
    await asyncio.sleep(0)

    log.append(2)

    assert await reading == [1]
    assert await positions(tail, 1) == [2]


async def test_no_more_is_kept_than_allowed() -> None:
    log = CountingLog()
    log.append(10)
    tail = Tail(log, kept=4)

    assert await positions(tail, 0, limit=10) == list(range(1, 11))
    assert await positions(tail, 7) == [8, 9, 10]
    assert log.reads == 1
    assert await positions(tail, 2, limit=3) == [3, 4, 5]
    assert log.reads == 2


async def test_what_lies_before_what_is_kept_is_kept_too_where_it_touches() -> None:
    log = CountingLog()
    log.append(100)
    tail = Tail(log, kept=90, believed=60)
    await positions(tail, 95)

    for _ in range(5):
        assert await positions(tail, 20, limit=80, known=100) == list(range(21, 101))
        assert await positions(tail, 95) == list(range(96, 101))

    assert log.reads == 2


async def test_of_what_lies_before_no_more_is_kept_than_there_is_room() -> None:
    log = CountingLog()
    log.append(100)
    tail = Tail(log, kept=10, believed=60)
    await positions(tail, 95)

    assert await positions(tail, 20, limit=80, known=100) == list(range(21, 101))
    assert await positions(tail, 90) == list(range(91, 101))
    assert log.reads == 2
    assert await positions(tail, 89) == list(range(90, 101))
    assert log.reads == 3
