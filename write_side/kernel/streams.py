"""Streams: the units of consistency, each of a kind that says how its events fold to the state that decisions read.

def evolve(order: Order | None, event: OrderEvent) -> Order | None: ...   # total, ends in assert_never

ORDER = StreamKind("order", OrderId, OrderEvent, initial=None, evolve=evolve)
stream = ORDER.of(order_id)                                               # Stream[Order | None]
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, get_args

from write_side.kernel.events import Event, StreamName
from write_side.kernel.ids import Id

S = TypeVar("S")


class StreamKind(Generic[S]):
    """A kind of stream. `events` is the union of what it may hold; `initial` the state of a stream without events."""

    def __init__(self, name: str, key: type[Id], events: Any, *, initial: S, evolve: Callable[[S, Any], S]) -> None:
        self.name = name
        self.key = key
        self.events: tuple[type[Event], ...] = get_args(events) or (events,)
        self.initial = initial
        self.evolve = evolve

    def of(self, key: Id) -> "Stream[S]":
        """The stream of this kind about `key`."""
        return Stream(self, key)

    def fold(self, events: Iterable[Event], state: S | None = None) -> S:
        """The state after `events`, from `state` on, or from the initial one."""
        folded = self.initial if state is None else state
        for event in events:
            folded = self.evolve(folded, event)
        return folded

    def __repr__(self) -> str:
        return f"StreamKind({self.name})"


@dataclass(frozen=True, slots=True)
class Stream(Generic[S]):
    """One stream, named by kind and key. `name` is what the log stores it as."""

    kind: StreamKind[S]
    key: Id
    name: StreamName = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Made once: a command on its way asks for it some ten times.
        object.__setattr__(self, "name", StreamName(f"{self.kind.name}-{self.key}"))


class Loaded(Protocol):
    """The states that a decision may read, by stream."""

    def __getitem__(self, stream: Stream[S]) -> S:
        """The stream's state. `KeyError` when the command did not name the stream."""
        ...

    def get(self, stream: Stream[S]) -> S | None:
        """The stream's state, or None as long as it has not been loaded: for naming streams in rounds."""
        ...
