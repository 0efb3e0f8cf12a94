"""The states that decisions read: folded streams, kept in memory up to a bound, ahead of the log by what is queued.

A decision moves the states on when it is queued, before its commit, so that the next one on the same stream need not wait
for it. That is safe because an append names the version and the last event id of every stream that it was decided on.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from write_side.kernel.append import EMPTY, EventLog, Head, NewEvent
from write_side.kernel.events import StreamName
from write_side.kernel.streams import Stream

S = TypeVar("S")
BOUND = 20_000


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream's state and the head that it reflects."""

    head: Head
    state: Any


class States:
    """The cache of stream states. Loading a stream that several wait for happens once."""

    def __init__(self, log: EventLog, bound: int = BOUND) -> None:
        self._log = log
        self._bound = bound
        self._states: OrderedDict[StreamName, StreamState] = OrderedDict()
        self._loading: dict[StreamName, asyncio.Future[None]] = {}

    def get(self, name: StreamName) -> StreamState | None:
        """The stream's state, if it is here."""
        found = self._states.get(name)
        if found is not None:
            self._states.move_to_end(name)
        return found

    async def load(self, streams: Sequence[Stream[Any]]) -> None:
        """Brings streams here: one statement for all that nobody is loading yet. Raises `LogUnavailable`."""
        own = [stream for stream in streams if stream.name not in self._loading]
        others = [self._loading[stream.name] for stream in streams if stream.name in self._loading]
        if own:
            await self._load(own)
        if others:
            await asyncio.wait(others)

    def advance(self, streams: Iterable[Stream[Any]], events: Sequence[NewEvent]) -> None:
        """Moves the states on by events that have just been decided."""
        kinds = {stream.name: stream.kind for stream in streams}
        moved: dict[StreamName, StreamState] = {}
        for new in events:
            before = moved.get(new.stream) or self._states[new.stream]
            state = kinds[new.stream].evolve(before.state, new.event)
            moved[new.stream] = StreamState(Head(new.version, new.event_id), state)
        self._states.update(moved)

    def drop(self, names: Iterable[StreamName]) -> None:
        """Forgets streams whose states turned out to be outdated, or never came to be."""
        for name in names:
            self._states.pop(name, None)

    async def _load(self, streams: Sequence[Stream[Any]]) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._loading.update({stream.name: done for stream in streams})
        try:
            loaded = await self._log.load([stream.name for stream in streams])
            for stream in streams:
                events = loaded.get(stream.name, ())
                head = Head(events[-1].version, events[-1].event_id) if events else EMPTY
                state = stream.kind.fold(recorded.event for recorded in events)
                self._states.setdefault(stream.name, StreamState(head, state))
        finally:
            for stream in streams:
                self._loading.pop(stream.name, None)
            done.set_result(None)
        while len(self._states) > self._bound:
            self._states.popitem(last=False)


class View:
    """The states that one decision may read: those of the streams that its command named."""

    def __init__(self, states: States) -> None:
        self._states = states
        self.named: dict[StreamName, Stream[Any]] = {}

    def add(self, streams: Iterable[Stream[Any]]) -> bool:
        """Names more streams. Whether any of them is new."""
        before = len(self.named)
        for stream in streams:
            self.named.setdefault(stream.name, stream)
        return len(self.named) > before

    def missing(self) -> list[Stream[Any]]:
        """The named streams whose states are not here."""
        return [stream for name, stream in self.named.items() if self._states.get(name) is None]

    def heads(self) -> dict[StreamName, Head]:
        """The heads of all named streams."""
        return {name: self._of(name).head for name in self.named}

    def __getitem__(self, stream: Stream[S]) -> S:
        """The state of a named stream."""
        if stream.name not in self.named:
            raise KeyError(f"the command reads {stream.name} and does not name it")
        state: S = self._of(stream.name).state
        return state

    def get(self, stream: Stream[S]) -> S | None:
        """The state of a stream that was named and is here, else None."""
        return self[stream] if stream.name in self.named and self._states.get(stream.name) is not None else None

    def _of(self, name: StreamName) -> StreamState:
        found = self._states.get(name)
        if found is None:
            raise KeyError(name)
        return found
