"""The cache of states: ahead of the log by what is queued, and no further."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.write_side.kernel.lamps import LAMP, METER, OLD_METER, Lamp, LampHung, LampId, LampSwitched, MeterId, UnitUsed
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.append import EMPTY, Append, Head, NewEvent
from write_side.kernel.events import Metadata, Recorded
from write_side.kernel.ids import new_command_id, new_event_id
from write_side.kernel.snapshots import Snapshots
from write_side.kernel.states import Moved, States, StreamState
from write_side.kernel.streams import Stream

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
ONE, TWO, THREE = (METER.of(MeterId(f"mtr_{number:032x}")) for number in (1, 2, 3))


class Cache:
    """States of meters, and what decisions make of them."""

    def __init__(self, bound: int = 100) -> None:
        self.log = MemoryLog()
        self.states = States(self.log, Snapshots(self.log), bound)

    async def load(self, *streams: Stream[int]) -> None:
        await self.states.load(streams)

    def use(self, *used: Stream[int], read: Sequence[Stream[int]] = ()) -> Moved:
        """Decides that a unit was used of each meter in `used`."""
        events = []
        for stream in used:
            state = self.states.get(stream.name)
            assert state is not None
            events.append(NewEvent(new_event_id(), stream.name, state.head.version + 1, UnitUsed()))
        return self.states.advance({stream.name: stream for stream in (*used, *read)}, events)

    async def others_use(self, *used: Stream[int]) -> Sequence[Recorded]:
        """The events of another process that used a unit of each meter."""
        before = await self.log.head()
        other = States(self.log, Snapshots(self.log))
        await other.load(used)
        for stream in used:
            state = other.get(stream.name)
            assert state is not None
            event = NewEvent(new_event_id(), stream.name, state.head.version + 1, UnitUsed())
            by = Metadata(new_command_id(), "c", "c", "other")
            await self.log.append([Append(stream.name, {stream.name: state.head}, (event,), b"", True, by, AT)])
            other.settle(other.advance({stream.name: stream}, [event]), stored=True)
        return await self.log.read(before, 100)

    def units(self, stream: Stream[int]) -> int | None:
        found = self.states.get(stream.name)
        return None if found is None else found.state


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def cache() -> Cache:
    cache = Cache()
    await cache.load(ONE, TWO, THREE)
    return cache


async def test_the_next_decision_builds_on_what_is_queued(cache: Cache) -> None:
    cache.use(ONE)
    cache.use(ONE)
    assert cache.units(ONE) == 2


async def test_what_was_stored_stays(cache: Cache) -> None:
    moved = cache.use(ONE)
    cache.states.settle(moved, stored=True)
    assert cache.units(ONE) == 1


async def test_what_was_written_in_vain_goes_back_to_what_is_known(cache: Cache) -> None:
    cache.states.settle(cache.use(ONE), stored=True)
    cache.states.settle(cache.use(ONE), stored=False)
    assert cache.units(ONE) == 1


async def test_of_what_is_elsewhere_in_the_log_more_is_loaded(cache: Cache) -> None:
    moved = cache.use(ONE, read=[TWO, THREE])
    await cache.others_use(TWO)

    cache.states.settle(moved, stored=False, elsewhere=[TWO.name])

    assert (cache.units(ONE), cache.units(TWO), cache.units(THREE)) == (0, None, 0)
    await cache.load(TWO)
    assert cache.units(TWO) == 1


async def test_what_is_not_in_the_log_any_more_is_loaded_from_the_beginning(cache: Cache) -> None:
    """As when PostgreSQL lost what it had answered as stored."""
    cache.states.settle(cache.use(ONE), stored=True)
    cache.states.settle(cache.use(ONE), stored=False, elsewhere=[ONE.name])
    while cache.units(ONE) is None:
        await cache.load(ONE)
    assert cache.units(ONE) == 0


async def test_what_is_not_in_the_log_any_more_is_not_built_on_either(log: MemoryLog) -> None:
    """As when PostgreSQL lost what it had answered as stored, and others have appended since."""
    lamp = LAMP.of(LampId("lmp_" + "1" * 32))

    def hung(version: int, room: str) -> NewEvent:
        return NewEvent(new_event_id(), lamp.name, version, LampHung(room=room, meter_id=OLD_METER))

    async def append(head: Head, *events: NewEvent) -> Head:
        by = Metadata(new_command_id(), "c", "c", "other")
        await log.append([Append(lamp.name, {lamp.name: head}, events, b"", True, by, AT)])
        return Head(events[-1].version, events[-1].event_id)

    first = await append(EMPTY, hung(1, "hall"))
    states = States(log, Snapshots(log))
    await states.load([lamp])
    states.settle(states.advance({lamp.name: lamp}, [hung(2, "attic")]), stored=True)
    after = await append(first, hung(2, "cellar"), NewEvent(new_event_id(), lamp.name, 3, LampSwitched(on=True)))

    states.settle(states.advance({lamp.name: lamp}, []), stored=False, elsewhere=[lamp.name])
    while (found := states.get(lamp.name)) is None:
        await states.load([lamp])
    assert found == StreamState(after, Lamp("cellar", OLD_METER, on=True))


async def test_what_built_on_it_goes_too_and_what_was_decided_since_does_not(cache: Cache) -> None:
    first, second = cache.use(ONE), cache.use(ONE, TWO)
    cache.states.settle(first, stored=False)
    again = cache.use(ONE)

    assert (cache.states.stands(second), cache.states.stands(again)) == (False, True)
    cache.states.settle(second, stored=False, elsewhere=[ONE.name])

    assert (cache.units(ONE), cache.units(TWO)) == (1, 0)
    cache.states.settle(again, stored=True)
    assert cache.units(ONE) == 1


async def test_what_others_append_is_followed_and_what_was_decided_without_it_falls(cache: Cache) -> None:
    without, apart = cache.use(ONE), cache.use(TWO)

    cache.states.follow(await cache.others_use(ONE, ONE))

    assert cache.units(ONE) == 2
    assert (cache.states.stands(without), cache.states.stands(apart)) == (False, True)


async def test_what_others_have_appended_further_on_is_loaded(cache: Cache) -> None:
    _, second = await cache.others_use(ONE, ONE)
    cache.states.follow([second])
    assert cache.units(ONE) is None
    await cache.load(ONE)
    assert cache.units(ONE) == 2


async def test_the_states_that_were_used_longest_ago_go_first() -> None:
    cache = Cache(bound=2)
    await cache.load(ONE, TWO)
    cache.units(ONE)
    await cache.load(THREE)
    assert (cache.units(ONE), cache.units(TWO), cache.units(THREE)) == (0, None, 0)


async def test_streams_that_begin_take_the_room_of_others() -> None:
    """Orders, one after the other, of products that are all here: nothing is loaded for them."""
    cache = Cache(bound=2)
    await cache.load(ONE)
    cache.states.begin(TWO)
    cache.states.begin(THREE)
    assert (cache.units(ONE), cache.units(TWO), cache.units(THREE)) == (None, 0, 0)


async def test_what_a_decision_has_read_stays_until_it_is_settled() -> None:
    cache = Cache(bound=1)
    cache.states.hold([ONE.name])
    await cache.load(ONE, TWO)
    await cache.load(THREE)
    assert (cache.units(ONE), cache.units(TWO)) == (0, None)

    moved = cache.use(THREE, read=[ONE])
    cache.states.release([ONE.name])
    await cache.load(TWO)
    assert cache.states.stands(moved)

    cache.states.settle(moved, stored=True)
    await cache.load(TWO)
    assert (cache.units(ONE), cache.units(TWO), cache.units(THREE)) == (None, 0, None)


async def test_a_state_ahead_of_the_log_stays_until_it_is_settled() -> None:
    """Who loaded it then would decide on a head that is about to change."""
    cache = Cache(bound=1)
    await cache.load(ONE)
    moved = cache.use(ONE)
    await cache.load(TWO)
    await cache.load(THREE)
    assert (cache.units(ONE), cache.units(TWO), cache.units(THREE)) == (1, None, 0)

    cache.states.settle(moved, stored=True)
    await cache.load(TWO)
    assert (cache.units(ONE), cache.units(THREE)) == (None, None)
