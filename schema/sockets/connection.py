"""A connection: one client's socket from when it is open to its end, with the operations that it has under way."""

import asyncio
import logging
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import assert_never

from starlette.types import Receive, Send

from schema.contexts import Payload
from schema.errors import Overloaded, RequestError
from schema.execution import OnereadSchema
from schema.ports import RequestContext
from schema.requests import GraphQLRequest
from schema.responses import failure
from schema.sockets.closing import (
    Broken,
    IdInUse,
    InitTimeout,
    MalformedMessage,
    NotInitialised,
    NotReading,
    Refused,
    SecondInit,
    SocketClosed,
)
from schema.sockets.limits import SocketLimits
from schema.sockets.messages import ACKNOWLEDGED, ClientMessage, Complete, Frames, Init, Ping, Pong, Subscribe, parsed, pong
from schema.sockets.operation import Operation
from schema.sockets.outlet import ClientGone, Outlet

_log = logging.getLogger(__name__)


class Connection:
    """Speaks with one client. `opened` makes the context of what its hello carries, and raises what refuses it."""

    def __init__(
        self,
        schema: OnereadSchema,
        opened: Callable[[Payload], RequestContext],
        limits: SocketLimits,
        receive: Receive,
        send: Send,
    ) -> None:
        self._schema = schema
        self._opened = opened
        self._limits = limits
        self._receive = receive
        self._send = send
        self._outlet = Outlet(send, limits.stalled_seconds, lambda: self._end(NotReading()))
        self._context: RequestContext | None = None
        # Until the last of them is said: that may wait for room after the id is free, and the client may want it no more.
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._in_use: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        # Runs until the client has said hello; later it is run out to end the connection.
        self._clock = asyncio.timeout(limits.init_seconds)
        self._verdict: SocketClosed | None = None

    async def run(self) -> None:
        """Serves until one of the two sides ends it. Nothing that it began goes on then."""
        closed: SocketClosed | None = None
        try:
            async with self._clock:
                await self._serve()
        except TimeoutError:
            closed = self._verdict or InitTimeout()
        except SocketClosed as error:
            closed = error
        except ClientGone:
            pass
        except Exception:  # any: the client gets a code, and the log the error
            _log.exception("a connection failed")
            closed = Broken()
        finally:
            self._outlet.close()
            await _cancelled(list(self._tasks))
        if closed is not None:
            await closed.send(self._send)

    async def _serve(self) -> None:
        while await self._received():
            pass

    async def _received(self) -> bool:
        """Takes one message, of which nothing is left afterwards; False when the client is gone."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            return False
        text = message.get("text")
        if text is None:
            raise MalformedMessage("Messages are texts")
        await self._take(parsed(text))
        return True

    async def _take(self, message: ClientMessage) -> None:
        match message:
            case Init(payload):
                await self._acknowledge(payload)
            case Subscribe(operation_id, request):
                await self._begin(operation_id, request)
            case Complete(operation_id):
                self._in_use.discard(operation_id)
                if (task := self._operations.pop(operation_id, None)) is not None:
                    task.cancel()
            case Ping(payload):
                await self._outlet.text(pong(payload))
            case Pong():
                pass
            case _:
                assert_never(message)

    async def _acknowledge(self, payload: Payload) -> None:
        if self._context is not None:
            raise SecondInit
        try:
            # An EventSource's header means nothing here, where many operations share one request.
            self._context = self._opened(payload)._replace(last_event_id=None)
        except RequestError as error:
            raise Refused(str(error)) from None
        self._clock.reschedule(None)
        await self._outlet.text(ACKNOWLEDGED)

    async def _begin(self, operation_id: str, request: GraphQLRequest) -> None:
        if self._context is None:
            raise NotInitialised
        if operation_id in self._in_use:
            raise IdInUse(operation_id)
        frames = Frames(operation_id)
        if len(self._in_use) >= self._limits.operations:
            error = Overloaded(f"a connection may have {self._limits.operations} operations under way")
            await self._outlet.text(frames.error(failure(error, self._context.request_id)))
            return
        operation = Operation(self._schema, request, self._context, frames, self._outlet)
        task = asyncio.create_task(self._operate(operation, operation_id))
        self._operations[operation_id] = task
        self._in_use.add(operation_id)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _operate(self, operation: Operation, operation_id: str) -> None:
        task = asyncio.current_task()

        def over() -> None:
            # Not of the one that has its id now.
            if self._operations.get(operation_id) is task:
                self._in_use.discard(operation_id)

        try:
            await operation.run(over)
        except SocketClosed as closed:
            self._end(closed)
        except ClientGone:
            pass  # the connection is told so too
        finally:
            over()
            if self._operations.get(operation_id) is task:
                del self._operations[operation_id]

    def _end(self, verdict: SocketClosed) -> None:
        """Runs out the clock, unless the connection ends already."""
        with suppress(RuntimeError):
            self._clock.reschedule(asyncio.get_running_loop().time())
            self._verdict = self._verdict or verdict


async def _cancelled(tasks: Collection["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
