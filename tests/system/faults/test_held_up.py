"""A process is held up, longer than its lease: another has taken over and gone on when it wakes. It does no harm then."""

import asyncio
import signal

import pytest

from projections.kernel.generations import State
from projections.kernel.steps import Step
from tests.system.faults import works
from tests.system.faults.cellar import opened
from tests.system.faults.history import assert_whole
from tests.system.faults.processes import Fate, at_work
from tests.system.faults.starting import A_PLACE, PROJECTING, begun, in_its_midst, projected

UNFINISHED: tuple[Step, ...] = ("build: begun", "build: batch committed", "switch: fenced", "switch: alias written")
BUILT: tuple[Step, ...] = ("build: completed", "build: compared", "switch: committed")
"""Where nothing is left to be done once another has built the generation, and has it served."""


async def test_a_projector(a_place: A_PLACE) -> None:
    """What it was about to commit is refused, and nothing is written at all."""

    async def case(step: Step) -> None:
        place = a_place(100)
        await begun(place)
        with at_work(works.insist, place, Fate(step, in_its_midst(step, 100), signal.SIGSTOP)) as slow:
            await slow.held_up()
            async with opened(place) as cellar:
                await cellar.catch_up()
                before = await cellar.collections.checkpoints.find().to_list(None)

                slow.signal(signal.SIGCONT)

                assert await slow.ended() == works.FENCED, step
                assert await cellar.collections.checkpoints.find().to_list(None) == before
                await assert_whole(cellar)

    async with asyncio.TaskGroup() as cases:
        for step in PROJECTING:
            cases.create_task(case(step))


@pytest.mark.parametrize("steps", [UNFINISHED, BUILT])
async def test_a_rebuild(a_place: A_PLACE, steps: tuple[Step, ...]) -> None:
    """Another run goes on with what it has begun, and what that one serves is served."""

    async def case(step: Step) -> None:
        place = a_place(100)
        await projected(place)
        with at_work(works.rebuild, place, Fate(step, what=signal.SIGSTOP)) as slow:
            await slow.held_up()
            async with opened(place) as cellar:
                await assert_whole(cellar)
                await cellar.freed()
                await works.rebuild(cellar)
                served = await cellar.served()

                slow.signal(signal.SIGCONT)

                assert await slow.ended() == (works.FENCED if steps is UNFINISHED else 0), step
                assert await cellar.served() == served
                assert State.BUILDING not in await cellar.standings()
                await assert_whole(cellar)

    async with asyncio.TaskGroup() as cases:
        for step in steps:
            cases.create_task(case(step))
