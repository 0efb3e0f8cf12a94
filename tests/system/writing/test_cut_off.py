"""The connection to PostgreSQL ends at every point of what is said: the command has one effect, and one outcome."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.shop import CODEC
from tests.system.proxy import Guard, Way, connect_to_postgres, door, through_door
from tests.system.writing.cutting import Knife, Listener
from tests.system.writing.trial import findings_of
from tests.write_side.effects.told import Done, Told
from tests.write_side.effects.trial import ME, bus_on
from write_side.customers.commands import RegisterCustomer
from write_side.kernel.bus import CommandBus
from write_side.kernel.errors import LogUnavailable, OutcomeUnknown
from write_side.kernel.outcomes import Accepted
from write_side.kernel.positions import START
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog

AT_ONCE = 16
EVERY = 150
"""Bytes from one cut to the next, where no message ends between them."""
OFTEN = 50
"""Connections that are cut one after the other: more than the service tries by itself."""

FEW = 3
"""So often who was not answered asks again at most."""


@asynccontextmanager
async def opened(url: str, guard: Guard) -> AsyncIterator[CommandBus]:
    """A bus whose connections, one at a time, are behind a guarded door."""
    async with door(lambda: connect_to_postgres(url), guard) as way:
        pool = await open_pool(through_door(url, way), size=1)
        async with bus_on(await PostgresLog.open(pool, CODEC)) as bus:
            yield bus
        pool.terminate()


def register(name: str) -> RegisterCustomer:
    """A command that writes to two streams, under the id `name`."""
    return RegisterCustomer(name="Ann", email=f"{name}@shop.test", command_id=name)


async def listened(url: str) -> Listener:
    """What is said over a new connection when a command is executed."""
    listener = Listener()
    async with opened(url, listener) as bus:
        listener.forget()
        await bus.execute(register("listened"), ME)
    return listener


async def asked(bus: CommandBus, command: RegisterCustomer) -> Told:
    """What a client is told."""
    try:
        outcome = await bus.execute(command, ME)
    except (LogUnavailable, OutcomeUnknown):
        return Told(command, START, START, None)
    assert isinstance(outcome, Accepted)
    return Told(command, START, outcome.position, Done(outcome.version, outcome.position))


async def cut(url: str, way: Way, after: int, times: int) -> list[Told]:
    """What a client was told whose connection was cut, when it asked again, and when it asked elsewhere."""
    command = register(f"{way.name.lower()}-{after}")
    knife = Knife(way, after, times)
    async with opened(url, knife) as bus:
        knife.drawn = True
        told = [await asked(bus, command)]
        knife.drawn = False
        # A connection that was cut when nobody looked is found out by who uses it.
        for _ in range(FEW):
            told.append(await asked(bus, command))
            if told[-1].answer is not None:
                break
    async with opened(url, Listener()) as bus:
        told.append(await asked(bus, command))
    return told


@pytest.mark.parametrize("times", [1, OFTEN], ids=["once", "again and again"])
@pytest.mark.parametrize("way", Way)
async def test_wherever_it_is_cut(postgres_url: str, way: Way, times: int) -> None:
    await migrate(postgres_url)
    points = (await listened(postgres_url)).points(way, EVERY)
    room = asyncio.Semaphore(AT_ONCE)

    async def case(after: int) -> list[Told]:
        async with room:
            return await cut(postgres_url, way, after, times)

    cases = await asyncio.gather(*(case(after) for after in points[:-1]))

    told = [each for one in cases for each in one]
    assert not await findings_of(postgres_url, told)
    assert len(points) > 20
    # Who asks again is answered, here and elsewhere.
    assert all(each.answer is not None for one in cases for each in one[-2:])
    # Where one connection is lost while it appends, the service asks again by itself, and gives up in the end.
    answered = sum(one[0].answer is not None for one in cases)
    assert answered > 10 if times == 1 else answered < len(cases) - 10
