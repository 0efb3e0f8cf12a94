"""Watching: join the hub, read, drop what the read covers, then what comes. The port `Changes`.

Whoever joins first and reads then misses nothing in between: what is committed after the read comes through the hub, and
what came through the hub but was in the read already is recognised by the document's position.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence

from projections.kernel.blame import kind_of
from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.commits import Commit
from projections.kernel.conditions import Condition
from projections.kernel.documents import ASC, OrderBy
from projections.kernel.errors import NotReady
from projections.kernel.hub import Hub
from projections.kernel.mailbox import ABSENT, Mailbox, News
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Documents, Freshness, PageRequest
from projections.kernel.rooms import Conditions, Room, meets, position_before
from projections.kernel.shapes import Stored
from write_side.kernel.errors import OnereadError
from write_side.kernel.positions import START, LogPosition, Positions

_log = logging.getLogger(__name__)

BY_POSITION = OrderBy("position", ASC)
PAUSE = 0.5
"""How long to wait when what was missed could not be read, in seconds."""

SNAPSHOTS = 100
"""So many snapshots are kept for others who are to be told the same."""


class LiveChanges:
    """The port `Changes`, on a hub and the shared reads. `run` is its task, `pause` as `PAUSE`."""

    def __init__(
        self, hub: Hub, documents: Documents, freshness: Freshness, positions: Positions, *, pause: float = PAUSE
    ) -> None:
        self._hub = hub
        self._documents = documents
        self._freshness = freshness
        self._positions = positions
        self._pause = pause
        self._behind: set[AnyProjection] = set()
        self._missed = asyncio.Event()
        self._snapshots: OrderedDict[Key, News] = OrderedDict()

    async def watch(self, watched: Watched, after: LogPosition | None) -> Mailbox:
        """See `Changes.watch`."""
        noted = self._freshness.checkpoint(watched.projection)
        mailbox = self._hub.join(watched)
        try:
            if watched.key is not None:
                await self._begin_one(mailbox, watched.projection, watched.key, noted, after)
            elif after is not None:
                await self._begin_many(mailbox, watched, after)
        except BaseException:
            mailbox.close()
            raise
        return mailbox

    def committed(self, commit: Commit) -> None:
        """See `Audience.committed`."""
        self._hub.committed(commit)

    def missed(self) -> None:
        """See `Audience.missed`. Who watches many is told before what comes next, who watches one once it is read."""
        for projection, _ in self._hub.rooms:
            self._miss(projection)

    def switched(self, projection: AnyProjection) -> None:
        """See `Audience.switched`."""
        self._miss(projection)

    async def run(self) -> None:
        """Reads again, for ever, what those who watch one document have missed."""
        while True:
            await self._missed.wait()
            self._missed.clear()
            behind, self._behind = self._behind, set()
            for projection, room in self._hub.rooms:
                if projection not in behind:
                    continue
                try:
                    await self._mend(projection, room)
                except Exception as error:  # any: who watches waits for it, so it is tried until it works
                    _log.warning(
                        "what was missed cannot be read",
                        extra={"projection": projection.name, "reason": kind_of(error)},
                        exc_info=None if isinstance(error, OnereadError) else error,
                    )
                    self._behind.add(projection)
            if self._behind:
                await asyncio.sleep(self._pause)
                self._missed.set()

    def _miss(self, projection: AnyProjection) -> None:
        try:
            position, mended = self._freshness.checkpoint(projection), self._freshness.mended(projection)
        except NotReady:
            return  # there is nothing to read. What will be served is switched to
        self._hub.missed(projection, position, mended)
        self._behind.add(projection)
        self._missed.set()

    async def _begin_one(
        self, mailbox: Mailbox, projection: AnyProjection, key: Key, noted: LogPosition, after: LogPosition | None
    ) -> None:
        mended = self._freshness.mended(projection)
        news = self._snapshot(key, await self._documents.find(projection, key), noted)
        if after is None:
            mailbox.begin([news], START, ABSENT, {})
        elif news.at > after or _is_outdated(after, mended):
            mailbox.begin([news], after, after, {})
        else:
            mailbox.begin([], after, after, {}, held=news.at)

    async def _begin_many(self, mailbox: Mailbox, watched: Watched, after: LogPosition) -> None:
        if _is_outdated(after, self._freshness.mended(watched.projection)):
            noted = self._freshness.checkpoint(watched.projection)
            mailbox.begin([_resync(noted)], after, noted, {})
            return
        past = Condition("position", (("gt", self._positions.token(after)),))
        request = PageRequest(BY_POSITION, self._hub.most, (past,), with_places=False)
        page = await self._documents.page(watched.projection, request)
        if page.has_more:
            mailbox.begin([_resync(page.position)], after, after, {})
            return
        # A document that moved on while the page was read may be in it twice.
        latest = {Key(stored["_id"]): stored for stored in page.documents}
        covered = {key: self._positions.parse(stored["position"]) for key, stored in latest.items()}
        first = _resumed(watched, sorted(latest, key=lambda key: covered[key]), latest, covered, page.position)
        mailbox.begin(first, after, after, covered)

    async def _mend(self, projection: AnyProjection, room: Room) -> None:
        noted = self._freshness.checkpoint(projection)
        keys = room.keys
        found = await asyncio.gather(*(self._documents.find(projection, key) for key in keys))
        for key, stored in zip(keys, found, strict=True):
            room.snapshot(self._snapshot(key, stored, noted))

    def _snapshot(self, key: Key, stored: Stored | None, noted: LogPosition) -> News:
        """How a document is now. Those who got the same of one read are told by one change."""
        if stored is None:
            return News(ABSENT, Change(ChangeKind.SNAPSHOT, noted, key), noted)
        at = self._positions.parse(stored["position"])
        position = max(noted, at)
        told = self._snapshots.pop(key, None)
        if told is None or told.change.document is not stored or told.change.position != position:
            told = News(at, Change(ChangeKind.SNAPSHOT, position, key, stored), noted)
        self._snapshots[key] = told
        if len(self._snapshots) > SNAPSHOTS:
            self._snapshots.popitem(last=False)
        return told


def _resync(position: LogPosition) -> News:
    return News(position, Change(ChangeKind.RESYNC, position))


def _is_outdated(after: LogPosition, mended: LogPosition | None) -> bool:
    """Whether what was told up to `after` may have changed since: who stands where it was mended may have come before."""
    return mended is not None and after <= mended


def _resumed(
    watched: Watched,
    keys: Sequence[Key],
    documents: dict[Key, Stored],
    at: dict[Key, LogPosition],
    noted: LogPosition,
) -> list[News]:
    """What has changed since, of documents in the order of their positions: each as it is, or as having left."""
    places = [at[key] for key in keys]
    first = []
    for index, key in enumerate(keys):
        position = position_before(places, index, noted)
        if _is_in(watched, documents[key]):
            change = Change(ChangeKind.UPDATED, position, key, documents[key])
        else:
            change = Change(ChangeKind.LEFT, position, key)
        first.append(News(at[key], change))
    return first


def _is_in(watched: Watched, stored: Stored) -> bool:
    conditions: Conditions = watched.conditions
    return not conditions or meets(conditions, watched.projection.shape.keyed(stored))
