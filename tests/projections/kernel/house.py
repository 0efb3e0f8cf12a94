"""Generations of several projections in memory, each in a store of its own: what rebuilds and comparisons work on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import Fenced, HasDeadLetters, InUse, NotCaughtUp, NotReady
from projections.kernel.excerpts import Excerpt
from projections.kernel.generations import Alias, Generation, Purpose, Standing, State
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import Stored
from projections.kernel.storing import Claimed, Work
from tests.projections.kernel.memory import MemoryStore
from write_side.kernel.positions import LogId, LogPosition, Positions


@dataclass
class House:
    """The ports `Generations`, `ProjectionStore` and `Excerpts`. `done` is what was done to them."""

    log: LogId = POSITIONS.log_id
    stores: dict[Generation, MemoryStore] = field(default_factory=dict)
    aliases: dict[AnyProjection, Alias] = field(default_factory=dict)
    numbers: defaultdict[AnyProjection, int] = field(default_factory=lambda: defaultdict(int))
    done: list[str] = field(default_factory=list)
    verifying: set[Generation] = field(default_factory=set)
    behind: int = 0
    """So often a switch finds the generation not caught up."""

    def serve(self, projection: AnyProjection, store: MemoryStore) -> Generation:
        """What is served from now on."""
        generation = self._made(projection, store)
        self.aliases[projection] = Alias(self.log, generation.number)
        return generation

    def _made(self, projection: AnyProjection, store: MemoryStore) -> Generation:
        self.numbers[projection] += 1
        generation = Generation(projection, self.numbers[projection])
        self.stores[generation] = store
        return generation

    # ---- Generations

    async def alias(self, projection: AnyProjection) -> Alias | None:
        return self.aliases.get(projection)

    async def standings(self, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
        found = [(generation, store) for generation, store in self.stores.items() if generation.projection in projections]
        return [
            Standing(
                one,
                self._state(one),
                self.log,
                store.checkpoint,
                store.owner,
                moved_at=None,
                failure=store.failure,
                dead_letters=len(store.letters),
                purpose=Purpose.VERIFYING if one in self.verifying else Purpose.SERVING,
            )
            for one, store in found
        ]

    def _state(self, generation: Generation) -> State:
        alias = self.aliases[generation.projection]
        states = {alias.serving: State.SERVED, alias.building: State.BUILDING, alias.former: State.FORMER}
        return states.get(generation.number, State.LEFT)

    async def prepare(self, projection: AnyProjection, head: LogPosition) -> None:
        raise AssertionError("who operates does not prepare")

    async def begin(self, projection: AnyProjection, purpose: Purpose) -> Generation:
        alias = self.aliases.setdefault(projection, Alias(self.log, None))
        if purpose is Purpose.SERVING and alias.building is not None:
            return Generation(projection, alias.building)
        generation = self._made(projection, MemoryStore())
        if purpose is Purpose.SERVING:
            self.aliases[projection] = replace(alias, building=generation.number)
        else:
            self.verifying.add(generation)
        return generation

    async def complete(self, generation: Generation) -> None:
        self.done.append(f"completed {generation.number}")

    async def switch(
        self, generation: Generation, owner: str, *, force: bool = False, same_as: Generation | None = None
    ) -> None:
        store, alias = self.stores[generation], self.aliases[generation.projection]
        served = None if alias.serving is None else self.stores[Generation(generation.projection, alias.serving)]
        if self.behind:
            self.behind -= 1
            raise NotCaughtUp(generation.id, store.checkpoint.position, store.checkpoint.position + 1)
        if store.owner != owner:
            raise Fenced("taken over")
        if served is not None and store.checkpoint.position < served.checkpoint.position:
            raise NotCaughtUp(generation.id, store.checkpoint.position, served.checkpoint.position)
        if store.letters and not force:
            raise HasDeadLetters(generation.id, len(store.letters))
        letters = bool(store.letters or (served is not None and served.letters))
        mended = alias.serving is not None and (same_as is None or same_as.number != alias.serving or letters)
        self.aliases[generation.projection] = Alias(self.log, generation.number, former=alias.serving)
        self.done.append(f"switched to {generation.number}{', mended' if mended else ''}")

    async def drop(self, generation: Generation) -> None:
        if self._state(generation) is State.SERVED or self.stores[generation].owner is not None:
            raise InUse(f"{generation.id} is in use")
        del self.stores[generation]
        alias = self.aliases[generation.projection]
        if alias.building == generation.number:
            self.aliases[generation.projection] = replace(alias, building=None)
        self.done.append(f"dropped {generation.number}")

    # ---- ProjectionStore

    async def claim(self, generation: Generation, owner: str, positions: Positions) -> Claimed | None:
        return await self._store(generation).claim(generation, owner, positions)

    async def renew(self, generation: Generation, owner: str, failure: str | None = None) -> bool:
        return await self._store(generation).renew(generation, owner, failure)

    async def release(self, generation: Generation, owner: str, failure: str | None = None) -> None:
        await self._store(generation).release(generation, owner, failure)

    async def load(self, generation: Generation, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        return await self._store(generation).load(generation, keys)

    async def matching(
        self, generation: Generation, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        return await self._store(generation).matching(generation, condition, after, limit)

    async def commit(self, generation: Generation, owner: str, work: Work) -> None:
        await self._store(generation).commit(generation, owner, work)

    async def refused(self, generation: Generation, documents: Sequence[Stored]) -> Mapping[int, str]:
        return await self._store(generation).refused(generation, documents)

    async def asked(self, generation: Generation) -> Sequence[DeadLetter]:
        return await self._store(generation).asked(generation)

    def _store(self, generation: Generation) -> MemoryStore:
        if generation not in self.stores:
            raise NotReady(f"there is no {generation.id}")
        return self.stores[generation]

    # ---- Excerpts

    async def read(self, generations: Sequence[Generation], after: Key | None, limit: int) -> Sequence[Excerpt]:
        return [self._excerpt(self._store(generation), after or Key(""), limit) for generation in generations]

    def _excerpt(self, store: MemoryStore, after: Key, limit: int) -> Excerpt:
        keys = sorted(key for key in store.documents if key > after)[:limit]
        parked = {key for key in store.letters if key > after and (len(keys) < limit or key <= keys[-1])}
        return Excerpt(store.checkpoint, {key: store.documents[key] for key in keys}, parked)
