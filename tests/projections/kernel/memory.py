"""The projector's ports over lists and dictionaries, which fail where they are told to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from projections.kernel.conditions import Condition, holds
from projections.kernel.dead_letters import DeadLetter, kept
from projections.kernel.errors import DocumentRefused, Fenced, NotCaughtUp, StoreUnavailable
from projections.kernel.generations import Alias, Checkpoint, Generation, Purpose, Standing
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import Stored
from projections.kernel.storing import Claimed, Work
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.positions import LogPosition, Positions
from write_side.kernel.signals import Signal

BEGINNING = Checkpoint(LogPosition(0), None)


def now() -> datetime:
    """Always the same time."""
    return datetime(2026, 3, 1, tzinfo=UTC)


class MemoryLog:
    """A log reader over a list."""

    positions: Positions = POSITIONS

    def __init__(self, events: Sequence[Recorded]) -> None:
        self.events = events
        self.appended = Signal()

    async def head(self) -> LogPosition:
        return LogPosition(len(self.events))

    async def read(self, after: LogPosition, limit: int) -> Sequence[Recorded]:
        return self.events[after : after + limit]

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        raise AssertionError("a projector does not ask for it")


@dataclass
class MemoryStore:
    """A projection store of one generation. Crashes before or after the commits whose numbers it is given.

    `refuses` says of a document why it may not be stored, or None.
    """

    crash_before: frozenset[int] = frozenset()
    crash_after: frozenset[int] = frozenset()
    refuses: Callable[[Stored], str | None] = lambda _: None
    checkpoint: Checkpoint = BEGINNING
    documents: dict[Key, Stored] = field(default_factory=dict)
    letters: dict[Key, DeadLetter] = field(default_factory=dict)
    owner: str | None = None
    failure: str | None = None
    taken: bool = False
    commits: int = 0
    loaded: list[Key] = field(default_factory=list)

    async def claim(self, generation: Generation, owner: str, positions: Positions) -> Claimed | None:
        if self.taken:
            return None
        self.owner = owner
        return Claimed(self.checkpoint, dict(self.letters))

    async def renew(self, generation: Generation, owner: str, failure: str | None = None) -> bool:
        return self.owner == owner

    async def release(self, generation: Generation, owner: str, failure: str | None = None) -> None:
        if self.owner == owner:
            self.owner, self.failure = None, failure

    async def load(self, generation: Generation, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        self.loaded.extend(keys)
        return {key: self.documents[key] for key in keys if key in self.documents}

    async def matching(
        self, generation: Generation, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        keys = sorted(key for key, stored in self.documents.items() if holds(condition, stored) and key > (after or ""))
        return [self.documents[key] for key in keys[:limit]]

    async def commit(self, generation: Generation, owner: str, work: Work) -> None:
        self.commits += 1
        if self.commits in self.crash_before:
            raise StoreUnavailable("crashed before")
        if await self.refused(generation, work.documents):
            raise DocumentRefused(generation.id, None)
        if (self.owner, self.checkpoint) != (owner, work.before):
            raise Fenced("taken over")
        self.documents |= {Key(stored["_id"]): stored for stored in work.documents}
        self.letters |= {letter.key: kept(letter, self.letters.get(letter.key)) for letter in work.parked}
        for key in work.repaired:
            self.letters.pop(key, None)
        self.checkpoint = work.after
        if self.commits in self.crash_after:
            raise StoreUnavailable("crashed after")

    async def refused(self, generation: Generation, documents: Sequence[Stored]) -> Mapping[int, str]:
        reasons = {place: self.refuses(stored) for place, stored in enumerate(documents)}
        return {place: reason for place, reason in reasons.items() if reason is not None}

    async def asked(self, generation: Generation) -> Sequence[DeadLetter]:
        return [letter for letter in self.letters.values() if letter.asked is not None]


@dataclass
class MemoryGenerations:
    """The generations of one version, the first of which is served, unless told otherwise. `store` holds the checkpoint."""

    store: MemoryStore
    known: Alias | None = field(default_factory=lambda: Alias(POSITIONS.log_id, 1))
    behind: int = 0
    """So often a switch finds the generation not caught up."""
    completed: list[Generation] = field(default_factory=list)

    async def alias(self, projection: AnyProjection) -> Alias | None:
        return self.known

    async def standings(self, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
        raise AssertionError("a projector does not ask for it")

    async def prepare(self, projection: AnyProjection, head: LogPosition) -> None:
        self.known = Alias(POSITIONS.log_id, 1 if head == 0 else None, None if head == 0 else 1)

    async def begin(self, projection: AnyProjection, purpose: Purpose) -> Generation:
        assert self.known is not None
        assert self.known.building is not None
        return Generation(projection, self.known.building)

    async def complete(self, generation: Generation) -> None:
        self.completed.append(generation)

    async def switch(
        self, generation: Generation, owner: str, *, force: bool = False, same_as: Generation | None = None
    ) -> None:
        if self.behind:
            self.behind -= 1
            raise NotCaughtUp(generation.id, 0, 1)
        assert self.store.owner == owner
        self.known = Alias(POSITIONS.log_id, generation.number)

    async def drop(self, generation: Generation) -> None:
        raise AssertionError("a projector does not drop")
