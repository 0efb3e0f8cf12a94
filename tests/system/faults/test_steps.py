"""A process is killed right after any step of its work. Whoever comes next finds everything as it has to be."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import get_args

import pytest

from projections.kernel.dead_letters import Remedy
from projections.kernel.projection import Key
from projections.kernel.steps import Step
from tests.projections.kernel.fragile import jar
from tests.system.children import PATIENCE
from tests.system.faults import works
from tests.system.faults.cellar import Place, opened
from tests.system.faults.history import BATCHES, assert_whole
from tests.system.faults.processes import Fate, Work, at_work
from tests.system.faults.starting import A_PLACE, PROJECTING, begun, in_its_midst, projected
from write_side.kernel.positions import LogPosition

PARKING: tuple[Step, ...] = ("parking: refused", "parking: letter written", "parking: committed")
DRAINING: tuple[Step, ...] = ("drain: stopping", "drain: released")
REPAIRING: tuple[Step, ...] = ("repair: replayed", "repair: written", "repair: committed")
BUILDING: tuple[Step, ...] = ("build: begun", "build: batch committed", "build: completed", "build: compared")
SWITCHING: tuple[Step, ...] = ("switch: fenced", "switch: alias written", "switch: committed")
PRUNING: tuple[Step, ...] = (
    "prune: collection dropped",
    "prune: letters dropped",
    "prune: lease dropped",
    "prune: checkpoint dropped",
)

CRACKED, SPOILT = Key(jar(3)), Key(jar(5))
PARKED = {CRACKED: LogPosition(34), SPOILT: LogPosition(66)}
"""Jars, and the first events that could not be filled into them."""


async def killed(work: Work, place: Place, step: Step, time: int = 1) -> None:
    """Has a process work until it dies."""
    with at_work(work, place, Fate(step, time)) as child:
        assert await child.ended() == -signal.SIGKILL


async def with_batches(case: Callable[[Place], Coroutine[None, None, None]], a_place: A_PLACE) -> None:
    """The same with batches of every size, side by side: much of it is waiting for leases to end."""
    async with asyncio.TaskGroup() as cases:
        for batch in BATCHES:
            cases.create_task(case(a_place(batch)))


def test_every_step_is_one_at_which_a_process_is_killed() -> None:
    tested = (*PROJECTING, *PARKING, *DRAINING, *REPAIRING, *BUILDING, *SWITCHING, *PRUNING)

    assert sorted(tested) == sorted(get_args(Step))


@pytest.mark.parametrize("step", PROJECTING)
async def test_in_a_batch(step: Step, a_place: A_PLACE) -> None:
    async def case(place: Place) -> None:
        await begun(place)

        await killed(works.project, place, step, in_its_midst(step, place.pace.batch))

        async with opened(place) as cellar:
            await cellar.catch_up()
            await assert_whole(cellar)

    await with_batches(case, a_place)


@pytest.mark.parametrize("step", PARKING)
async def test_while_documents_are_parked(step: Step, a_place: A_PLACE) -> None:
    """There is one letter for each, and the document is as it was before the first event that it lacks."""

    async def case(place: Place) -> None:
        place = replace(place, poison=frozenset({(CRACKED, PARKED[CRACKED])}), spoilt=frozenset({(SPOILT, PARKED[SPOILT])}))
        await begun(place)

        await killed(works.project, place, step)

        async with opened(place) as cellar:
            await cellar.catch_up()
            await assert_whole(cellar, PARKED)

    await with_batches(case, a_place)


@pytest.mark.parametrize("step", DRAINING)
async def test_while_it_stops(step: Step, a_place: A_PLACE) -> None:
    async def case(place: Place) -> None:
        await begun(place)

        await killed(works.drain, place, step)

        async with opened(place) as cellar:
            await cellar.catch_up()
            await assert_whole(cellar)

    await with_batches(case, a_place)


@pytest.mark.parametrize("step", REPAIRING)
async def test_in_a_repair(step: Step, a_place: A_PLACE) -> None:
    mended = a_place(100)
    await projected(replace(mended, poison=frozenset({(CRACKED, PARKED[CRACKED])})))
    async with opened(mended) as cellar:
        [(generation, letter)] = await cellar.letters.find([cellar.projection], CRACKED)
        assert await cellar.letters.ask(generation, letter, Remedy.RETRY)

        await killed(works.project, mended, step)

        await cellar.catch_up()
        await assert_whole(cellar)


@pytest.mark.parametrize("step", [*BUILDING, *SWITCHING])
async def test_in_a_rebuild(step: Step, a_place: A_PLACE) -> None:
    """What was served is served until another generation is, whole."""

    async def case(place: Place) -> None:
        await projected(place)

        await killed(works.rebuild, place, step)

        async with opened(place) as cellar:
            await assert_whole(cellar)
            await cellar.freed()
            async with asyncio.timeout(PATIENCE):
                await works.rebuild(cellar)
            await assert_whole(cellar)
            await works.verify(cellar)

    await with_batches(case, a_place)


@pytest.mark.parametrize("step", ["build: begun", "build: batch committed", "switch: fenced", "switch: committed"])
async def test_before_there_is_anything_to_serve(step: Step, a_place: A_PLACE) -> None:
    """A version that is new is built by its projector first."""
    place = a_place(100)
    async with opened(place) as cellar:
        await cellar.generations.prepare(cellar.projection, await cellar.log.head())

        await killed(works.project, place, step)

        await cellar.catch_up()
        await assert_whole(cellar)


@pytest.mark.parametrize("step", PRUNING)
async def test_while_what_nobody_needs_is_dropped(step: Step, a_place: A_PLACE) -> None:
    place = a_place(100)
    await projected(place)
    async with opened(place) as cellar:
        await works.rebuild(cellar)

        await killed(works.prune, place, step)

        await works.prune(cellar)
        await assert_whole(cellar)
        generation = await cellar.served()
        assert await cellar.generations.standings([cellar.projection]) == [*(await cellar.standings()).values()]
        collections = await cellar.collections.database.list_collection_names()
        assert sorted(collections) == sorted([generation.id, "aliases", "checkpoints", "dead_letters", "leases"])


async def test_a_generation_that_was_made_to_verify_is_dropped_by_the_next_run(a_place: A_PLACE) -> None:
    place = a_place(100)
    await projected(place)

    await killed(works.verify, place, "build: batch committed")

    async with opened(place) as cellar:
        await cellar.freed()
        await works.verify(cellar)
        standings = await cellar.generations.standings([cellar.projection])
        assert [each.generation for each in standings] == [await cellar.served()]
