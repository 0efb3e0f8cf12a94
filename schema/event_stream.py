"""Server-sent events, in graphql-sse's distinct connections mode: one response is one operation.

After https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md and
https://html.spec.whatwg.org/multipage/server-sent-events.html. An operation that is not executed is told so by the events
too, with status 200: of another status an EventSource tells its page nothing.
"""

import asyncio
from collections.abc import Sequence

from starlette.types import Receive, Send
from strawberry.types.execution import ExecutionResult

from schema.pushes import Pushes
from schema.responses import encoded, failure

KEEP_ALIVE = 12.0
"""Seconds between comments, without which a proxy may take a quiet stream for a dead one."""

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    # nginx would gather events until it has a buffer full of them.
    (b"x-accel-buffering", b"no"),
)

_COMMENT = b":\n\n"
# With data, although there is none: an EventSource keeps an event without any to itself.
_COMPLETE = b"event: complete\ndata:\n\n"


class EventStream:
    """One response. `lines` are its headers beside `HEADERS`, `keep_alive` is in seconds."""

    def __init__(
        self, lines: Sequence[tuple[bytes, bytes]], receive: Receive, send: Send, keep_alive: float = KEEP_ALIVE
    ) -> None:
        self._lines = lines
        self._receive = receive
        self._send = send
        self._keep_alive = keep_alive

    async def answer(self, result: bytes | ExecutionResult) -> None:
        """Sends the only result of an operation."""
        body = encoded(result) if isinstance(result, ExecutionResult) else result
        await self._begin()
        await self._part(_event(body) + _COMPLETE, more=False)

    async def push(self, pushes: Pushes, request_id: str) -> None:
        """Sends what is pushed, until the client goes away or the server stops: then without `complete`.

        A client that does not read waits in the server's buffers, and holds up `pushes`, which gather the latest. Whether
        it is still there is the server's to find out: it says so as of one that went away.
        """
        clock = asyncio.timeout(None)
        tasks = [asyncio.create_task(self._leave(clock)), asyncio.create_task(self._keep())]
        try:
            async with clock:
                await self._begin()
                await self._part(_COMMENT)
                await self._tell(pushes, request_id)
                await self._part(b"", more=False)
        except (TimeoutError, OSError):
            pass  # there is nobody to send to
        finally:
            pushes.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, pushes: Pushes, request_id: str) -> None:
        while True:
            try:
                push = await anext(pushes, None)
            except Exception as error:  # any: the client gets a code, and the log the error
                await self._part(_event(encoded(failure(error, request_id))) + _COMPLETE)
                return
            if push is None:
                return
            await self._part(b"id: " + push.position.encode() + b"\n" + _event(push.payload))

    async def _leave(self, clock: asyncio.Timeout) -> None:
        """Runs the clock out when the client goes away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        clock.reschedule(asyncio.get_running_loop().time())

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._keep_alive)
            await self._part(_COMMENT)

    async def _begin(self) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *self._lines]})

    async def _part(self, part: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": part, "more_body": more})


def _event(payload: bytes) -> bytes:
    """One result. JSON has no line breaks of its own."""
    return b"event: next\ndata: " + payload + b"\n\n"
