"""Gathering: many who ask for a few things each, and one call at a time that answers them together.

What is asked for while a call is under way waits for the next one, with all the rest.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from write_side.kernel.errors import LogUnavailable

K = TypeVar("K")
V = TypeVar("V")

MOST = 500
"""How many things one call asks for, unless somebody asks for more."""


class _Asked(NamedTuple, Generic[K, V]):
    """What somebody waits for."""

    keys: Collection[K]
    found: "asyncio.Future[Mapping[K, V]]"


class Gathering(Generic[K, V]):
    """Gathers what is asked of `look_up`, which answers for the keys that it finds something for."""

    def __init__(self, look_up: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], most: int = MOST) -> None:
        self._look_up = look_up
        self._most = most
        self._waiting: deque[_Asked[K, V]] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def find(self, keys: Collection[K]) -> Mapping[K, V]:
        """What there is for `keys`, perhaps among other things. Raises what the look-up of one of them raised."""
        if not keys:
            return {}
        asked = _Asked[K, V](keys, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asked.found

    async def _ask(self) -> None:
        while self._waiting:
            together = [self._waiting.popleft()]
            size = len(together[0].keys)
            while self._waiting and (size := size + len(self._waiting[0].keys)) <= self._most:
                together.append(self._waiting.popleft())
            await self._answer(together)

    async def _answer(self, together: Sequence[_Asked[K, V]]) -> None:
        try:
            found = await self._look_up(list(dict.fromkeys(key for asked in together for key in asked.keys)))
        except Exception as error:  # any: it is for those who asked
            if len(together) > 1 and not isinstance(error, LogUnavailable):
                for asked in together:  # one may ask for what is at fault: its neighbours must not pay for it
                    await self._answer([asked])
                return
            for asked in together:
                if not asked.found.done():
                    asked.found.set_exception(error)
        else:
            for asked in together:
                if not asked.found.done():
                    asked.found.set_result(found)
