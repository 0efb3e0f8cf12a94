"""Watchers: they subscribe and note what they are told; cut off, or having left, they go on after what they were told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from random import Random
from time import time
from typing import Any

from tests.system.checker.asking import Asking, Unanswered, is_passing, number
from tests.system.checker.board import Board
from tests.system.checker.looking import Looking
from tests.system.checker.pushing import over_events, over_socket
from tests.system.checker.records import Opened, Pushed, Records, Watch
from tests.system.checker.subjects import Listing, One, Subject

PADDING = 40
"""Copies of a document in each push to someone who reads slowly: so that what is not read fills what lies between."""

STAYS = (0.5, 12.0)
"""Seconds for which a watcher stays subscribed, if nothing happens."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a watcher goes about it. `slow`: it takes its time over each push, and lets others wait in between."""

    sockets: bool
    slow: bool = False


class Watcher:
    """One client that watches one subject."""

    def __init__(
        self, name: str, subject: Subject, habits: Habits, asking: Asking, board: Board, records: Records, random: Random
    ) -> None:
        self._subject = subject
        self._habits = habits
        self._asking = asking
        self._board = board
        self._records = records
        self._random = random
        self._looking = Looking(name, asking, board, records, random)
        self._watch = Watch(name, subject)
        self._field = _field(subject)
        self._operation = _operation(subject, PADDING if habits.slow else 0)
        self._last = ""
        self._has_to_read = isinstance(subject, Listing)
        records.watches.append(self._watch)

    async def run(self, seconds: float | None = None) -> None:
        """For so many seconds, or until it is cancelled."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._stay()
        self._watch.left = True

    async def _stay(self) -> None:
        """Once: until it is cut off, or leaves."""
        seconds = None if self._board.quiet else self._random.uniform(*STAYS)
        clock = asyncio.timeout(seconds)
        try:
            async with clock:
                await self._subscribe()
        except TimeoutError:
            if not clock.expired():
                raise  # the whole watch is over
            self._records.counts["left"] += 1
        except Unanswered:
            self._records.counts["cut off"] += 1
            await asyncio.sleep(self._random.uniform(0.05, 0.4))

    async def _subscribe(self) -> None:
        if self._has_to_read:
            await self._read()
        after = self._last or None
        self._watch.told.append(Opened(None if after is None else number(after)))
        async with aclosing(self._responses(after)) as responses:
            async for body in responses:
                if is_passing(body):
                    raise Unanswered("error")
                await self._told(body["data"][self._field])
                if self._habits.slow and not self._board.quiet:
                    await asyncio.sleep(self._random.uniform(0.1, 0.5))

    async def _told(self, change: dict[str, Any]) -> None:
        model, token = self._subject.model, change["position"]
        document = change[model.name]
        seen = None if document is None else self._looking.sighting(model, document)
        self._watch.told.append(Pushed(change["kind"], number(token), time(), change["id"], seen))
        self._records.counts[change["kind"]] += 1
        self._board.told(token)
        self._last = max(self._last, token)
        if change["kind"] == "RESYNC":
            self._has_to_read = True
            await self._read()

    async def _read(self) -> None:
        assert isinstance(self._subject, Listing), "of one document there is always a snapshot"
        page, token = await self._looking.list(self._subject, self._last)
        self._watch.told.append(page)
        self._has_to_read = False
        # A page that could not wait may be short of what was told: then it has to come once more.
        self._last = token

    def _responses(self, after: str | None) -> AsyncGenerator[dict[str, Any]]:
        place, variables = self._asking.place(), _variables(self._subject)
        if self._habits.sockets:
            return over_socket(place, self._operation, {**variables, "after": after}, narrow=self._habits.slow)
        if after is not None and self._random.random() < 0.5:
            return over_events(self._asking.http, place, self._operation, variables, after)
        return over_events(self._asking.http, place, self._operation, {**variables, "after": after}, None)


def _field(subject: Subject) -> str:
    return f"{subject.model.name if isinstance(subject, One) else subject.many}Changed"


def _variables(subject: Subject) -> dict[str, Any]:
    return {"id": subject.key} if isinstance(subject, One) else {"filter": subject.filter}


def _operation(subject: Subject, padding: int) -> str:
    model, field = subject.model, _field(subject)
    pads = " ".join(f"pad{number}: {model.name} {model.selection}" for number in range(padding))
    selection = f"{{ kind position id {model.name} {model.selection} {pads} }}"
    if isinstance(subject, Listing):
        of = f"$filter: {subject.filter_type}, $after: Position"
        return f"subscription({of}) {{ {field}(filter: $filter, after: $after) {selection} }}"
    if not model.keyed:
        return f"subscription($after: Position) {{ {field}(after: $after) {selection} }}"
    return f"subscription($id: ID!, $after: Position) {{ {field}(id: $id, after: $after) {selection} }}"
