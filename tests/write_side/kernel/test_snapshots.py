"""Snapshots on a real log: long streams load from them, and nothing rests on them."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.write_side.kernel.lamps import LAMP, METER, MeterId, UnitUsed
from write_side.kernel.append import EMPTY, Append, Appended, Head, NewEvent, Past, Snapshot, Wanted
from write_side.kernel.codec import Codec
from write_side.kernel.events import Metadata, StreamName
from write_side.kernel.ids import CommandId, new_event_id
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.migrate import migrate
from write_side.kernel.postgres.store import PostgresLog
from write_side.kernel.snapshots import EVERY, Form, Snapshots
from write_side.kernel.states import States

METER_7 = METER.of(MeterId("mtr_" + "7" * 32))
NAME = METER_7.name
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Watched(PostgresLog):
    """A log that remembers how many events it has loaded."""

    loaded = 0

    async def load(self, wanted: Mapping[StreamName, Wanted]) -> Mapping[StreamName, Past]:
        found = await super().load(wanted)
        self.loaded += sum(len(past.events) for past in found.values())
        return found


@pytest.fixture
async def log(postgres_url: str) -> AsyncIterator[Watched]:
    await migrate(postgres_url)
    pool = await open_pool(postgres_url)
    yield await Watched.open(pool, Codec([*LAMP.events, *METER.events]))
    await pool.close()


async def used(log: PostgresLog, units: int, head: Head = EMPTY) -> Head:
    """The head of the meter once it has counted so many units more."""
    events = [NewEvent(new_event_id(), NAME, head.version + n, UnitUsed()) for n in range(1, units + 1)]
    by = Metadata(CommandId(f"{head.version}"), "c", "c", "test")
    (result,) = await log.append([Append(NAME, {NAME: head}, tuple(events), b"", True, by, AT)])
    assert isinstance(result, Appended)
    return Head(events[-1].version, events[-1].event_id)


async def loaded(log: Watched) -> int:
    """How many units a process that comes anew takes the meter to have counted."""
    states = States(log, Snapshots(log))
    while (found := states.get(NAME)) is None:
        await states.load([METER_7])
    assert isinstance(found.state, int)
    return found.state


async def saved(log: PostgresLog) -> Snapshot:
    """The snapshot of the meter, once there is one."""
    async with asyncio.timeout(10):
        while (snapshot := (await log.load({NAME: Wanted(Form(METER).digest)}))[NAME].snapshot) is None:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
    return snapshot


async def test_a_long_stream_is_folded_once(log: Watched) -> None:
    await used(log, 3 * EVERY)
    assert await loaded(log) == 3 * EVERY
    await saved(log)
    log.loaded = 0

    assert await loaded(log) == 3 * EVERY
    assert log.loaded == 0


async def test_what_came_after_a_snapshot_is_folded_into_it(log: Watched) -> None:
    head = await used(log, EVERY)
    await loaded(log)
    await saved(log)
    await used(log, 3, head)
    log.loaded = 0

    assert await loaded(log) == EVERY + 3
    assert log.loaded == 3


async def test_what_other_code_has_saved_means_nothing(log: Watched) -> None:
    head = await used(log, 2)
    await log.save([Snapshot(NAME, "other code", head, "1000")])

    assert await loaded(log) == 2


async def test_a_snapshot_of_an_event_that_the_log_has_not_means_nothing(log: Watched) -> None:
    """As after a restore of the log alone from a backup."""
    await used(log, 2)
    await log.save([Snapshot(NAME, Form(METER).digest, Head(2, new_event_id()), "1000")])

    assert await loaded(log) == 2


async def test_a_snapshot_that_holds_no_state_means_nothing(log: Watched) -> None:
    """As when a library writes or reads the same shape in another way."""
    head = await used(log, 2)
    await log.save([Snapshot(NAME, Form(METER).digest, head, '"two"')])

    assert await loaded(log) == 2


async def test_an_older_snapshot_does_not_replace_a_later_one(log: Watched) -> None:
    head = await used(log, 2)
    earlier = Head(1, (await log.load({NAME: Wanted("")}))[NAME].events[0].event_id)

    await log.save([Snapshot(NAME, Form(METER).digest, head, "2")])
    await log.save([Snapshot(NAME, Form(METER).digest, earlier, "1")])

    assert (await saved(log)).head == head


AREA = """
from {package}.terms import MOST
from write_side.kernel.events import Event
from write_side.kernel.ids import Id
from write_side.kernel.streams import StreamKind
class ThingId(Id, prefix="thg"):
    pass
class Used(Event, name="{package}-used"):
    pass
def evolve(units: {state}, event: Used) -> {state}:
    return {after}
THING = StreamKind("thing", ThingId, Used, initial=0, evolve=evolve)
"""


def digest(folder: Path, package: str, *, state: str = "int", after: str = "units + 1", most: int = 9) -> str:
    """The digest of a package's only kind of stream. Its name does not count, what it does and what it takes do."""
    place = folder / package
    place.mkdir()
    (place / "__init__.py").touch()
    (place / "terms.py").write_text(f"MOST = {most}\n")
    (place / "area.py").write_text(AREA.format(package="PACKAGE", state=state, after=after).replace("PACKAGE", package))
    return Form(importlib.import_module(f"{package}.area").THING).digest


def test_a_digest_changes_with_the_code_that_makes_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[str] = set()
    for number, changed in enumerate([{}, {"after": "units + 2"}, {"state": "float"}, {"most": 10}]):
        folder = tmp_path / str(number)
        folder.mkdir()
        with monkeypatch.context() as context:
            context.syspath_prepend(folder)
            made.add(digest(folder, "thingshop", **changed))  # type: ignore[arg-type]
        for name in [name for name in sys.modules if name.startswith("thingshop")]:
            del sys.modules[name]
    assert len(made) == 4
