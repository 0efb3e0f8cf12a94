"""Breaths: long work a few pieces at a time, so that everything else in the process gets its turn in between."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

T = TypeVar("T")


async def breaths(values: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """All of them, in their order, `size` at a time."""
    for start in range(0, len(values), size):
        if start:
            await asyncio.sleep(0)
        yield values[start : start + size]
