"""Shared reads: what waits to be read goes together. The port `Documents`, on the port `Reads`.

There is no timer and no cache. A read is sent at once while few are under way. While enough are, the next gather: reads by
id of one collection become one read, equal pages become one page, and several pages go in one command. A reader only ever
joins what is not yet sent, since what is under way may be older than what the reader must see. First come, first served.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from projections.kernel.errors import StoreUnavailable
from projections.kernel.fields import EVERYTHING, Fields, union
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Page, PageRequest, Reads
from projections.kernel.shapes import Stored

MOST_KEYS = 1_000
"""So many documents are read together at most."""

MOST_PAGES = 8
"""So many pages are read together at most: what a command costs besides its pages is spread then, and more gain little."""

MOST_LISTED = 200
"""So many documents the pages of one command may have together, one page alone excepted."""

MOST_PARTS = 4
"""Selections of so many kinds are read as their union; where there are more, documents are read whole."""

UNIONS = 200


class SharedDocuments:
    """Reads that share commands.

    So many commands are under way at once at most: `ids_in_flight` by id of each collection, `pages_in_flight` for pages
    in all, and as many again for pages that may take long.
    """

    def __init__(self, reads: Reads, *, ids_in_flight: int, pages_in_flight: int) -> None:
        self._reads = reads
        self._ids_in_flight = ids_in_flight
        self._ids: dict[AnyProjection, _Ids] = {}
        self._near = _Pages(reads, pages_in_flight, MOST_PAGES)
        # What these cost may grow with the shop: others must not wait for them, nor go with them.
        self._far = _Pages(reads, pages_in_flight, 1)

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        """See `Documents.find`."""
        ids = self._ids.get(projection)
        if ids is None:
            ids = self._ids[projection] = _Ids(self._reads, projection, self._ids_in_flight)
        return await ids.join(key, fields)

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        """See `Documents.page`."""
        pages = self._far if _goes_far(projection, request) else self._near
        return await pages.join(projection, request)

    async def close(self) -> None:
        """Gives up what is under way, and those who wait."""
        for ids in self._ids.values():
            await ids.close()
        for pages in (self._near, self._far):
            await pages.close()


def _goes_far(projection: AnyProjection, request: PageRequest) -> bool:
    """Whether MongoDB may have to pass by documents that are not of the page: it counts, searches, sorts or filters them.

    Else there is an index in which the documents of the page are next to each other.
    """
    if request.with_total or request.search:
        return True
    sorted_by = projection.shape.sort_path(request.order)
    others = [condition for condition in request.conditions if condition.path != sorted_by]
    return len(others) > 1 or any(operator != "eq" for condition in others for operator, _ in condition.tests)


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
        with _ending([future for _, future in readers]):
            found = await self._reads.many(self._projection, list(keys), _together(self._projection, parts))
            for key, future in readers:
                if not future.done():
                    future.set_result(found.get(key))
        return True

    async def close(self) -> None:
        for _, _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
        await self._senders.close()


_Wanted = tuple[AskedPage, "list[asyncio.Future[Page]]"]
"""A page, and those who wait for it."""


class _Pages:
    """Those who wait for pages, by what they ask for. So many pages go `together` at most."""

    def __init__(self, reads: Reads, in_flight: int, together: int) -> None:
        self._reads = reads
        self._together = together
        # Not a plain dictionary: taking its first, again and again, costs more each time.
        self._waiting: OrderedDict[AskedPage, list[asyncio.Future[Page]]] = OrderedDict()
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
        with _ending([future for _, readers in taken for future in readers]):
            try:
                await self._answer(taken)
            except StoreUnavailable:
                raise
            except Exception:
                if len(taken) == 1:
                    raise
                # Which of them it was is not told. Read by itself, each fails only those who waited for it.
                for one in taken:
                    with _ending(one[1]):
                        await self._answer([one])

    async def _answer(self, taken: list[_Wanted]) -> None:
        pages = await self._reads.pages([asked for asked, _ in taken])
        for (_, readers), page in zip(taken, pages, strict=True):
            for future in readers:
                if not future.done():
                    future.set_result(page)

    async def close(self) -> None:
        for readers in self._waiting.values():
            for future in readers:
                future.cancel()
        self._waiting.clear()
        await self._senders.close()


class _Senders:
    """At most `most` tasks that send what waits, one read after the other, until nothing does.

    The task that is made for a first arrival runs in the loop's next round, and so takes all that arrives in this one.
    """

    def __init__(self, most: int, send: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        self._most = most
        self._send = send
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        if len(self._tasks) < self._most:
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        try:
            while await self._send():
                pass
        finally:
            # At once: until the loop calls back, somebody may come who would find no sender, and wake none.
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def _ending(futures: "Sequence[asyncio.Future[Any]]") -> Iterator[None]:
    """Whatever ends the block, nobody is left waiting: an error of the read is theirs, and so is its end."""
    try:
        yield
    except Exception as error:
        for future in futures:
            if not future.done():
                future.set_exception(error)
    finally:
        for future in futures:
            if not future.done():
                future.cancel()


def _together(projection: AnyProjection, parts: "set[Fields]") -> Fields:
    """What to read for those who want these parts.

    Whole documents would always do, and cost more. Of 30 orders with five lines: an order page's usual selection 0.6 of
    the whole, four fields 0.4.
    """
    if len(parts) == 1:
        return next(iter(parts))
    return EVERYTHING if len(parts) > MOST_PARTS else _union(projection, frozenset(parts))


@lru_cache(UNIONS)
def _union(projection: AnyProjection, parts: frozenset[Fields]) -> Fields:
    return union(projection.document, parts)
