"""Leases are kept while somebody works, whatever becomes of a single try."""

import asyncio
import gc
from typing import Any

import pytest

from projections.kernel.claiming import claim
from projections.kernel.errors import StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.leases import Keeping
from projections.read_models.orders import ORDERS
from tests.projections.kernel.memory import MemoryLog, MemoryStore, now


class Failing(MemoryStore):
    """Its leases cannot be renewed: it says so once it is to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.answers = asyncio.Event()

    async def renew(self, generation: Generation, owner: str, failure: str | None = None) -> bool:
        self.begun.set()
        await self.answers.wait()
        self.begun.clear()
        raise StoreUnavailable("MongoDB does not answer")


@pytest.fixture
async def complaints() -> list[dict[str, Any]]:
    """What the loop is left with."""
    made: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: made.append(context))
    return made


async def keeping(store: Failing) -> "tuple[Keeping, asyncio.Task[None]]":
    """The lease on the orders being kept."""
    claimed = await claim(Generation(ORDERS, 1), store, MemoryLog([]), "me", now)
    assert claimed is not None
    kept = Keeping(store, [claimed], every=0)
    return kept, asyncio.create_task(kept.run())


async def test_what_fails_is_tried_again_and_no_lease_is_lost_by_it(complaints: list[dict[str, Any]]) -> None:
    store = Failing()
    kept, running = await keeping(store)
    store.answers.set()

    for _ in range(3):
        await store.begun.wait()
        await asyncio.sleep(0)

    assert not kept.lost
    running.cancel()
    await asyncio.wait([running])
    assert running.cancelled()
    assert complaints == []


async def test_who_stops_meanwhile_leaves_nothing_behind(complaints: list[dict[str, Any]]) -> None:
    store = Failing()
    _, running = await keeping(store)
    await store.begun.wait()

    running.cancel()
    await asyncio.wait([running])
    store.answers.set()
    while store.begun.is_set():  # noqa: ASYNC110 (it is at its end by then)
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    gc.collect()

    assert complaints == []
