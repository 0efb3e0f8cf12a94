"""A house whose lamps are reacted to: its log, its bus, and reactors that are started and killed at will."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import Field

from tests.write_side.kernel.lamps import METER, HangLamp, LampHung, LampId, LampSwitched, MeterId, UnitUsed
from write_side.kernel.append import EventLog, Wanted
from write_side.kernel.bus import CommandBus
from write_side.kernel.codec import Codec
from write_side.kernel.commands import Command, Events
from write_side.kernel.committer import GroupCommit
from write_side.kernel.events import Event, Recorded
from write_side.kernel.log import LogTimes
from write_side.kernel.outcomes import Accepted, Caller
from write_side.kernel.places import Places, Standing, Stretch
from write_side.kernel.positions import LogPosition
from write_side.kernel.reactions import Reaction
from write_side.kernel.reactor import Executes, Pace, Reactor
from write_side.kernel.streams import Loaded

CODEC = Codec((LampHung, LampSwitched, UnitUsed))
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
ANN = Caller(actor="ann", correlation_id="evening")
METER_7 = MeterId(f"mtr_{7:032x}")
QUICK = Pace(poll=0.01, pause=0.01, rest=0.01)
PATIENCE = 20.0
"""How long what is waited for may take at most, in seconds."""


class UseUnit(Command, target=METER):
    """Use a unit. Whoever does it twice has used two."""

    meter_id: MeterId
    watts: Annotated[int, Field(ge=0)] = 0

    def decide(self, loaded: Loaded) -> Events:
        return [(self.target, UnitUsed())]


def using_a_unit(name: str = "use-unit", *, after: timedelta = timedelta(0), coalesce: bool = False) -> Reaction:
    """A reaction to each lamp that is hung: the meter counts how often it took effect."""
    reaction = Reaction(name, after=after, coalesce=coalesce)

    @reaction.on(LampHung)
    def hung(hung: Recorded[LampHung]) -> Command | None:
        return None if hung.event.room == "cellar" else UseUnit(meter_id=hung.event.meter_id)

    return reaction


@dataclass
class Clock:
    """The clock of a log, whose hands are moved: it stands `ahead` of the time at which things are recorded."""

    log: EventLog
    ahead: timedelta = timedelta(0)
    looks: int = 0
    """How often somebody has looked at it."""

    async def times(self, positions: Collection[LogPosition]) -> LogTimes:
        """See `LogClock.times`."""
        self.looks += 1
        return LogTimes(await self.log.head(), datetime.now(UTC) + self.ahead, {})


@dataclass
class MemoryPlaces:
    """The port `Places`, without a database, on a log that has none."""

    log: EventLog
    places: dict[str, LogPosition] = field(default_factory=dict)
    failures: dict[str, str | None] = field(default_factory=dict)

    async def begin(self, name: str) -> LogPosition:
        """See `Places.begin`."""
        return self.places.setdefault(name, await self.log.head())

    async def read(self, after: LogPosition, until: LogPosition, known: Collection[type[Event]], limit: int) -> Stretch:
        """See `Places.read`."""
        stretch = await self.log.read(after, until - after)
        events = [recorded for recorded in stretch if type(recorded.event) in known][:limit]
        return Stretch(events, events[-1].position if len(events) == limit else until)

    async def move(self, name: str, start: LogPosition, end: LogPosition) -> bool:
        """See `Places.move`."""
        if self.places[name] != start:
            return False
        self.places[name] = end
        return True

    async def skip(self, name: str, end: LogPosition) -> None:
        """See `Places.skip`."""
        self.places[name] = max(self.places[name], end)

    async def report(self, name: str, failure: str | None) -> None:
        """See `Places.report`."""
        self.failures[name] = failure

    async def standing(self, name: str, known: Collection[type[Event]]) -> Standing | None:
        """See `Places.standing`."""
        return Standing(self.places[name], AT, None, self.failures.get(name))


@dataclass
class House:
    """A log of lamps, and what reacts to it."""

    log: EventLog
    places: Places
    clock: Clock
    bus: CommandBus

    async def hang(self, *rooms: str, meter: MeterId = METER_7) -> list[LampId]:
        """Hangs a lamp in each room, one after the other."""
        hung = []
        for room in rooms:
            outcome = await self.bus.execute(HangLamp(room=room, meter_id=meter), ANN)
            assert isinstance(outcome, Accepted)
            hung.append(LampId(outcome.key))
        return hung

    async def used(self, meter: MeterId = METER_7) -> list[Recorded]:
        """The units that a meter has counted."""
        name = METER.of(meter).name
        loaded = await self.log.load({name: Wanted("")})
        return list(loaded[name].events) if name in loaded else []

    def reactor(
        self, reaction: Reaction, *, bus: Executes | None = None, places: Places | None = None, pace: Pace = QUICK
    ) -> Reactor:
        """A reactor as a process of its own would have it."""
        return Reactor(reaction, places or self.places, self.clock, self.log.appended, bus or self.bus, pace=pace)

    async def looked(self) -> None:
        """Waits until a reactor has looked again, and done what it did about it."""
        before = self.clock.looks

        async def looked() -> bool:
            return self.clock.looks > before + 1

        await eventually(looked)

    async def settled(self, *reactions: Reaction) -> None:
        """Waits until the reactions have passed everything there is."""

        async def passed() -> bool:
            head = await self.log.head()
            return all([await self.places.begin(each.name) == head for each in reactions])

        await eventually(passed)


async def eventually(happened: Callable[[], Awaitable[bool]]) -> None:
    """Waits for what must happen soon."""
    async with asyncio.timeout(PATIENCE):
        while not await happened():  # noqa: ASYNC110 - it is asked of a database
            await asyncio.sleep(0.005)


@asynccontextmanager
async def a_house(log: EventLog, places: Places, clock: Clock) -> AsyncIterator[House]:
    """A house whose bus works."""
    committer = GroupCommit(log)
    async with running(committer):
        yield House(log, places, clock, CommandBus(log, committer, lambda: AT))


@asynccontextmanager
async def running(*tasks: Reactor | GroupCommit) -> AsyncIterator[None]:
    """They work meanwhile."""
    started = [asyncio.create_task(each.run()) for each in tasks]
    yield
    for task in started:
        task.cancel()
    for ended in await asyncio.gather(*started, return_exceptions=True):
        assert isinstance(ended, asyncio.CancelledError), ended
