"""Rooms: everyone who watches documents of one projection. Equal watchers share each change. Pure: no I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.commits import Commit, Written
from projections.kernel.conditions import Condition, holds, holds_for
from projections.kernel.mailbox import ABSENT, Mailbox, News
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.seen import Seen, Values
from projections.kernel.shapes import Stored
from write_side.kernel.positions import START, LogPosition, Positions

Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """A document after a commit, None if it is gone, and what was seen of it before."""

    key: Key
    at: LogPosition
    document: Stored | None
    born: bool
    before: Values | None


class Room:
    """The watchers of one projection, and of each document what it last had at the paths of filters.

    What was committed up to `floor` is in whatever they have read.
    """

    def __init__(
        self, projection: AnyProjection, positions: Positions, most: int, remembered: int, floor: LogPosition = ABSENT
    ) -> None:
        self._positions = positions
        self._floor = floor
        self._most = most
        # Dictionaries for the order: who came first is told first.
        self._one: dict[Key, dict[Mailbox, None]] = {}
        self._many: dict[Conditions, dict[Mailbox, None]] = {}
        self._seen = Seen(projection, remembered)

    def join(self, watched: Watched) -> Mailbox:
        """A new watcher, told of what comes from now on."""
        leave = partial(self._leave, watched)
        mailbox = Mailbox(self._most, leave, single=watched.key is not None)
        if watched.key is not None:
            self._one.setdefault(watched.key, {})[mailbox] = None
        else:
            self._many.setdefault(watched.conditions, {})[mailbox] = None
        return mailbox

    def _leave(self, watched: Watched, mailbox: Mailbox) -> None:
        if watched.key is not None:
            self._one[watched.key].pop(mailbox)
            if not self._one[watched.key]:
                del self._one[watched.key]
            return
        self._many[watched.conditions].pop(mailbox)
        if not self._many[watched.conditions]:
            del self._many[watched.conditions]
        if not self._many:
            self._seen.clear()  # what is not kept up would be wrong

    @property
    def mailboxes(self) -> Sequence[Mailbox]:
        """All watchers."""
        return [mailbox for of in (*self._one.values(), *self._many.values()) for mailbox in of]

    @property
    def keys(self) -> Sequence[Key]:
        """The documents that are watched one by one."""
        return list(self._one)

    def committed(self, commit: Commit) -> None:
        """Tells the watchers what a commit has changed for them."""
        latest = {one.key: one for one in commit.written}
        if not self._many:
            latest = {key: one for key, one in latest.items() if key in self._one}
        if not latest:
            return
        found = (self._state(one, commit.position) for one in latest.values())
        states = sorted((one for one in found if commit.mended or one.at > self._floor), key=lambda state: state.at)
        if not states:
            return
        mended = commit.position if commit.mended and commit.position is not None else ABSENT
        reached = LogPosition(max(START, states[0].at - 1)) if commit.position is None else commit.position
        for state in states:
            if (mailboxes := self._one.get(state.key)) is not None:
                kind = ChangeKind.DELETED if state.document is None else ChangeKind.UPDATED
                # All that the document is told of up to its own position is in it, wherever the checkpoint stands.
                change = Change(kind, max(reached, state.at), state.key, state.document)
                news = News(state.at, change, mended)
                _put(mailboxes, [news])
        for conditions, mailboxes in self._many.items():
            _put(mailboxes, list(_news(conditions, states, reached, mended)))
        if self._many:
            for state in states:
                self._seen.put(state.key, state.document)

    def missed(self, position: LogPosition) -> None:
        """Changes up to `position` were missed: those who watch many documents have to read again."""
        self._floor = position
        self._seen.clear()
        for mailboxes in self._many.values():
            _put(mailboxes, [News(position, Change(ChangeKind.RESYNC, position))])

    def doubt(self, mended: LogPosition) -> None:
        """Documents have changed though their positions are what they were: what was told up to `mended` may be wrong."""
        for mailboxes in self._one.values():
            for mailbox in mailboxes:
                mailbox.doubt(mended)

    def snapshot(self, news: News) -> None:
        """Changes were missed: those who watch one document are told how it is now, if that is news to them."""
        if news.change.key is not None:
            _put(self._one.get(news.change.key, {}), [news])

    def _state(self, one: Written, reached: LogPosition | None) -> _State:
        document = one.read()
        if document is None:
            return _State(one.key, START if reached is None else reached, None, False, None)
        at = self._positions.parse(document["position"])
        return _State(one.key, at, document, one.born, self._seen.get(one.key))


def position_before(states_at: Sequence[LogPosition], index: int, reached: LogPosition) -> LogPosition:
    """Where to resume after the change at `index` of those at `states_at`, in their order, which end at `reached`.

    Before the last one it is short of the next one's own position: several documents may share an event's.
    """
    if index + 1 == len(states_at):
        return reached
    return LogPosition(max(START, min(reached, states_at[index + 1] - 1)))


def meets(conditions: Conditions, document: Stored) -> bool:
    """Whether a document meets all conditions."""
    return all(holds(condition, document) for condition in conditions)


def _news(conditions: Conditions, states: Sequence[_State], reached: LogPosition, mended: LogPosition) -> Iterator[News]:
    told = [(kind, state) for state in states if (kind := _kind(conditions, state)) is not None]
    places = [state.at for _, state in told]
    for index, (kind, state) in enumerate(told):
        document = state.document if kind is ChangeKind.UPDATED else None
        yield News(state.at, Change(kind, position_before(places, index, reached), state.key, document), mended)


def _kind(conditions: Conditions, state: _State) -> ChangeKind | None:
    """What a watcher with these conditions is told of a document; None: nothing."""
    if state.document is None:
        return ChangeKind.DELETED
    if meets(conditions, state.document):
        return ChangeKind.UPDATED
    if state.born or (state.before is not None and not _met(conditions, state.before)):
        return None
    return ChangeKind.LEFT


def _met(conditions: Conditions, before: Values) -> bool:
    """Whether a document met the conditions, as far as is known: who is told of one that he never held loses nothing."""
    return all(holds_for(condition, before[condition.path]) for condition in conditions if condition.path in before)


def _put(mailboxes: Mapping[Mailbox, None], told: Sequence[News]) -> None:
    for mailbox in mailboxes:
        for news in told:
            mailbox.put(news)
