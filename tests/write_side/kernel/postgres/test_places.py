"""The places of reactions on a real PostgreSQL, and reactors of several processes beside each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.write_side.kernel.postgres.requests import A, B, request
from tests.write_side.kernel.reacting import CODEC, Clock, House, a_house, running, using_a_unit
from write_side.claims.events import ValueClaimed, ValueReleased
from write_side.kernel.codec import Codec
from write_side.kernel.events import Unreadable
from write_side.kernel.places import Stretch
from write_side.kernel.positions import LogPosition
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.places import PostgresPlaces
from write_side.kernel.postgres.store import PostgresLog

if TYPE_CHECKING:
    from write_side.kernel.postgres.connections import Pool

CLAIMS = Codec((ValueClaimed, ValueReleased))
CLAIMED, RELEASED = ValueClaimed(holder="x"), ValueReleased(holder="x")


class NeverMoves(PostgresPlaces):
    """Places of a process that is killed when it has done something, and has not moved yet."""

    def __init__(self, pool: "Pool", codec: Codec) -> None:
        super().__init__(pool, codec)
        self.asked = asyncio.Event()

    async def move(self, name: str, start: LogPosition, end: LogPosition) -> bool:
        self.asked.set()
        await asyncio.Event().wait()
        return False


@asynccontextmanager
async def a_process(url: str, places: type[PostgresPlaces] = PostgresPlaces) -> AsyncIterator[House]:
    """A house as a process of its own has it, on the log that all of them share."""
    pool = await open_pool(url)
    log = await PostgresLog.open(pool, CODEC)
    async with a_house(log, places(pool, CODEC), Clock(log)) as house:
        yield house
    await pool.close()


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator["Pool"]:
    """Connections to a migrated database."""
    await migrate(postgres_url)
    pool = await open_pool(postgres_url)
    yield pool
    await pool.close()


@pytest.fixture
async def log(pool: "Pool") -> PostgresLog:
    """A log of four events."""
    log = await PostgresLog.open(pool, CLAIMS)
    await log.append([request(A, CLAIMED, RELEASED, CLAIMED, RELEASED)])
    return log


@pytest.fixture
def places(pool: "Pool", log: PostgresLog) -> PostgresPlaces:
    """The places of what reacts to it."""
    return PostgresPlaces(pool, CLAIMS)


async def test_a_reaction_begins_at_the_end_of_the_log_as_it_is_then(places: PostgresPlaces, log: PostgresLog) -> None:
    assert await places.begin("one") == 4

    await log.append([request(B, CLAIMED)])

    assert await places.begin("one") == 4
    assert await places.begin("other") == 5


async def test_on_an_empty_log_it_begins_before_everything(pool: "Pool") -> None:
    assert await PostgresPlaces(pool, CLAIMS).begin("one") == 0


async def test_a_place_moves_from_where_it_is(places: PostgresPlaces) -> None:
    await places.begin("one")
    await places.begin("other")

    assert await places.move("one", LogPosition(4), LogPosition(6))
    assert not await places.move("one", LogPosition(4), LogPosition(5))
    assert not await places.move("one", LogPosition(6), LogPosition(5))
    assert not await places.move("nobody's", LogPosition(0), LogPosition(5))
    assert [await places.begin(name) for name in ("one", "other")] == [6, 4]


async def test_what_is_skipped_is_never_gone_back_to(places: PostgresPlaces) -> None:
    await places.begin("one")

    await places.skip("one", LogPosition(6))
    await places.skip("one", LogPosition(5))

    assert await places.begin("one") == 6


async def test_a_stretch_has_what_is_known_and_ends_where_it_was_read_to(places: PostgresPlaces, log: PostgresLog) -> None:
    first, _, third, _ = await log.read(LogPosition(0), 4)

    async def read(after: int, until: int, limit: int) -> Stretch:
        return await places.read(LogPosition(after), LogPosition(until), (ValueClaimed,), limit)

    assert await read(0, 4, 9) == Stretch([first, third], LogPosition(4))
    assert await read(0, 2, 9) == Stretch([first], LogPosition(2))
    assert await read(0, 4, 1) == Stretch([first], LogPosition(1))
    assert await read(1, 4, 1) == Stretch([third], LogPosition(3))
    assert await read(3, 4, 1) == Stretch([], LogPosition(4))
    assert await places.read(LogPosition(0), LogPosition(4), (), 9) == Stretch((), LogPosition(4))


async def test_what_cannot_be_read_stands_there_as_such(pool: "Pool", log: PostgresLog) -> None:
    places = PostgresPlaces(pool, Codec((ValueReleased,)))

    stretch = await places.read(LogPosition(0), LogPosition(4), (ValueClaimed,), 1)

    assert [recorded.event for recorded in stretch.events] == [
        Unreadable(stored_name="value-claimed", stored_schema=1, error="UnknownEvent")
    ]


async def test_how_a_reaction_stands(places: PostgresPlaces, log: PostgresLog) -> None:
    assert await places.standing("one", (ValueClaimed,)) is None
    await places.begin("one")
    await log.append([request(B, RELEASED, CLAIMED)])
    *_, released, claimed = await log.read(LogPosition(0), 9)

    await places.report("one", "waits: LogUnavailable")
    standing = await places.standing("one", (ValueClaimed,))

    assert standing is not None
    assert (standing.position, standing.awaited, standing.failure) == (4, claimed.recorded_at, "waits: LogUnavailable")
    assert standing.moved_at < released.recorded_at
    await places.move("one", LogPosition(4), claimed.position)
    await places.report("one", None)
    standing = await places.standing("one", (ValueClaimed,))
    assert standing is not None
    assert (standing.position, standing.awaited, standing.failure) == (6, None, None)
    assert standing.moved_at > claimed.recorded_at


@pytest.mark.parametrize("statement", ["update oneread.reactions set position = 0", "delete from oneread.reactions"])
async def test_the_application_changes_them_by_functions_alone(
    places: PostgresPlaces, pool: "Pool", statement: str
) -> None:
    await places.begin("one")

    async with pool.acquire() as connected:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connected.execute(statement)


async def test_of_processes_side_by_side_none_does_what_another_did(postgres_url: str) -> None:
    await migrate(postgres_url)
    reaction = using_a_unit()
    async with AsyncExitStack() as stack:
        processes = [await stack.enter_async_context(a_process(postgres_url)) for _ in range(3)]
        house = processes[0]
        await house.places.begin(reaction.name)
        await stack.enter_async_context(running(*(each.reactor(reaction) for each in processes)))

        await house.hang(*["hall"] * 30)
        await house.settled(reaction)

        assert len(await house.used()) == 30


async def test_who_is_killed_before_its_place_moved_has_not_done_it_twice(postgres_url: str) -> None:
    await migrate(postgres_url)
    reaction = using_a_unit()
    async with a_process(postgres_url) as house, a_process(postgres_url, NeverMoves) as mortal:
        await house.places.begin(reaction.name)
        await house.hang("hall", "kitchen")
        assert isinstance(mortal.places, NeverMoves)
        async with running(mortal.reactor(reaction)):
            await mortal.places.asked.wait()
        assert (await house.places.begin(reaction.name), len(await house.used())) == (0, 2)

        async with running(house.reactor(reaction)):
            await house.settled(reaction)

        assert len(await house.used()) == 2


async def test_a_delay_is_reckoned_from_when_the_log_has_it(postgres_url: str) -> None:
    """What happened long ago in the business, and came in now, waits from now on."""
    await migrate(postgres_url)
    reaction = using_a_unit(after=timedelta(hours=1))
    async with a_process(postgres_url) as house:
        await house.places.begin(reaction.name)
        await house.hang("hall")
        async with running(house.reactor(reaction)):
            await house.looked()
            assert await house.used() == []
            house.clock.ahead = timedelta(hours=1)
            await house.settled(reaction)

        assert len(await house.used()) == 1
