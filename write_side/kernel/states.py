"""The states that decisions read: folded streams, kept in memory up to a bound, ahead of the log by what is queued.

A decision moves the states on when it is queued, before its commit, so that the next one on the same stream need not wait
for it. That is safe because an append names the version and the last event id of every stream that it was decided on.
Behind each state stands the one that is known to be in the log. To that it goes back when something was decided in vain,
and from there it follows what other processes append: no stream is read twice.
"""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from write_side.kernel.append import EMPTY, EventLog, Head, NewEvent, Past, Wanted
from write_side.kernel.events import Recorded, StreamName, Unreadable
from write_side.kernel.gathering import Gathering
from write_side.kernel.snapshots import EVERY, Snapshots, UnsoundSnapshot
from write_side.kernel.streams import Stream, StreamKind

BOUND = 20_000


@dataclass(frozen=True, slots=True)
class StreamState:
    """A stream's state, and the head that it reflects."""

    head: Head
    state: Any


class Line:
    """What states of a stream that came one from the other have in common. Those after a new beginning have another one."""

    __slots__ = ()


@dataclass(slots=True)
class _Entry:
    """A stream: as the log is known to have it, and as it will be when all that is queued is appended.

    `outdated`: the log has more of it than is known here.
    """

    kind: StreamKind[Any]
    known: StreamState
    ahead: StreamState
    line: Line
    outdated: bool = False

    def begin_anew(self, known: StreamState) -> None:
        """What was ahead will not be: goes back to what is known."""
        self.known = self.ahead = known
        self.line = Line()


@dataclass(frozen=True, slots=True)
class Moved:
    """What a decision has read, as heads and lines, and the states that it has moved on, of which some are worth saving."""

    heads: Mapping[StreamName, Head]
    lines: Mapping[StreamName, Line]
    after: Mapping[StreamName, StreamState]
    milestones: Sequence[tuple[Stream[Any], StreamState]]


class States:
    """The cache of stream states. Loading a stream that several wait for happens once."""

    def __init__(self, log: EventLog, snapshots: Snapshots, bound: int = BOUND) -> None:
        self._log = log
        self._snapshots = snapshots
        self._bound = bound
        self._entries: OrderedDict[StreamName, _Entry] = OrderedDict()
        self._held: Counter[StreamName] = Counter()
        self._loading = Gathering(self._load)

    def get(self, name: StreamName) -> StreamState | None:
        """The stream's state, if it is here."""
        entry = self._entries.get(name)
        if entry is None or entry.outdated:
            return None
        self._entries.move_to_end(name)
        return entry.ahead

    def hold(self, names: Iterable[StreamName]) -> None:
        """Keeps streams that are here, or will be, until they are released as often: somebody decides on them."""
        for name in names:
            self._held[name] += 1

    def release(self, names: Iterable[StreamName]) -> None:
        """Ends what `hold` began."""
        for name in names:
            self._held[name] -= 1
            if not self._held[name]:
                del self._held[name]

    def begin(self, stream: Stream[Any]) -> None:
        """Takes a stream for one without events, as one is whose id has just been made. Not looked up: the append will."""
        if stream.name not in self._entries:
            self._entries[stream.name] = _new_entry(stream.kind)
            self._make_room()

    async def load(self, streams: Sequence[Stream[Any]]) -> None:
        """Brings streams here, or comes closer to it: ask again for one that is not.

        Raises `LogUnavailable`, and `UnknownEvent` and the like for what cannot be read.
        """
        await self._loading.find(streams)
        self._make_room()

    def advance(self, streams: Mapping[StreamName, Stream[Any]], events: Sequence[NewEvent]) -> Moved:
        """Moves the states on by events just decided on `streams`. It is to be settled, whatever becomes of them."""
        entries = {name: self._entries[name] for name in streams}
        heads = {name: entry.ahead.head for name, entry in entries.items()}
        after: dict[StreamName, StreamState] = {}
        milestones: list[tuple[Stream[Any], StreamState]] = []
        for new in events:
            entry = entries[new.stream]
            state = entry.kind.evolve((after.get(new.stream) or entry.ahead).state, new.event)
            after[new.stream] = StreamState(Head(new.version, new.event_id), state)
            if new.version % EVERY == 0:
                milestones.append((streams[new.stream], after[new.stream]))
        for name, moved in after.items():
            entries[name].ahead = moved
        self.hold(entries)
        return Moved(heads, {name: entry.line for name, entry in entries.items()}, after, milestones)

    def stands(self, moved: Moved) -> bool:
        """Whether a decision may still come to be, as far as is known here."""
        entries = ((self._entries.get(name), line) for name, line in moved.lines.items())
        return all(entry is not None and entry.line is line for entry, line in entries)

    def settle(self, moved: Moved, *, stored: bool, elsewhere: Collection[StreamName] = ()) -> None:
        """What became of a decision: it was stored, or the streams in `elsewhere` have other heads than it expected."""
        self.release(moved.lines)
        if stored:
            self._stored(moved)
            return
        for name in {*moved.after, *elsewhere}:
            entry = self._entries.get(name)
            if entry is None or entry.line is not moved.lines[name]:
                continue  # what this rested on is gone already
            # Another head than what is known: then the log has more. Than one that was ahead: then that did not come to be.
            entry.outdated = entry.outdated or (name in elsewhere and moved.heads[name] == entry.known.head)
            entry.begin_anew(entry.known)

    def lacks(self, name: StreamName, version: int) -> bool:
        """Whether a stream is here, and not known to have this version."""
        entry = self._entries.get(name)
        return entry is not None and entry.known.head.version < version

    def follow(self, events: Iterable[Recorded]) -> None:
        """Moves what is known on by events that others have appended. What was decided without them cannot come to be.

        Where that fails the stream is loaded when somebody wants it, who then hears why: nobody else is to be held up.
        """
        for recorded in events:
            entry = self._entries.get(recorded.stream)
            if entry is None:
                continue
            try:
                _follow(entry, recorded)
            except Exception:  # whatever an area's evolve raises
                entry.outdated = True
                entry.begin_anew(entry.known)

    def _stored(self, moved: Moved) -> None:
        for name, state in moved.after.items():
            entry = self._entries.get(name)
            if entry is not None and entry.known.head.version < state.head.version:
                if entry.ahead is entry.known:
                    entry.ahead = state
                entry.known = state
        for stream, state in moved.milestones:
            self._snapshots.save(stream, state.head, state.state)

    def _make_room(self) -> None:
        while len(self._entries) > self._bound + len(self._held):
            name, entry = self._entries.popitem(last=False)
            if name in self._held:
                self._entries[name] = entry

    async def _load(self, streams: Sequence[Stream[Any]]) -> Mapping[Stream[Any], None]:
        # Others may have waited for the same: what they brought is here.
        missing = [stream for stream in streams if self.get(stream.name) is None]
        if not missing:
            return {}
        known = {stream: self._known(stream.name) for stream in missing}
        found = await self._log.load({stream.name: self._wanted(stream, head) for stream, head in known.items()})
        for stream, head in known.items():
            if self.get(stream.name) is None:  # else it was followed meanwhile
                self._bring(stream, head, found.get(stream.name))
        return {}

    def _known(self, name: StreamName) -> Head:
        entry = self._entries.get(name)
        return EMPTY if entry is None else entry.known.head

    def _wanted(self, stream: Stream[Any], known: Head) -> Wanted:
        # With the last event that is known, to see that it is in the log.
        return Wanted(self._snapshots.digest(stream.kind), max(known.version - 1, 0))

    def _bring(self, stream: Stream[Any], known: Head, past: Past | None) -> None:
        entry = self._entries.pop(stream.name, None)
        if known.version <= 1:
            with suppress(UnsoundSnapshot):  # it is loaded again, without
                self._entries[stream.name] = self._folded(stream, past)
        elif entry is not None and past is not None and past.events[0].event_id == known.event_id:
            self._entries[stream.name] = entry
            for recorded in past.events:
                _follow(entry, recorded)
            entry.outdated = False
        # Else PostgreSQL has lost what it had answered as stored: the next load is from the beginning.

    def _folded(self, stream: Stream[Any], past: Past | None) -> _Entry:
        entry = _new_entry(stream.kind)
        if past is not None:
            state = entry.known.state if past.snapshot is None else self._snapshots.restored(stream.kind, past.snapshot)
            state = stream.kind.fold((recorded.event for recorded in past.events), state)
            entry.begin_anew(StreamState(past.head, state))
            if len(past.events) >= EVERY:
                self._snapshots.save(stream, past.head, state)
        return entry


def _follow(entry: _Entry, recorded: Recorded) -> None:
    """Moves what is known of a stream on by an event, if it is the next one. Raises whatever its evolve does."""
    if recorded.version <= entry.known.head.version:
        return
    if recorded.version > entry.known.head.version + 1 or isinstance(recorded.event, Unreadable):
        entry.outdated = True
        entry.begin_anew(entry.known)
    else:
        state = entry.kind.evolve(entry.known.state, recorded.event)
        entry.begin_anew(StreamState(Head(recorded.version, recorded.event_id), state))
        entry.outdated = False


def _new_entry(kind: StreamKind[Any]) -> _Entry:
    nothing = StreamState(EMPTY, kind.initial)
    return _Entry(kind, nothing, nothing, Line())
