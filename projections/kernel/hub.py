"""The hub: hands what projectors commit to everyone in this process who watches it. Pure: no I/O, no tasks."""

from collections.abc import Iterable

from projections.kernel.changes import Watched
from projections.kernel.commits import Commit
from projections.kernel.mailbox import ABSENT, Mailbox
from projections.kernel.projection import AnyProjection
from projections.kernel.rooms import Room
from write_side.kernel.positions import LogPosition, Positions

MOST_PENDING = 500
"""Changes of so many documents wait for a watcher at most; where there are more, it has to read again."""

REMEMBERED = 10_000
"""Of so many documents of a projection is remembered whether they met a filter."""


class Hub:
    """The watchers of all projections. `most` is as `MOST_PENDING`."""

    def __init__(self, positions: Positions, *, most: int = MOST_PENDING) -> None:
        self._positions = positions
        self.most = most
        self._rooms: dict[AnyProjection, Room] = {}
        self._floors: dict[AnyProjection, LogPosition] = {}
        self._closed = False

    def join(self, watched: Watched) -> Mailbox:
        """A new watcher, told of what comes from now on."""
        room = self._rooms.get(watched.projection)
        if room is None:
            floor = self._floors.get(watched.projection, ABSENT)
            room = Room(watched.projection, self._positions, self.most, REMEMBERED, floor)
            self._rooms[watched.projection] = room
        mailbox = room.join(watched)
        if self._closed:
            mailbox.close()
        return mailbox

    def committed(self, commit: Commit) -> None:
        """Tells everyone whom a commit concerns. Commits of a projection come in their order."""
        room = self._rooms.get(commit.projection)
        if room is not None:
            room.committed(commit)

    def missed(self, projection: AnyProjection, position: LogPosition, mended: LogPosition | None) -> None:
        """Changes up to `position` were missed: those who watch many documents have to read again.

        `mended` is as `Freshness.mended` has it.
        """
        self._floors[projection] = position
        if (room := self._rooms.get(projection)) is not None:
            room.missed(position)
            if mended is not None:
                room.doubt(mended)

    @property
    def rooms(self) -> Iterable[tuple[AnyProjection, Room]]:
        """The watchers of each projection that was ever watched."""
        return list(self._rooms.items())

    def close(self) -> None:
        """Ends all watchers, those that are still to come included."""
        self._closed = True
        for room in self._rooms.values():
            for mailbox in room.mailboxes:
                mailbox.close()
