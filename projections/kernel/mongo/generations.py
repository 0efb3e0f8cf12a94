"""Generations on MongoDB: made, switched and dropped. The port `Generations`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeVar

from projections.kernel.errors import InUse
from projections.kernel.generations import Alias, Generation, Purpose, Standing
from projections.kernel.mongo.aliases import Aliases
from projections.kernel.mongo.client import Client, Session, awaited, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dropping import drop, seal
from projections.kernel.mongo.leases import end_left_open, noted
from projections.kernel.mongo.standings import standings
from projections.kernel.mongo.switching import Switch
from projections.kernel.mongo.transactions import transacted
from projections.kernel.projection import AnyProjection
from projections.kernel.seeding import born
from projections.kernel.steps import Steps, unwatched
from write_side.kernel.positions import LogPosition, Positions

T = TypeVar("T")

TRIES = 20
"""So often a transaction is tried: a projector that is busy with the same checkpoint gets in the way of some."""


class MongoGenerations:
    """The port `Generations` on MongoDB. `created_at` is when the log was made (UTC): documents are born with it."""

    def __init__(
        self,
        client: Client,
        collections: Collections,
        positions: Positions,
        created_at: datetime,
        steps: Steps = unwatched,
    ) -> None:
        self._client = client
        self._collections = collections
        self._positions = positions
        self._created_at = created_at
        self._steps = steps
        self._aliases = Aliases(collections, positions.log_id)

    async def alias(self, projection: AnyProjection) -> Alias | None:
        """See `Generations.alias`."""
        with translated():
            return await self._aliases.find(projection)

    async def standings(self, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
        """See `Generations.standings`."""
        return await standings(self._collections, projections, self._positions.log_id)

    async def prepare(self, projection: AnyProjection, head: LogPosition) -> None:
        """See `Generations.prepare`."""
        with translated():
            await self._collections.share()
            alias = await self._aliases.made(projection)
            if alias.log != self._positions.log_id:
                return
            if alias.serving is not None:
                # What may be watched together is not part of a version: it may have come to be since.
                await self._collections.index(Generation(projection, alias.serving))
                return
            number = await self._aliases.first(projection)
            if number is None:
                return  # somebody else was faster
            generation = await self._made(projection, number, Purpose.SERVING)
            if head == 0:
                await self._collections.index(generation)
                await self._aliases.serve_first(generation)

    async def begin(self, projection: AnyProjection, purpose: Purpose) -> Generation:
        """See `Generations.begin`."""
        with translated():
            if purpose is Purpose.SERVING:
                await self._spare_what_others_serve(projection)
                number = await self._aliases.building(projection)
            else:
                await self._end_switches(projection)
                number = await self._aliases.next_number(projection)
            return await self._made(projection, number, purpose)

    async def complete(self, generation: Generation) -> None:
        """See `Generations.complete`."""
        with translated():
            await self._collections.index(generation)

    async def switch(
        self, generation: Generation, owner: str, *, force: bool = False, same_as: Generation | None = None
    ) -> None:
        """See `Generations.switch`. Of one that is served already it does nothing."""
        projection = generation.projection
        with translated():
            seen = await self._aliases.made(projection)
            ours = seen.log == self._positions.log_id
            if ours and seen.serving == generation.number:
                return
            served = None if seen.serving is None or not ours else Generation(projection, seen.serving)
            if served is not None:
                await end_left_open(self._client, self._collections, served.id)
            switch = Switch(self._collections, self._aliases, generation, owner, seen, served, force, same_as, self._steps)
            involved = [each.id for each in (served, generation) if each is not None]
            await self._transaction(involved, switch.run)
        self._steps("switch: committed")

    async def drop(self, generation: Generation) -> None:
        """See `Generations.drop`."""
        with translated():
            await end_left_open(self._client, self._collections, generation.id)
            await self._transaction([generation.id], lambda session: self._seal(generation, session))
            await drop(self._collections, generation.id, self._steps)

    async def _seal(self, generation: Generation, session: Session) -> None:
        """Makes sure that nobody serves it, works on it, or ever will. Raises `InUse`."""
        await seal(self._collections, generation.id, session)
        alias = await self._aliases.find(generation.projection, session)
        if alias is not None and alias.serving == generation.number:
            raise InUse(f"{generation.id} is served")
        await self._aliases.forget(generation, session)

    async def _spare_what_others_serve(self, projection: AnyProjection) -> None:
        """Raises `InUse` where another log's read model is at work: then this is the wrong log, and not a restored one."""
        alias = await self._aliases.made(projection)
        if alias.log == self._positions.log_id or alias.serving is None:
            return
        served = Generation(projection, alias.serving).id
        if served in await self._collections.held():
            raise InUse(
                f"{served} is served from another log, and a projector works on it: check the database URLs; "
                "after a restore from backup stop the projectors of before"
            )

    async def _end_switches(self, projection: AnyProjection) -> None:
        """Ends what those have left open who were killed while they switched: it would hold the alias for a minute."""
        alias = await self._aliases.made(projection)
        for number in (alias.serving, alias.building, alias.former):
            if number is not None:
                await end_left_open(self._client, self._collections, Generation(projection, number).id)

    async def _made(self, projection: AnyProjection, number: int, purpose: Purpose) -> Generation:
        generation = Generation(projection, number)
        documents = born(projection, self._positions, self._created_at)
        await self._collections.make(generation, purpose, self._positions.log_id, documents)
        return generation

    async def _transaction(self, involved: Sequence[str], body: Callable[[Session], Awaitable[T]]) -> T:
        """What `body` does, in one transaction, to the generations `involved`."""
        async with await awaited(self._client.start_session()) as session, noted(self._collections, involved, session):
            return await transacted(session, lambda: body(session), TRIES)
