"""Following the log, and doing what is due about it: on a log in memory. On PostgreSQL: `postgres/test_reacting.py`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.write_side.kernel.lamps import LampHung, LampId, MeterId, SwitchLamp
from tests.write_side.kernel.memory_log import MemoryLog
from tests.write_side.kernel.reacting import (
    ANN,
    METER_7,
    Clock,
    House,
    MemoryPlaces,
    UseUnit,
    a_house,
    eventually,
    running,
    using_a_unit,
)
from write_side.kernel.commands import Command
from write_side.kernel.errors import Contention, LogUnavailable
from write_side.kernel.events import Recorded
from write_side.kernel.outcomes import Caller, Outcome
from write_side.kernel.positions import LogPosition
from write_side.kernel.reactions import Reaction
from write_side.kernel.reactor import Executes, Pace, Reactor

HOUR = timedelta(hours=1)


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
def clock(log: MemoryLog) -> Clock:
    return Clock(log)


@pytest.fixture
def places(log: MemoryLog) -> MemoryPlaces:
    return MemoryPlaces(log)


@pytest.fixture
async def house(log: MemoryLog, places: MemoryPlaces, clock: Clock) -> AsyncIterator[House]:
    """An empty house, in which nothing reacts yet."""
    async with a_house(log, places, clock) as house:
        yield house


class Failing:
    """A bus that fails before a command, or after it, as often as it is told to; it counts what it is sent."""

    def __init__(self, bus: Executes, error: Exception, times: int, *, after: bool = False) -> None:
        self.sent: list[Command] = []
        self._bus = bus
        self._error = error
        self._times = times
        self._after = after

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        self.sent.append(command)
        fails = len(self.sent) <= self._times
        if fails and not self._after:
            raise self._error
        outcome = await self._bus.execute(command, caller)
        if fails:
            raise self._error
        return outcome


async def test_an_event_becomes_a_command_that_says_why(house: House) -> None:
    reaction = using_a_unit()
    await house.places.begin(reaction.name)
    async with running(house.reactor(reaction)):
        await house.hang("hall")
        await house.settled(reaction)

    [hung, used] = await house.log.read(LogPosition(0), 10)
    assert used.metadata.actor == "reaction:use-unit"
    assert used.metadata.correlation_id == "evening"
    assert used.metadata.causation_id == str(hung.event_id)
    assert used.metadata.command_id == f"reaction:use-unit:{hung.event_id}"


async def test_what_it_does_nothing_about_is_passed(house: House) -> None:
    reaction = using_a_unit()
    await house.places.begin(reaction.name)
    async with running(house.reactor(reaction)):
        [lamp] = await house.hang("cellar")
        await house.bus.execute(SwitchLamp(lamp_id=lamp, on=True), ANN)
        await house.settled(reaction)

    assert len(await house.used()) == 1  # the switching's own


async def test_it_does_nothing_about_what_was_before_it(house: House) -> None:
    reaction = using_a_unit()
    await house.hang("hall", "kitchen")
    async with running(house.reactor(reaction)):
        await house.settled(reaction)
        await house.hang("attic")
        await house.settled(reaction)

    assert len(await house.used()) == 1


async def test_a_reaction_that_is_off_lets_everything_pass_for_ever(house: House) -> None:
    reaction = using_a_unit()
    await house.places.begin(reaction.name)
    await house.hang("hall")
    async with running(house.reactor(reaction.delayed(None))):
        await house.settled(reaction)
    async with running(house.reactor(reaction)):
        await house.hang("attic")
        await house.settled(reaction)

    assert len(await house.used()) == 1


async def test_it_waits_until_its_time_has_come(house: House, clock: Clock) -> None:
    reaction = using_a_unit(after=HOUR)
    await house.places.begin(reaction.name)
    await house.hang("cellar")
    await house.hang("hall")
    reactor = house.reactor(reaction)
    async with running(reactor):
        clock.ahead = HOUR - timedelta(minutes=1)
        await house.looked()
        assert (reactor.position, await house.used()) == (0, [])

        clock.ahead = HOUR
        await house.settled(reaction)

    assert len(await house.used()) == 1


async def test_while_it_waits_for_one_event_it_has_passed_those_it_does_not_know(house: House, clock: Clock) -> None:
    reaction = using_a_unit(after=HOUR)
    [lamp] = await house.hang("hall")
    await house.places.begin(reaction.name)
    await house.bus.execute(SwitchLamp(lamp_id=lamp, on=True), ANN)
    await house.hang("kitchen")
    reactor = house.reactor(reaction)
    async with running(reactor):
        await house.looked()

        assert reactor.position == await house.log.head() - 1


@pytest.mark.parametrize("batch", [1, 2, 100])
async def test_of_equal_commands_that_are_due_together_the_last_is_sent(house: House, batch: int) -> None:
    reaction = using_a_unit(coalesce=True)
    await house.places.begin(reaction.name)
    other = MeterId(f"mtr_{8:032x}")
    await house.hang("hall", "kitchen")
    await house.hang("garage", meter=other)
    async with running(house.reactor(reaction, pace=Pace(poll=0.01, rest=0.01, batch=batch))):
        await house.settled(reaction)

    hung = (await house.log.read(LogPosition(0), 3))[1]
    assert [used.metadata.causation_id for used in await house.used()] == [str(hung.event_id)]
    assert len(await house.used(other)) == 1


async def test_each_event_has_its_command_where_nothing_is_coalesced(house: House) -> None:
    reaction = using_a_unit()
    await house.places.begin(reaction.name)
    await house.hang("hall", "kitchen", "attic")
    async with running(house.reactor(reaction, pace=Pace(poll=0.01, batch=2))):
        await house.settled(reaction)

    assert len(await house.used()) == 3


async def test_a_refusal_is_passed(house: House) -> None:
    """It is for the decision to say whether the command still applies."""
    reaction = Reaction("switch-on")

    @reaction.on(LampHung)
    def hung(hung: Recorded[LampHung]) -> Command | None:
        return SwitchLamp(lamp_id=LampId(hung.key), on=True)

    await house.places.begin(reaction.name)
    await house.hang("1", "2", "3", "4")
    async with running(house.reactor(reaction)):
        await house.settled(reaction)

    assert len(await house.used()) == 3  # the meter has no more


@pytest.mark.parametrize("error", [LogUnavailable("away"), Contention(12), KeyError("a bug")])
@pytest.mark.parametrize("after", [False, True])
async def test_what_fails_is_sent_again_under_the_same_id(house: House, error: Exception, *, after: bool) -> None:
    reaction = using_a_unit()
    await house.places.begin(reaction.name)
    bus = Failing(house.bus, error, 2, after=after)
    await house.hang("hall")
    async with running(house.reactor(reaction, bus=bus)):
        await house.settled(reaction)

    assert len({command.command_id for command in bus.sent}) == 1
    assert len(bus.sent) == 3
    assert len(await house.used()) == 1


async def test_what_it_cannot_do_is_never_passed_and_seen_at_its_place(house: House, places: MemoryPlaces) -> None:
    broken, mended = Reaction("fragile"), Reaction("fragile")

    @broken.on(LampHung)
    def breaks(hung: Recorded[LampHung]) -> Command | None:
        return UseUnit(meter_id=METER_7, watts=-1 if hung.event.room == "attic" else 1)

    @mended.on(LampHung)
    def works(hung: Recorded[LampHung]) -> Command | None:
        return UseUnit(meter_id=METER_7)

    await places.begin("fragile")
    await house.hang("hall", "attic", "kitchen")
    async with running(house.reactor(broken)):
        await eventually(lambda: _is(places, "fragile", "stopped: at event 2 test-lamp-hung: ValidationError"))
        await house.looked()
        assert places.places["fragile"] == 1
        assert len(await house.used()) == 1

    async with running(house.reactor(mended)):
        await house.settled(mended)
    assert len(await house.used()) == 3
    assert places.failures == {"fragile": None}


async def _is(places: MemoryPlaces, name: str, failure: str | None) -> bool:
    return places.failures.get(name) == failure


async def test_while_the_log_is_away_it_waits_and_says_so(house: House, places: MemoryPlaces) -> None:
    reaction = using_a_unit()
    await places.begin(reaction.name)
    bus = Failing(house.bus, LogUnavailable("it is at db.example"), 10**9)
    await house.hang("hall")
    async with running(house.reactor(reaction, bus=bus)):
        await eventually(lambda: _is(places, "use-unit", "waits: LogUnavailable"))


class Killed(BaseException):
    """The process of a reactor ends, without a word."""


@dataclass
class Fate:
    """Kills a process at some of its steps; afterwards it leaves it alone."""

    kills: list[bool]

    def step(self) -> None:
        if self.kills and self.kills.pop():
            raise Killed


@dataclass
class MortalBus:
    """A bus whose process may be killed before a command is executed, and after."""

    bus: Executes
    fate: Fate

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        self.fate.step()
        outcome = await self.bus.execute(command, caller)
        self.fate.step()
        return outcome


@dataclass
class MortalPlaces(MemoryPlaces):
    """Places, for a process that may be killed before it moves one, and after."""

    fate: Fate = field(default_factory=lambda: Fate([]))

    async def move(self, name: str, start: LogPosition, end: LogPosition) -> bool:
        self.fate.step()
        moved = await super().move(name, start, end)
        self.fate.step()
        return moved


async def _again_and_again(reactor: Callable[[], Reactor]) -> None:
    """A reactor that is started anew whenever it was killed."""
    while True:
        with suppress(Killed):
            await reactor().run()


KILLS = st.lists(st.booleans(), max_size=30)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["hall", "cellar"]), max_size=12), st.integers(1, 5), KILLS, KILLS)
def test_whoever_is_killed_and_whoever_works_beside_each_event_takes_effect_once(
    rooms: list[str], batch: int, kills: list[bool], of_another: list[bool]
) -> None:
    async def play() -> None:
        log = MemoryLog()
        clock = Clock(log)
        places = MemoryPlaces(log)
        reaction = using_a_unit()
        pace = Pace(poll=0.001, pause=0, batch=batch)
        async with a_house(log, places, clock) as house:
            await places.begin(reaction.name)

            def process(kills: list[bool]) -> Callable[[], Reactor]:
                fate = Fate(kills)
                bus = MortalBus(house.bus, fate)
                mortal = MortalPlaces(log, places.places, fate=fate)
                return lambda: house.reactor(reaction, bus=bus, places=mortal, pace=pace)

            processes = [asyncio.create_task(_again_and_again(process(each))) for each in (kills, of_another)]
            await house.hang(*rooms)
            await house.settled(reaction)
            for one in processes:
                one.cancel()
            await asyncio.gather(*processes, return_exceptions=True)

            by = [used.metadata.causation_id for used in await house.used()]
            hung = [
                str(recorded.event_id)
                for recorded in await log.read(LogPosition(0), 100)
                if isinstance(recorded.event, LampHung) and recorded.event.room == "hall"
            ]
            assert sorted(by) == sorted(hung)

    asyncio.run(play())
