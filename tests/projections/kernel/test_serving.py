"""What a process knows of what is served: generations, where they stand, and what of them is parked."""

import asyncio
from uuid import UUID

import pytest

from projections.kernel.checkpoints import Checkpoints, Place
from projections.kernel.errors import NotReady
from projections.kernel.generations import Alias, Generation
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import POSITIONS
from projections.kernel.serving import Serving
from tests.projections.kernel.library import BOOKS, SHELVES
from tests.projections.kernel.live import KEYS_OF_BOOKS
from write_side.kernel.positions import LogId, LogPosition

FIRST, SECOND = Generation(BOOKS, 1), Generation(BOOKS, 2)
A, B = KEYS_OF_BOOKS[:2]
LOG = POSITIONS.log_id


def place(position: int, mended: int | None = None, repairs: int = 0) -> Place:
    return Place(LogPosition(position), None if mended is None else LogPosition(mended), repairs)


class Process:
    """One that serves books and shelves, and notes what is switched."""

    def __init__(self) -> None:
        self.serving = Serving([BOOKS, SHELVES], LOG)
        self.checkpoints = Checkpoints(self.serving)
        self.switched: list[AnyProjection] = []
        self.serving.on_switch(self.switched.append)

    def serve(self, generation: Generation, at: Place, parked: dict[Key, LogPosition] | None = None) -> None:
        self.checkpoints.stands(generation, at)
        self.serving.take(generation.projection, Alias(LOG, generation.number), parked or {})


@pytest.fixture
def process() -> Process:
    made = Process()
    made.serve(FIRST, place(3), {A: LogPosition(2)})
    made.switched.clear()
    return made


@pytest.mark.parametrize(
    ("alias", "told"),
    [
        (None, "not built yet"),
        (Alias(LOG, None, building=1), "not built yet"),
        (Alias(LogId(UUID(int=5)), 1), "oneread rebuild books"),
    ],
)
async def test_what_is_not_served_is_not_ready_and_says_what_to_do(
    process: Process, alias: Alias | None, told: str
) -> None:
    waiting = asyncio.create_task(process.checkpoints.reached(BOOKS, LogPosition(4), 30))
    await asyncio.sleep(0)
    process.serving.take(BOOKS, alias, {})

    for asked in (process.serving.generation, process.serving.parked, process.checkpoints.checkpoint):
        with pytest.raises(NotReady, match=told):
            asked(BOOKS)
    with pytest.raises(NotReady, match=told):
        await asyncio.wait_for(waiting, 10)
    assert process.checkpoints.known(BOOKS) is None
    assert (process.serving.generations, process.switched) == ((), [BOOKS])


async def test_who_waits_for_a_position_is_woken_by_a_switch(process: Process) -> None:
    waiting = asyncio.create_task(process.checkpoints.reached(BOOKS, LogPosition(5), 30))
    await asyncio.sleep(0)

    process.serve(SECOND, place(5), {B: LogPosition(4)})

    assert await waiting
    assert (process.serving.generation(BOOKS), process.serving.parked(BOOKS)) == (SECOND, {B: 4})
    assert (process.serving.generations, process.switched) == ((SECOND,), [BOOKS])


async def test_who_waits_in_vain_is_told_so(process: Process) -> None:
    assert not await process.checkpoints.reached(BOOKS, LogPosition(4), 0.0)
    assert await process.checkpoints.reached(BOOKS, LogPosition(3), 0.0)


def test_the_same_again_is_no_switch(process: Process) -> None:
    process.serving.take(BOOKS, Alias(LOG, 1, building=2), {})

    assert process.switched == []
    assert process.serving.parked(BOOKS) == {A: 2}


def test_a_place_never_goes_back(process: Process) -> None:
    process.checkpoints.stands(FIRST, place(7, mended=6, repairs=2))
    process.checkpoints.stands(FIRST, place(5, repairs=1))
    process.checkpoints.heard(FIRST, LogPosition(4))

    assert process.checkpoints.place(BOOKS) == place(7, mended=6, repairs=2)
    assert process.checkpoints.mended(BOOKS) == 6


def test_of_what_is_not_served_nothing_is_kept(process: Process) -> None:
    process.checkpoints.heard(SECOND, LogPosition(9))
    process.serving.heard(SECOND, A, LogPosition(9))
    process.serve(SECOND, place(5))
    process.checkpoints.heard(FIRST, LogPosition(9))
    process.serving.heard(FIRST, A, LogPosition(9))
    process.serving.park(FIRST, {A: LogPosition(9)})

    assert (process.checkpoints.known(BOOKS), process.serving.parked(BOOKS)) == (5, {})


def test_what_is_parked_comes_and_goes(process: Process) -> None:
    process.serving.heard(FIRST, B, LogPosition(3))
    both = dict(process.serving.parked(BOOKS))
    process.serving.heard(FIRST, A, None)
    process.serving.heard(FIRST, A, None)
    one = dict(process.serving.parked(BOOKS))
    process.serving.park(FIRST, {A: LogPosition(1)})

    assert (both, one, process.serving.parked(BOOKS)) == ({A: 2, B: 3}, {B: 3}, {A: 1})
