"""A cellar full of jars: a read model on real databases, and what works on it, as one process has them open."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from projections.kernel.claim import Claim
from projections.kernel.comparing import Comparing
from projections.kernel.errors import NotReady, StoreUnavailable
from projections.kernel.explaining import Explaining
from projections.kernel.generations import Checkpoint, Generation, Standing, State, serving
from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dead_letters import MongoDeadLetters
from projections.kernel.mongo.excerpts import MongoExcerpts
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection
from projections.kernel.projector import Pace, Projector
from projections.kernel.rebuilding import Builds, Rebuilding
from projections.kernel.steps import Steps, unwatched
from projections.kernel.tail import Tail
from projections.kernel.verifying import Verifying
from server.embedded import DatabaseUrls
from tests.projections.kernel.fragile import JarFilled, JarMade, OwnerRenamed, jars
from tests.system.children import PATIENCE
from write_side.kernel.codec import Codec
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.store import PostgresLog

CODEC = Codec([JarMade, JarFilled, OwnerRenamed])
PACE = Pace(lease=0.5, poll=0.1, pause=0.1, chunk=20)
"""Leases are short, since whoever takes over has to wait for their end; and a rename takes several transactions."""
LOOKED_FOR = 1.0
"""So long a server is looked for, in seconds: who waits for one that is down is to go on soon. The driver looks twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the jars are, and what is wrong with them: what a process has to know to open the cellar.

    `poison` are the jars and the positions of the events that cannot be folded into them, `spoilt` those that make of them
    what the database refuses.
    """

    urls: DatabaseUrls
    database: str
    pace: Pace = PACE
    poison: frozenset[tuple[str, int]] = frozenset()
    spoilt: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Cellar:
    """The databases, open. All of it is one owner's, whose name begins with its process's number.

    `steps` is told of each step.
    """

    pace: Pace
    steps: Steps
    owner: str
    projection: AnyProjection
    log: PostgresLog
    collections: Collections
    store: MongoProjectionStore
    generations: MongoGenerations
    letters: MongoDeadLetters
    excerpts: MongoExcerpts

    def projector(self, moved: Callable[[Claim], None] | None = None) -> Projector:
        """A projector; `moved` is told how far it has come."""
        return Projector(
            self.projection,
            self.log,
            Tail(self.log),
            self.store,
            self.generations,
            self.owner,
            now,
            pace=self.pace,
            moved=moved,
            steps=self.steps,
        )

    @property
    def comparing(self) -> Comparing:
        """What compares generations."""
        return Comparing(self.excerpts, self.log)

    def builds(self) -> Builds:
        """A run that builds generations."""
        return Builds(self.log, self.store, now, self.pace.lease, self.pace.batch, self.steps)

    def rebuilding(self) -> Rebuilding:
        """A rebuild."""
        return Rebuilding(self.generations, self.builds(), self.comparing)

    def verifying(self) -> Verifying:
        """What verifies."""
        explaining = Explaining(self.log, self.log.created_at)
        return Verifying(self.generations, self.builds(), self.comparing, explaining, self.log.positions.log_id)

    async def served(self) -> Generation:
        """The generation that is served. Raises `NotReady`."""
        return serving(self.projection, await self.generations.alias(self.projection), self.log.positions.log_id)

    async def standings(self) -> dict[State, Standing]:
        """How the generations stand; of those that are left over, the youngest."""
        return {each.state: each for each in await self.generations.standings([self.projection])}

    async def checkpoint(self) -> Checkpoint:
        """Where the generation that is served stands."""
        return (await self.standings())[State.SERVED].checkpoint

    async def at_work(self) -> int | None:
        """The number of the process that works on what is served, None if nobody does."""
        owner = (await self.standings())[State.SERVED].owner
        return None if owner is None else int(owner.partition("-")[0])

    async def projected(self) -> None:
        """Waits until others have projected everything."""
        head = await self.log.head()
        async with asyncio.timeout(PATIENCE):
            while (await self.checkpoint()).position < head:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.02)

    async def freed(self) -> None:
        """Waits until nobody works on any generation: those who were killed hold their leases for a while."""
        async with asyncio.timeout(PATIENCE):
            while any(each.owner for each in await self.generations.standings([self.projection])):  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def catch_up(self) -> None:
        """Projects until everything is projected, and everything is seen to that somebody has asked for."""
        head = await self.log.head()
        projecting = asyncio.create_task(self.projector().run())
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    with suppress(NotReady, StoreUnavailable):
                        generation = await self.served()
                        if (await self.checkpoint()).position == head and not await self.store.asked(generation):
                            return
                    await asyncio.sleep(0.02)
        finally:
            projecting.cancel()
            await asyncio.wait([projecting])


@asynccontextmanager
async def opened(place: Place, steps: Steps = unwatched) -> AsyncIterator[Cellar]:
    """The cellar, for one process or for a part of one that stands for a process."""
    pool = await open_pool(place.urls.postgres, 2)
    client = open_client(place.urls.mongo, patience=LOOKED_FOR)
    try:
        log = await PostgresLog.open(pool, CODEC)
        collections = Collections(open_database(client, place.database))
        yield Cellar(
            place.pace,
            steps,
            f"{os.getpid()}-{secrets.token_hex(4)}",
            jars(place.poison, place.spoilt),
            log,
            collections,
            MongoProjectionStore(client, collections, place.pace.lease, steps),
            MongoGenerations(client, collections, log.positions, log.created_at, steps),
            MongoDeadLetters(collections),
            MongoExcerpts(client, collections),
        )
    finally:
        await close(client)
        await asyncio.shield(pool.close())


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)
