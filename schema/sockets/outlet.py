"""The way to a client that may not read."""

import asyncio
from collections.abc import Callable

from starlette.types import Message, Send


class ClientGone(Exception):
    """There is nobody to send to."""


class Outlet:
    """Sends, and calls `stalled` once when the client has taken nothing for so many seconds.

    What counts is that a message finds room. ASGI does not tell how much of it is taken: a client whose line needs longer
    than that for the messages before, up to the one that waits, is taken for one that does not read.

    ASGI's `send` waits while the client does not read. Looking at the clock costs nothing per message: one timer runs per
    client, and finds out when it is due whether anything has moved.
    """

    def __init__(self, send: Send, seconds: float, stalled: Callable[[], None]) -> None:
        self._send = send
        self._seconds = seconds
        self._stalled = stalled
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._moved = self._loop.time()
        self._timer = self._loop.call_later(seconds, self._look)

    async def __call__(self, message: Message) -> None:
        """Sends one message, once there is room for it. Raises `ClientGone`."""
        if not self._waiting:
            self._moved = self._loop.time()
        self._waiting += 1
        try:
            await self._send(message)
            self._moved = self._loop.time()
        except OSError:
            raise ClientGone from None
        finally:
            self._waiting -= 1

    async def text(self, text: str) -> None:
        """Sends a text. Raises `ClientGone`."""
        await self({"type": "websocket.send", "text": text})

    def close(self) -> None:
        """Looks no more."""
        self._timer.cancel()

    def _look(self) -> None:
        now = self._loop.time()
        due = self._moved + self._seconds if self._waiting else now + self._seconds
        if due <= now:
            self._stalled()
        else:
            self._timer = self._loop.call_at(due, self._look)
