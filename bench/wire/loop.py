"""The event loop, and the garbage collector, as Oneread's own processes have them."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import uvloop

from server.garbage import look_seldom

Result = TypeVar("Result")


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine to its end."""
    look_seldom()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)
