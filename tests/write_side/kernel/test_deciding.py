"""What decisions read: all of it is here at once, however many there are."""

import asyncio
from datetime import UTC, datetime

from tests.write_side.kernel.lamps import HangLamp, LampId, MeterId, SwitchLamp
from tests.write_side.kernel.memory_log import MemoryLog
from write_side.kernel.commands import Command
from write_side.kernel.deciding import Issue, decide, view_of
from write_side.kernel.events import Metadata
from write_side.kernel.ids import new_command_id
from write_side.kernel.snapshots import Snapshots
from write_side.kernel.states import States

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
LAMPS = [LampId(f"lmp_{number:032x}") for number in range(20)]


def issue(command: Command) -> Issue:
    by = new_command_id()
    return Issue(command, by, b"", Metadata(by, "c", by, "test"), AT, is_known=False, is_fresh=False, deadline=0)


async def test_more_that_is_read_in_rounds_than_there_is_room_for_is_decided_on_all_the_same() -> None:
    """Each lamp names its meter. If the lamp had to go for the meter, there would be no end to it."""
    log = MemoryLog()
    for lamp in LAMPS:
        states = States(log, Snapshots(log))
        hang = issue(HangLamp(id=lamp, room="hall", meter_id=MeterId(f"mtr_{lamp[4:]}")))
        await log.append([decide(hang, await view_of(hang, states), states).request])
    states = States(log, Snapshots(log), bound=2)

    async def decided(lamp: LampId) -> bool:
        switch = issue(SwitchLamp(lamp_id=lamp, on=True))
        return decide(switch, await view_of(switch, states), states).refusal is None

    async with asyncio.timeout(10):
        assert all(await asyncio.gather(*map(decided, LAMPS)))
