"""The states that decisions read: folded streams, kept in memory up to a bound, ahead of the log by what is queued.

A decision moves the states on when it is queued, before its commit, so that the next one on the same stream need not wait
for it. That is safe because an append names the version and the last event id of every stream that it was decided on. What
was moved on in vain is dropped, with all that was decided on top of it and nothing else: each state knows its line, which
begins where it was loaded.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from write_side.kernel.append import EMPTY, EventLog, Head, NewEvent
from write_side.kernel.events import StreamName
from write_side.kernel.gathering import Gathering
from write_side.kernel.snapshots import EVERY, Snapshots
from write_side.kernel.streams import Stream

BOUND = 20_000


class Line:
    """The states of a stream that came one from the other, from one that was loaded."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream's state, the head that it reflects, and the line that it is in."""

    head: Head
    state: Any
    line: Line


@dataclass(frozen=True, slots=True)
class Moved:
    """What a decision read, as the lines of the states, and those of the states that it moved on that are worth saving."""

    read: Mapping[StreamName, Line]
    written: frozenset[StreamName]
    milestones: Sequence[tuple[Stream[Any], StreamState]]


class States:
    """The cache of stream states. Loading a stream that several wait for happens once."""

    def __init__(self, log: EventLog, snapshots: Snapshots, bound: int = BOUND) -> None:
        self._log = log
        self._snapshots = snapshots
        self._bound = bound
        self._states: OrderedDict[StreamName, StreamState] = OrderedDict()
        self._under_way: Counter[StreamName] = Counter()
        self._loading = Gathering(self._load)

    def get(self, name: StreamName) -> StreamState | None:
        """The stream's state, if it is here."""
        found = self._states.get(name)
        if found is not None:
            self._states.move_to_end(name)
        return found

    def begin(self, stream: Stream[Any]) -> None:
        """Takes a stream for one without events, as one is whose id has just been made. Not looked up: the append will."""
        self._states.setdefault(stream.name, StreamState(EMPTY, stream.kind.initial, Line()))

    async def load(self, streams: Sequence[Stream[Any]]) -> None:
        """Brings streams here. Raises `LogUnavailable`, and `UnknownEvent` and the like for what cannot be read."""
        await self._loading.find(streams)
        while len(self._states) > self._bound + len(self._under_way):
            name, state = self._states.popitem(last=False)
            if name in self._under_way:  # what is in the log is not yet what stands here
                self._states[name] = state

    def advance(self, streams: Mapping[StreamName, Stream[Any]], events: Sequence[NewEvent]) -> Moved:
        """Moves the states on by events just decided on `streams`. It is to be settled, whatever becomes of them."""
        read = {name: self._states[name].line for name in streams}
        milestones: list[tuple[Stream[Any], StreamState]] = []
        moved: dict[StreamName, StreamState] = {}
        for new in events:
            before = moved.get(new.stream) or self._states[new.stream]
            stream = streams[new.stream]
            state = stream.kind.evolve(before.state, new.event)
            moved[new.stream] = after = StreamState(Head(new.version, new.event_id), state, before.line)
            if new.version % EVERY == 0:
                milestones.append((stream, after))
        self._states.update(moved)
        self._under_way.update(moved.keys())
        return Moved(read, frozenset(moved), milestones)

    def settle(self, moved: Moved, *, stored: bool, elsewhere: Iterable[StreamName] = ()) -> None:
        """What became of a decision: it was stored, or the streams in `elsewhere` have other heads in the log."""
        for name in moved.written:
            self._under_way[name] -= 1
            if not self._under_way[name]:
                del self._under_way[name]
        if stored:
            for stream, state in moved.milestones:
                self._snapshots.save(stream, state.head, state.state)
            return
        for name in moved.written.union(elsewhere):
            found = self._states.get(name)
            if found is not None and found.line is moved.read[name]:
                del self._states[name]

    async def _load(self, streams: Sequence[Stream[Any]]) -> Mapping[Stream[Any], None]:
        found = await self._log.load({stream.name: self._snapshots.digest(stream.kind) for stream in streams})
        for stream in streams:
            past = found.get(stream.name)
            if past is None:
                head, state = EMPTY, stream.kind.initial
            else:
                state = (
                    stream.kind.initial if past.snapshot is None else self._snapshots.restored(stream.kind, past.snapshot)
                )
                state = stream.kind.fold((recorded.event for recorded in past.events), state)
                head = past.head
                if len(past.events) >= EVERY:
                    self._snapshots.save(stream, head, state)
            self._states.setdefault(stream.name, StreamState(head, state, Line()))
        return dict.fromkeys(streams)
