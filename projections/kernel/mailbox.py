"""Mailboxes: what one watcher has not been told yet. Bounded: of each document only the latest. The port `Watching`."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from projections.kernel.changes import Change, ChangeKind
from projections.kernel.projection import Key
from write_side.kernel.positions import START, LogPosition

ABSENT = LogPosition(-1)
"""The position of a document that is not there: any that comes is newer."""


@dataclass(frozen=True, slots=True)
class News:
    """A change, shared by all who are told. `at` is the position of the document that it is about.

    `mended` is up to where it is right, if that is past `at` and its watchers may have been told otherwise.
    """

    at: LogPosition
    change: Change
    mended: LogPosition = ABSENT


class Mailbox:
    """The changes for one watcher, in the order in which they came, of at most `most` documents.

    A newer state of a document takes the place of the older, and goes to the end: it is past whatever was put before it, so
    that resuming after what was told in between still finds it. Where there are more documents than `most`, all of it
    becomes one RESYNC. `single` says that there is only one document. `leave` is called once, when it is closed.
    """

    def __init__(self, most: int, leave: Callable[["Mailbox"], None], *, single: bool = False) -> None:
        self._most = most
        self._single = single
        self._leave: Callable[[Mailbox], None] | None = leave
        # SNAPSHOT and RESYNC have places of their own: what comes later must not take them.
        self._pending: OrderedDict[Key | ChangeKind, News] = OrderedDict()
        self._floor = ABSENT
        self._told = ABSENT
        self._doubted = ABSENT
        self._covered: Mapping[Key, LogPosition] = {}
        self._covered_up_to = ABSENT
        self._last = START
        self._waiter: asyncio.Future[None] | None = None

    def begin(
        self,
        first: Iterable[News],
        last: LogPosition,
        floor: LogPosition,
        covered: Mapping[Key, LogPosition],
        held: LogPosition = ABSENT,
    ) -> None:
        """What was read after joining: `first` comes first, and then what came meanwhile, if it is past what was read.

        No position before `last` is told, and no state of a document at or before `floor` unless it was mended there or
        later, or at or before the position that `covered` has for it. `held` is the position of the one document, where
        the watcher has it already.
        """
        came = list(self._pending.values())
        self._pending.clear()
        self._last, self._told = last, held
        for news in first:
            self._add(news)
        self._floor = floor
        self._covered, self._covered_up_to = covered, max(covered.values(), default=ABSENT)
        for news in came:
            self.put(news)

    def put(self, news: News) -> None:
        """A change to tell, unless it is not past what the watcher has."""
        if news.change.key is not None and not self._is_doubted(news):
            if news.at <= self._floor and news.mended < self._floor:
                return
            if news.at <= self._told:
                return
            if self._covered:
                if news.at <= self._covered.get(news.change.key, ABSENT):
                    return
                if news.change.position >= self._covered_up_to:
                    self._covered = {}  # all that is still to come is past it
        self._add(news)

    def _add(self, news: News) -> None:
        change = news.change
        if change.position < self._last:
            change = replace(change, position=self._last, rendered={})
        self._last = change.position
        if self._single:
            self._told = news.at
        place: Key | ChangeKind = change.kind
        if change.key is not None and change.kind is not ChangeKind.SNAPSHOT:
            place = change.key
            self._pending.pop(place, None)
        else:
            self._pending.clear()
        self._pending[place] = news if change is news.change else replace(news, change=change)
        if len(self._pending) > self._most:
            self._pending.clear()
            self._pending[ChangeKind.RESYNC] = News(self._last, Change(ChangeKind.RESYNC, self._last))
        self._wake()

    def doubt(self, mended: LogPosition) -> None:
        """A document may have changed though its position does not tell: who was told up to `mended` only is told again."""
        self._doubted = max(mended, self._doubted)

    def _is_doubted(self, news: News) -> bool:
        """Whether it is what was read again of a document that may be other than was told."""
        return news.change.kind is ChangeKind.SNAPSHOT and self._last <= self._doubted

    def __aiter__(self) -> Self:
        """See `Watching`."""
        return self

    async def __anext__(self) -> Change:
        """The next change. One reader at a time."""
        while not self._pending:
            if self._leave is None:
                raise StopAsyncIteration
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._pending.popitem(last=False)[1].change

    def close(self) -> None:
        """See `Watching.close`. What was not told is dropped."""
        if self._leave is not None:
            leave, self._leave = self._leave, None
            leave(self)
            self._pending.clear()
            self._covered = {}
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
