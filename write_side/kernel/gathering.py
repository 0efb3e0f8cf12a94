"""Gathering: many who ask for a few things each, and one call at a time that answers them together.

What is asked for while a call is under way waits for the next one, with all the rest. What is waited for already is asked
for once, however many wait.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from write_side.kernel.errors import LogUnavailable

K = TypeVar("K")
V = TypeVar("V")

MOST = 500
"""How many things one call asks for."""


class Gathering(Generic[K, V]):
    """Gathers what is asked of `look_up`, which answers for the keys that it finds something for."""

    def __init__(self, look_up: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], most: int = MOST) -> None:
        self._look_up = look_up
        self._most = most
        self._asked: dict[K, asyncio.Future[V | None]] = {}
        self._waiting: deque[K] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def find(self, keys: Iterable[K]) -> dict[K, V | None]:
        """What there is for each of `keys`. Raises what the look-up of one of them raised."""
        futures = {key: self._future(key) for key in keys}
        if futures:
            await asyncio.wait(futures.values())
        # All of them are looked at: an error that nobody asks for would be reported as one that nobody noticed.
        for error in [future.exception() for future in futures.values()]:
            if error is not None:
                raise error
        return {key: future.result() for key, future in futures.items()}

    def _future(self, key: K) -> "asyncio.Future[V | None]":
        if (future := self._asked.get(key)) is None:
            future = self._asked[key] = asyncio.get_running_loop().create_future()
            self._waiting.append(key)
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
        return future

    async def _ask(self) -> None:
        while self._waiting:
            await self._answer([self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))])

    async def _answer(self, keys: Sequence[K]) -> None:
        try:
            found = await self._look_up(keys)
        except Exception as error:  # any: it is for those who asked
            if len(keys) > 1 and not isinstance(error, LogUnavailable):
                for key in keys:  # one key may be at fault: its neighbours must not pay for it
                    await self._answer([key])
                return
            for key in keys:
                self._asked.pop(key).set_exception(error)
        else:
            for key in keys:
                self._asked.pop(key).set_result(found.get(key))
