"""Shared reads: what waits to be read goes together. The port `Documents`, on the port `Reads`.

There is no timer and no cache. A read is sent at once while few are under way. While enough are, the next gather: reads by
id of one collection become one read, equal pages become one page, and several pages go in one command. A reader only ever
joins what is not yet sent, since what is under way may be older than what the reader must see. First come, first served.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, TypeVar

from projections.kernel.errors import StoreUnavailable
from projections.kernel.fields import EVERYTHING, Fields, union
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Asked, Page, PageRequest, Reads
from projections.kernel.shapes import Stored

T = TypeVar("T")
MOST_KEYS = 1_000
"""So many documents are read together at most."""

MOST_PAGES = 8
"""So many pages are read together at most: what a command costs besides its pages is spread then, and more gain little."""

MOST_LISTED = 200
"""So many documents the pages of one command may have together, one page alone excepted."""

UNIONS = 1_000


class SharedDocuments:
    """Reads that share commands.

    So many are under way at once at most: `ids_in_flight` by id of each collection, `pages_in_flight` plain pages in all,
    and as many again of those that count or search.
    """

    def __init__(self, reads: Reads, *, ids_in_flight: int, pages_in_flight: int) -> None:
        self._reads = reads
        self._ids_in_flight = ids_in_flight
        self._ids: dict[AnyProjection, _Ids] = {}
        self._plain = _Pages(reads, pages_in_flight, MOST_PAGES)
        # What these cost grows with the shop: others must not wait for them.
        self._growing = _Pages(reads, pages_in_flight, 1)

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        """See `Documents.find`."""
        ids = self._ids.get(projection)
        if ids is None:
            ids = self._ids[projection] = _Ids(self._reads, projection, self._ids_in_flight)
        return await ids.join(key, fields)

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        """See `Documents.page`."""
        pages = self._growing if request.with_total or request.search else self._plain
        return await pages.join(projection, request)


class _Ids:
    """Those who wait for documents of one collection, by id."""

    def __init__(self, reads: Reads, projection: AnyProjection, in_flight: int) -> None:
        self._reads = reads
        self._projection = projection
        self._waiting: deque[tuple[Key, Fields, asyncio.Future[Stored | None]]] = deque()
        self._senders = _Senders(in_flight, self._send)

    def join(self, key: Key, fields: Fields) -> "asyncio.Future[Stored | None]":
        future: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        if not self._waiting:  # else a sender is about to take it too
            self._senders.wake()
        self._waiting.append((key, fields, future))
        return future

    async def _send(self) -> bool:
        readers: list[tuple[Key, asyncio.Future[Stored | None]]] = []
        keys: dict[Key, None] = {}
        parts: set[Fields] = set()
        while self._waiting and len(keys) < MOST_KEYS:
            key, fields, future = self._waiting.popleft()
            if not future.done():
                readers.append((key, future))
                keys[key] = None
                parts.add(fields)
        if not readers:
            return False
        # Whole documents would spare the union, which is remembered, but cost more to read. Of 30 orders with five lines:
        # an order page's usual selection 0.6 of the whole, four fields 0.4.
        fields = parts.pop() if len(parts) == 1 else _union(self._projection, frozenset(parts))
        try:
            found = await self._reads.many(self._projection, list(keys), fields)
        except BaseException as error:
            _fail([future for _, future in readers], error)
        else:
            for key, future in readers:
                if not future.done():
                    future.set_result(found.get(key))
        return True


_Wanted = tuple[Asked, "list[asyncio.Future[Page]]"]
"""A page, and those who wait for it."""


class _Pages:
    """Those who wait for pages, by what they ask for. So many pages go `together` at most."""

    def __init__(self, reads: Reads, in_flight: int, together: int) -> None:
        self._reads = reads
        self._together = together
        # Not a plain dictionary: taking its first, again and again, costs more each time.
        self._waiting: OrderedDict[Asked, list[asyncio.Future[Page]]] = OrderedDict()
        self._senders = _Senders(in_flight, self._send)

    def join(self, projection: AnyProjection, request: PageRequest) -> "asyncio.Future[Page]":
        future: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
        asked = (projection, request)
        if (readers := self._waiting.get(asked)) is not None:
            readers.append(future)
        else:
            self._waiting[asked] = [future]
            self._senders.wake()
        return future

    async def _send(self) -> bool:
        taken = self._take()
        if taken:
            await self._read(taken)
        return bool(taken)

    def _take(self) -> list[_Wanted]:
        taken: list[_Wanted] = []
        listed = 0
        while self._waiting and len(taken) < self._together:
            asked = next(iter(self._waiting))
            listed += asked[1].size
            if taken and listed > MOST_LISTED:
                break
            readers = [future for future in self._waiting.pop(asked) if not future.done()]
            if readers:
                taken.append((asked, readers))
        return taken

    async def _read(self, taken: list[_Wanted]) -> None:
        try:
            pages = await self._reads.pages([asked for asked, _ in taken])
        except BaseException as error:
            if len(taken) == 1 or isinstance(error, StoreUnavailable) or not isinstance(error, Exception):
                _fail([future for _, readers in taken for future in readers], error)
                return
        else:
            for (_, readers), page in zip(taken, pages, strict=True):
                for future in readers:
                    if not future.done():
                        future.set_result(page)
            return
        # Which of them it was is not told. Read by itself, each fails only those who waited for it.
        for one in taken:
            await self._read([one])


class _Senders:
    """At most `most` tasks that send what waits, one read after the other, until nothing does.

    The task that is made for a first arrival runs in the loop's next round, and so takes all that arrives in this one.
    """

    def __init__(self, most: int, send: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        self._most = most
        self._send = send
        self._running = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        if self._running < self._most:
            self._running += 1
            task = asyncio.create_task(self._run())
            self._tasks.add(task)  # the loop itself would let go of it
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            while await self._send():
                pass
        finally:
            self._running -= 1


def _fail(futures: "list[asyncio.Future[T]]", error: BaseException) -> None:
    """Tells those who waited. What is no error of the read, its task being cancelled, goes on."""
    for future in futures:
        if future.done():
            continue
        if isinstance(error, Exception):
            future.set_exception(error)
        else:
            future.cancel()
    if not isinstance(error, Exception):
        raise error


@lru_cache(UNIONS)
def _union(projection: AnyProjection, parts: frozenset[Fields]) -> Fields:
    return union(projection.document, parts)
