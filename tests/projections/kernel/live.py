"""A world for watchers, without a database: documents, commits that reach the hub late, and reads that take their time."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from projections.kernel.changes import Change, Watched
from projections.kernel.commits import Commit, Written
from projections.kernel.errors import NotReady
from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.hub import Hub
from projections.kernel.mailbox import Mailbox
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.scenario import POSITIONS
from projections.kernel.shapes import KEYS, Stored
from projections.kernel.watching import LiveChanges
from tests.projections.kernel.library import BOOKS, Binding, BookId, book
from write_side.kernel.positions import LogPosition

KEYS_OF_BOOKS = [Key(f"bok_{number:032x}") for number in range(1, 6)]


def stored_book(key: Key, position: int, title: str = "Emma", binding: Binding = Binding.PAPER) -> Stored:
    """A book as a projector stores it."""
    token = POSITIONS.token(LogPosition(position))
    return BOOKS.shape.encode(book(id=BookId(key), position=token, title=title, binding=binding))


def position_of(stored: Stored) -> LogPosition:
    return POSITIONS.parse(stored["position"])


def written(stored: Stored, *, born: bool = False) -> Written:
    return Written(Key(stored["_id"]), lambda: stored, born)


@dataclass
class World:
    """Books, how far they are projected, and which of it the process has heard. The ports `Documents` and `Freshness`.

    What a commit would change of a book that is `parked` is kept there, as it would be.
    With `slow` each read waits for two turns: to be sent, and to be answered.
    """

    most: int = 500
    slow: bool = False
    serves: bool = True
    documents: dict[Key, Stored] = field(default_factory=dict)
    checkpoint_stored: int = 0
    known: int = 0
    mended_stored: int | None = None
    mended_known: int | None = None
    parked: dict[Key, Stored | None] = field(default_factory=dict)
    on_their_way: deque[Commit] = field(default_factory=deque)
    delivered: list[Commit] = field(default_factory=list)
    turns: list[asyncio.Future[None]] = field(default_factory=list)
    error: Exception | None = None
    reads: int = 0

    def __post_init__(self) -> None:
        self.hub = Hub(POSITIONS, most=self.most)
        self.changes = LiveChanges(self.hub, self, self, POSITIONS, pause=0.0)

    # ---- the ports

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        if not self.serves:
            raise NotReady("there is no book")
        return LogPosition(self.known)

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        raise AssertionError("whoever watches waits for no checkpoint")

    def mended(self, projection: AnyProjection) -> LogPosition | None:
        return None if self.mended_known is None else LogPosition(self.mended_known)

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        await self._turn()
        found = self.documents.get(key)
        await self._turn()
        return None if found is None else _public(found)

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        position = LogPosition(self.known)
        await self._turn()
        [(operator, after)] = request.conditions[0].tests
        assert operator == "gt"
        found = sorted((s for s in self.documents.values() if s["position"] > after), key=lambda s: s["position"])
        await self._turn()
        documents = [_public(stored) for stored in found[: request.size]]
        return Page(documents, [], len(found) > request.size, None, position)

    def _is_held_back(self, stored: Stored) -> bool:
        key = Key(stored["_id"])
        if key in self.parked:
            self.parked[key] = stored
        return key in self.parked

    async def _turn(self) -> None:
        self.reads += 1
        if self.error is not None:
            raise self.error
        if self.slow:
            turn = asyncio.get_running_loop().create_future()
            self.turns.append(turn)
            await turn

    # ---- what happens

    def commit(self, changed: Iterable[Stored], position: int | None) -> None:
        """A projector commits; the process hears of it when it is `delivered`."""
        changed = [stored for stored in changed if not self._is_held_back(stored)]
        news = [written(stored, born=stored["_id"] not in self.documents) for stored in changed]
        self.documents |= {Key(stored["_id"]): stored for stored in changed}
        self.checkpoint_stored = self.checkpoint_stored if position is None else position
        self.on_their_way.append(Commit(BOOKS, None if position is None else LogPosition(position), news))

    def deliver(self) -> None:
        """The feed hands on the next commit."""
        if self.on_their_way:
            commit = self.on_their_way.popleft()
            self.changes.committed(commit)
            self.delivered.append(commit)
            self.known = max(self.known, commit.position or 0)
            if commit.mended:
                self.mended_known = max(self.mended_known or 0, commit.position or 0)

    def put(self, *changed: Stored, position: int | None) -> None:
        """A commit that is heard of at once."""
        self.commit(changed, position)
        while self.on_their_way:
            self.deliver()

    def poll(self) -> None:
        """The process reads the checkpoint."""
        self.known, self.mended_known = self.checkpoint_stored, self.mended_stored

    def park(self, key: Key) -> None:
        """What changes a book from now on cannot be folded into it."""
        self.parked.setdefault(key, None)

    def repair(self, key: Key) -> None:
        """A book is as it should be, with the checkpoint where it is; the process hears of it when it is `delivered`."""
        stored = self.parked.pop(key, None)
        if stored is not None:
            news = [written(stored, born=key not in self.documents)]
            self.documents[key] = stored
            self.mended_stored = self.checkpoint_stored
            self.on_their_way.append(Commit(BOOKS, LogPosition(self.checkpoint_stored), news, mended=True))

    def switch(self, late: int = 0) -> None:
        """Another generation is served, in which nothing is parked: so many of its commits before that are still heard."""
        mended = {key: stored for key, stored in self.parked.items() if stored is not None}
        self.parked.clear()
        if mended:
            self.documents |= mended
            self.mended_stored = self.checkpoint_stored
        both = [*self.delivered, *self.on_their_way]
        self.on_their_way = deque(commit for commit in both[len(both) - late :] if not commit.mended)
        self.poll()
        self.changes.switched(BOOKS)

    def lose(self, late: int = 0) -> None:
        """The change stream begins anew: all is lost that is on its way, but for so many commits that come after that."""
        self.on_their_way = deque([*self.on_their_way][len(self.on_their_way) - late :] if late else ())
        self.changes.missed()

    def turn(self, choice: int) -> None:
        """One of the reads under way gets on."""
        if self.turns:
            turn = self.turns.pop(choice % len(self.turns))
            if not turn.done():
                turn.set_result(None)


def _public(stored: Stored) -> Stored:
    """What readers are given of a document."""
    return {name: value for name, value in stored.items() if name != KEYS}


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(12):
        await asyncio.sleep(0)


async def told(mailbox: Mailbox) -> list[Change]:
    """All that waits for a watcher."""
    changes = []
    while (change := await told_next(mailbox)) is not None:
        changes.append(change)
    return changes


async def told_next(mailbox: Mailbox) -> Change | None:
    """The next change that waits for a watcher; None when there is none, and when it has ended."""
    reading = asyncio.ensure_future(anext(mailbox, None))
    await asyncio.sleep(0)
    if not reading.done():
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
        return None
    return reading.result()


@asynccontextmanager
async def living() -> AsyncIterator[World]:
    """A world in which what was missed is read again, and whose watchers have room for four documents."""
    made = World(most=4)
    running = asyncio.create_task(made.changes.run())
    try:
        yield made
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def watch(world: World, watched: Watched, after: int | None = None) -> Mailbox:
    """One more who watches."""
    return await world.changes.watch(watched, None if after is None else LogPosition(after))


def brief(changes: list[Change]) -> list[tuple[str, int, Key | None, int | None]]:
    """Kind, position, key, and the document's own position."""
    return [
        (one.kind.value, one.position, one.key, None if one.document is None else position_of(one.document))
        for one in changes
    ]
