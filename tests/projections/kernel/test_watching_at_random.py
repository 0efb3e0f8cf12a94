"""Watchers who come, read, fall behind, are cut off and resume at any moment, whatever else happens.

There are commits, polls and gaps, documents are parked and repaired, and another generation is switched to.

Each is a client that does as it is told. In the end it must hold what is stored, and so must one who resumes after any of
the positions that it was ever told.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.conditions import Condition, holds
from projections.kernel.mailbox import Mailbox
from projections.kernel.projection import Key
from tests.projections.kernel.library import BOOKS, Binding
from tests.projections.kernel.live import KEYS_OF_BOOKS, World, position_of, settle, stored_book, told_next
from write_side.kernel.positions import LogPosition

MOST = 4
WATCHED = [
    Watched(BOOKS, KEYS_OF_BOOKS[0]),
    Watched(BOOKS),
    Watched(BOOKS, None, (Condition.equal("binding", "CLOTH"),)),
    Watched(BOOKS, None, (Condition("_keys.title", (("startsWith", "e"),)), Condition.equal("binding", "CLOTH"))),
]
Held = dict[Key, int]
"""What a client has: the documents, each by its position, which says which state it is."""


def wanted(world: World, watched: Watched) -> Held:
    """What a client should hold."""
    return {
        key: position_of(stored)
        for key, stored in world.documents.items()
        if watched.key in (None, key) and all(holds(condition, stored) for condition in watched.conditions)
    }


@dataclass
class Client:
    """One who watches, and notes what it is told.

    It stays when it has read a page again, and passes over what was on its way then: what is told before where the `page`
    is, is in it. The pages of one that is `ahead` come from another process, which has heard of all there is.
    """

    world: World
    watched: Watched
    held: Held
    after: int | None
    opening: "asyncio.Task[Mailbox] | None" = None
    watching: Mailbox | None = None
    seen: Held = field(default_factory=dict)
    told: list[tuple[int, Held]] = field(default_factory=list)
    last: int = 0
    page: int = 0
    ahead: bool = False

    @classmethod
    def new(cls, world: World, watched: Watched, *, ahead: bool) -> "Client":
        """One that has read the page before, if there is a page, whose position was noted before that."""
        if watched.key is not None:
            return cls(world, watched, {}, None)
        position = world.checkpoint_stored if ahead else world.known
        return cls(world, watched, wanted(world, watched), position, page=position, ahead=ahead)

    def connect(self) -> None:
        after = None if self.after is None else LogPosition(self.after)
        self.seen, self.last = {}, self.after or 0
        self.opening = asyncio.ensure_future(self.world.changes.watch(self.watched, after))

    async def cut_off(self) -> None:
        if self.opening is not None:
            self.opening.cancel()
            with suppress(asyncio.CancelledError):
                await self.opening
        if self.watching is not None:
            self.watching.close()
        self.opening = self.watching = None

    async def read(self) -> bool:
        """Takes the next change, if there is one."""
        if self.opening is not None and self.opening.done():
            self.watching, self.opening = self.opening.result(), None
        change = None if self.watching is None else await told_next(self.watching)
        if change is not None:
            self._apply(change)
        return change is not None

    async def read_all(self) -> None:
        count = 0
        while await self.read():
            count += 1
        assert count <= MOST + 1  # what waits is bounded

    def _apply(self, change: Change) -> None:
        assert change.position >= self.last, "a position decreased"
        self.last = change.position
        if change.kind is ChangeKind.RESYNC:
            assert self.watched.key is None
            self.held = wanted(self.world, self.watched)
            self.after = self.page = self.world.checkpoint_stored if self.ahead else change.position
        elif change.document is not None:
            assert change.key is not None
            at = position_of(change.document)
            # What was mended comes again to who may have been told otherwise: the position does not say which it was.
            again = change.kind is ChangeKind.SNAPSHOT and self.world.mended_stored is not None
            assert at + again > self.seen.get(change.key, -1), "a document came twice or went back"
            if change.kind is ChangeKind.UPDATED:
                assert all(holds(condition, BOOKS.shape.keyed(change.document)) for condition in self.watched.conditions)
            self.seen[change.key] = at
            if change.position >= self.page:
                self.held[change.key] = max(at, self.held.get(change.key, -1))
        elif change.key is not None and change.position >= self.page:
            self.held.pop(change.key, None)
        self.after = max(self.after or 0, change.position)
        self.told.append((self.after, dict(self.held)))


@dataclass
class Run:
    """A world and its clients, one action after the other."""

    world: World = field(default_factory=lambda: World(most=MOST, slow=True))
    clients: list[Client] = field(default_factory=list)

    async def do(self, action: str, choice: int, data: st.DataObject) -> None:
        world = self.world
        match action:
            case "batch":
                self._batch(data)
            case "fan out":
                self._fan_out(data)
            case "deliver":
                world.deliver()
            case "poll":
                world.poll()
            case "lose":
                world.lose(late=min(choice // 3, len(world.on_their_way)))
            case "turn":
                world.turn(choice)
            case "park":
                world.park(KEYS_OF_BOOKS[choice % len(KEYS_OF_BOOKS)])
            case "repair":
                world.repair(next(iter(world.parked), KEYS_OF_BOOKS[0]))
            case "switch":
                world.switch(late=choice)
            case "come":
                self.clients.append(Client.new(world, WATCHED[choice % len(WATCHED)], ahead=choice % 3 == 0))
                self.clients[-1].connect()
            case "read" if self.clients:
                await self.clients[choice % len(self.clients)].read()
            case "resume" if self.clients:
                client = self.clients[choice % len(self.clients)]
                await client.cut_off()
                client.connect()
        await settle()

    def _batch(self, data: st.DataObject) -> None:
        """A few events, each touching some books: a book has the position of the last that touched it."""
        first = self.world.checkpoint_stored + 1
        touched = data.draw(st.lists(st.sets(st.sampled_from(KEYS_OF_BOOKS)), min_size=1, max_size=3))
        at = {key: first + number for number, keys in enumerate(touched) for key in keys}
        changed = [self._changed(key, position, data) for key, position in sorted(at.items())]
        self.world.commit(changed, first + len(touched) - 1)

    def _fan_out(self, data: st.DataObject) -> None:
        """One event that touches every book, a few at a time. Others may look in between: it is heard of in chunks."""
        position = self.world.checkpoint_stored + 1
        keys = sorted(self.world.documents)
        size = data.draw(st.integers(1, 3))
        for start in range(0, len(keys), size):
            chunk = [self._changed(key, position, data) for key in keys[start : start + size]]
            self.world.commit(chunk, None)
        self.world.commit([], position)

    def _changed(self, key: Key, position: int, data: st.DataObject) -> dict[str, object]:
        title = data.draw(st.sampled_from(["Emma", "Ulysses"]))
        return stored_book(key, position, title, data.draw(st.sampled_from(Binding)))

    async def come_to_rest(self) -> None:
        """Everything that is under way arrives, and every client reads all that it is told."""
        await settle()
        while self.world.turns or self.world.on_their_way:
            self.world.deliver()
            self.world.turn(0)
            await settle()
        self.world.poll()
        for client in self.clients:
            await client.read_all()


ACTIONS = st.tuples(
    # A change stream seldom loses its place, and what follows hides other faults.
    st.sampled_from(
        ["batch", "deliver", "deliver", "turn", "come", "read", "read", "resume"] * 3
        + ["poll", "turn", "fan out", "lose", "park", "repair", "repair", "switch"]
    ),
    st.integers(0, 11),
)


async def simulate(actions: list[tuple[str, int]], data: st.DataObject) -> None:
    run = Run()
    run.world.put(*(stored_book(key, 1) for key in KEYS_OF_BOOKS), position=1)
    mending = asyncio.ensure_future(run.world.changes.run())
    try:
        for action, choice in actions:
            await run.do(action, choice, data)
        await run.come_to_rest()
        for client in run.clients:
            assert client.held == wanted(run.world, client.watched)
            for position, held in client.told[-5:]:
                again = Client(run.world, client.watched, held, position)
                again.connect()
                run.clients = [again]
                await run.come_to_rest()
                assert again.held == wanted(run.world, client.watched), f"resuming after {position} lost something"
                await again.cut_off()
    finally:
        mending.cancel()
        with suppress(asyncio.CancelledError):
            await mending


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(actions=st.lists(ACTIONS, min_size=25, max_size=80), data=st.data())
def test_nobody_loses_anything(actions: list[tuple[str, int]], data: st.DataObject) -> None:
    asyncio.run(simulate(actions, data))
