"""The ports as a test wants them: they answer what they were told, and note what they were asked."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from strawberry.types.execution import ExecutionResult

from projections.kernel.changes import Change, Watched
from projections.kernel.errors import NotReady
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from projections.kernel.status import GenerationStatus, Status
from schema.execution import OnereadSchema
from schema.ports import RequestContext, Services
from write_side.kernel.commands import Command, bound_id
from write_side.kernel.events import StreamName
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogId, LogPosition, Position, Positions
from write_side.kernel.refusals import Refusal

HEAD = LogPosition(100)
POSITIONS = Positions(LogId(UUID(int=0xABC)))


def at(position: int) -> Position:
    """The token of a position."""
    return POSITIONS.token(LogPosition(position))


def _nothing() -> None:
    """Nothing happens meanwhile."""


@dataclass
class FakeDocuments:
    """Finds what is in `stored`; every page is `page`. Raises `error` when there is one.

    `meanwhile` happens while a page is read.
    """

    stored: dict[str, Stored] = field(default_factory=dict)
    page_of: Page = field(default_factory=lambda: Page([], [], False, None, LogPosition(9)))
    error: Exception | None = None
    calls: list[Any] = field(default_factory=list)
    meanwhile: Callable[[], None] = _nothing

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        self.calls.append((projection.name, key))
        if self.error is not None:
            raise self.error
        return self.stored.get(key)

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        self.calls.append((projection.name, request))
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return self.page_of


@dataclass
class FakeFreshness:
    """Has folded up to `known`, and gets to `soon` when it is waited for. `meanwhile` happens then."""

    known: int = 50
    soon: int = 100
    waits: list[tuple[str, int]] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)
    meanwhile: Callable[[], None] = _nothing

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        return LogPosition(self.known)

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        self.waits.append((projection.name, position))
        self.patience.append(seconds)
        self.meanwhile()
        return position <= self.soon

    def mended(self, projection: AnyProjection) -> LogPosition | None:
        return None


@dataclass
class FakeLog:
    """A log of `HEAD` events, in which every stream that is asked for has the versions of `versions`."""

    versions: dict[int, int] = field(default_factory=lambda: {1: 10, 2: 20, 3: 70})
    asked: list[Any] = field(default_factory=list)
    error: Exception | None = None

    @property
    def positions(self) -> Positions:
        return POSITIONS

    async def head(self) -> LogPosition:
        self.asked.append("head")
        if self.error is not None:
            raise self.error
        return HEAD

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        self.asked.append((stream, version))
        found = self.versions.get(version)
        return None if found is None else LogPosition(found)


@dataclass
class FakeCommands:
    """Accepts every command at `position`, unless it is told to refuse or to fail."""

    position: int = 60
    refusals: tuple[Refusal, ...] = ()
    error: Exception | None = None
    executed: list[tuple[Command, Caller]] = field(default_factory=list)

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        self.executed.append((command, caller))
        if self.error is not None:
            raise self.error
        command_id = bound_id(command) or CommandId("made")
        if self.refusals:
            return Refused(command_id, self.refusals)
        return Accepted(command_id, command.with_id().key, 4, LogPosition(self.position))


@dataclass
class FakeReplays:
    """Answers from `stored`. Raises `error` when there is one. `meanwhile` happens first."""

    stored: dict[str, Stored] = field(default_factory=dict)
    error: Exception | None = None
    calls: list[Any] = field(default_factory=list)
    meanwhile: Callable[[], None] = _nothing

    async def find(self, projection: AnyProjection, key: Key, to: LogPosition) -> Stored | None:
        self.calls.append((projection.name, key, to))
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return self.stored.get(key)


class FakeServed:
    """The first generation of everything is served, but of what is `unserved`. Documents are `parked`, by key.

    What is parked changes in the hands of who looks at it, as it may.
    """

    def __init__(self, parked: Mapping[Key, LogPosition] | None = None, unserved: tuple[str, ...] = ()) -> None:
        self.unserved = unserved
        self._parked: dict[str, dict[Key, LogPosition]] = {}
        for key, position in (parked or {}).items():
            self.park(key, position)

    def generation(self, projection: AnyProjection) -> Generation:
        if projection.name in self.unserved:
            raise NotReady(f"{projection.name} is not built yet")
        return Generation(projection, 1)

    def parked(self, projection: AnyProjection) -> Mapping[Key, LogPosition]:
        return self._parked.setdefault(projection.id_type.prefix, {})

    def park(self, key: str, position: int) -> None:
        """From now on a document lacks the event at a position, and what came after it."""
        self._parked.setdefault(key.partition("_")[0], {})[Key(key)] = LogPosition(position)

    def repair(self) -> None:
        """Nothing is parked any more."""
        for parked in self._parked.values():
            parked.clear()


@dataclass
class FakeStatuses:
    """Tells `generations`. Raises `error` when there is one."""

    generations: list[GenerationStatus] = field(default_factory=list)
    unserved: tuple[str, ...] = ()
    error: Exception | None = None
    looks: int = 0

    async def look(self) -> Status:
        self.looks += 1
        if self.error is not None:
            raise self.error
        return Status(datetime(2026, 1, 31, 12, tzinfo=UTC), HEAD, self.generations, self.unserved)


class FakeWatching:
    """Tells `changes`, then waits for more: `tell`, or `fail`. Ends when it is closed."""

    def __init__(self, changes: list[Change]) -> None:
        self._told: asyncio.Queue[Change | Exception | None] = asyncio.Queue()
        self.closed = False
        for change in changes:
            self.tell(change)

    def tell(self, change: Change) -> None:
        self._told.put_nowait(change)

    def fail(self, error: Exception) -> None:
        self._told.put_nowait(error)

    def close(self) -> None:
        self.closed = True
        self._told.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._told.get()
        if change is None:
            raise StopAsyncIteration
        if isinstance(change, Exception):
            raise change
        return change


def _is_set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class FakeChanges:
    """Everyone who watches is told `changes` first. Raises `error` when there is one.

    Who wants to watch waits while `opens` is not set; `asked` is set once somebody wants to.
    """

    changes: list[Change] = field(default_factory=list)
    error: Exception | None = None
    calls: list[tuple[Watched, LogPosition | None]] = field(default_factory=list)
    watching: list[FakeWatching] = field(default_factory=list)
    opens: asyncio.Event = field(default_factory=_is_set)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, watched: Watched, after: LogPosition | None) -> FakeWatching:
        self.calls.append((watched, after))
        self.asked.set()
        await self.opens.wait()
        if self.error is not None:
            raise self.error
        self.watching.append(FakeWatching(self.changes))
        return self.watching[-1]


@dataclass
class Api:
    """A schema on fakes."""

    schema: OnereadSchema
    documents: FakeDocuments = field(default_factory=FakeDocuments)
    freshness: FakeFreshness = field(default_factory=FakeFreshness)
    log: FakeLog = field(default_factory=FakeLog)
    commands: FakeCommands = field(default_factory=FakeCommands)
    replays: FakeReplays = field(default_factory=FakeReplays)
    changes: FakeChanges = field(default_factory=FakeChanges)
    served: FakeServed = field(default_factory=FakeServed)
    statuses: FakeStatuses = field(default_factory=FakeStatuses)

    @property
    def services(self) -> Services:
        return Services(
            self.commands,
            self.log,
            self.documents,
            self.freshness,
            self.replays,
            self.changes,
            self.served,
            self.statuses,
            patience=0.1,
        )

    def context(self, at_least: str | None = None, wait: str | None = None) -> RequestContext:
        return RequestContext(
            self.services, Caller("ann", "request-1"), "request-1", at_least, wait, None, [], {}, iter(())
        )

    async def run(
        self,
        operation: str,
        variables: dict[str, Any] | None = None,
        *,
        at_least: str | None = None,
        wait: str | None = None,
    ) -> ExecutionResult:
        """The result of an operation."""
        return await self.schema.execute(operation, variables, self.context(at_least, wait))

    async def data(self, operation: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
        """The data of an operation that must succeed."""
        result = await self.run(operation, variables, **more)
        assert not result.errors, result.errors
        return result.data

    async def fails(self, operation: str, variables: dict[str, Any] | None = None, **more: Any) -> tuple[str, str]:
        """The code and message of the only error of an operation."""
        result = await self.run(operation, variables, **more)
        assert result.errors is not None
        assert len(result.errors) == 1, result.errors
        error = result.errors[0]
        assert error.extensions is not None
        return error.extensions["code"], error.message
