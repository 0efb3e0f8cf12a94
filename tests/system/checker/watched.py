"""The rules of what is pushed, for one client's watch of one subject, over all of its subscriptions to it."""

from collections.abc import Iterator

from tests.system.checker.histories import History, State
from tests.system.checker.records import Opened, PageRead, Pushed, Watch
from tests.system.checker.sightings import fits, true
from tests.system.checker.subjects import Listing

ORDERED = "what is pushed goes on, never twice and never back"
TOLD = "up to the position that was told, nothing is missing"
TRUE = "what is pushed is true"
LAST = "the last state seen is the document"

Found = Iterator[tuple[str, str]]
"""Rules that were broken, and how."""


def watched(watch: Watch, history: History) -> Found:
    """What is wrong with a watch."""
    walk = _Walk(watch, history)
    for entry in watch.told:
        match entry:
            case Opened(after):
                walk.opened(after)
            case Pushed():
                yield from walk.pushed(entry)
            case PageRead():
                yield from walk.read(entry)
    if not watch.left:
        yield from walk.ended()


class _Walk:
    """Goes through what a client was told, and knows what it holds at each moment."""

    def __init__(self, watch: Watch, history: History) -> None:
        self._subject = watch.subject
        self._history = history
        self._held: dict[str, int] = {}
        self._has_to_read = False
        # Where the page is that was read last. Who stays subscribed passes over what is told up to before that: it was on
        # its way, and is in the page. If it were put in, what came and left would stay: nobody tells of it past the page.
        self._page = -1
        # Of the subscription that is open: where it began, what was told and shown since, and what was held before.
        self._after = -1
        self._told = -1
        self._shown: dict[str, int] = {}
        self._had: dict[str, int] = {}
        # How many of the steps that documents took were due.
        self._due = 0

    def opened(self, after: int | None) -> None:
        self._after = self._told = -1 if after is None else after
        self._shown, self._had = {}, dict(self._held)

    def read(self, page: PageRead) -> Found:
        """The client holds what the page shows, and nothing else."""
        self._held = {seen.key: seen.position for seen in page.seen}
        self._has_to_read = False
        self._page = page.position
        yield from self._complete(page.position, page.moment)

    def pushed(self, change: Pushed) -> Found:
        if change.position < self._told:
            yield ORDERED, f"{change} after {self._told} was told"
        self._told = change.position
        match change.kind:
            case "RESYNC":
                self._has_to_read = True
                return
            case "LEFT":
                yield from self._left(change)
            case "SNAPSHOT" | "UPDATED":
                yield from self._state(change)
            case _:
                yield TRUE, f"{change} of a document that is there"
        yield from self._complete(change.position, change.moment)

    def ended(self) -> Found:
        """All is quiet: what is held is what there is."""
        for key, last in self._history.last:
            yield from self._is_at(LAST, key, last)

    def _state(self, change: Pushed) -> Found:
        seen, key = change.seen, change.key or ""
        if seen is None:
            if key in self._held:
                yield ORDERED, f"{key} is said not to be there, and was at {self._held[key]}"
            return
        yield from ((TRUE, what) for what in true(seen, self._history))
        yield from ((TRUE, what) for what in fits(seen, self._subject))
        if seen.position <= self._after:
            yield ORDERED, f"{key} at {seen.position} was told before, in what came up to {self._after}"
        if seen.position <= self._shown.get(key, -1):
            yield ORDERED, f"{key} at {seen.position} came after it was shown at {self._shown[key]}"
        if seen.position < self._had.get(key, -1):
            yield ORDERED, f"{key} at {seen.position} came after it was held at {self._had[key]}"
        self._shown[key] = seen.position
        if change.position >= self._page:
            # A page that was read meanwhile may have been ahead.
            self._held[key] = max(seen.position, self._held.get(key, -1))

    def _left(self, change: Pushed) -> Found:
        key = change.key or ""
        last = max(self._shown.get(key, -1), self._had.get(key, -1), self._after)
        # It may have left past the position that is told: what was read to resume was ahead of what was noted.
        if all(self._subject.matches(state.content) for state in self._history.since(key, last)):
            yield TRUE, f"{key} is said to have left, and since {last} never did"
        if change.position >= self._page:
            self._held.pop(key, None)

    def _complete(self, told: int, moment: float) -> Found:
        """All up to `told` has been told by this moment. Of a list, what had already changed again may come as that."""
        if self._has_to_read:
            return
        if not isinstance(self._subject, Listing):
            if (due := self._history.at(self._subject.key, told)) is not None:
                yield from self._is_at(TOLD, self._subject.key, due)
            return
        steps = self._history.steps
        while self._due < len(steps) and steps[self._due].state.position <= told:
            step = steps[self._due]
            self._due += 1
            if step.until > moment:
                yield from self._is_at(TOLD, step.key, step.state)

    def _is_at(self, rule: str, key: str, state: State) -> Found:
        wanted = state.position if self._wants(key, state) else -1
        # What is held may be ahead of what was due.
        if self._held_at(key) != wanted and self._held_at(key) <= state.position:
            held = f"held at {self._held_at(key)}" if key in self._held else "not held"
            yield rule, f"{key} is {held}, {wanted if wanted >= 0 else 'out of it'} was due when {self._told} was told"

    def _wants(self, key: str, state: State) -> bool:
        return self._subject.matches(state.content) if isinstance(self._subject, Listing) else key == self._subject.key

    def _held_at(self, key: str) -> int:
        return self._held.get(key, -1)
