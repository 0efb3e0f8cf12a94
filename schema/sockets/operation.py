"""One operation of a connection: executed, and what it comes to sent, until it is over or cancelled."""

from collections.abc import Callable

from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.contexts import new_request_id
from schema.execution import OnereadSchema
from schema.ports import RequestContext
from schema.pushes import Pushes
from schema.requests import GraphQLRequest
from schema.responses import encoded, failure
from schema.sockets.closing import Restarting, SocketClosed
from schema.sockets.messages import Frames
from schema.sockets.outlet import ClientGone, Outlet

_ALL = frozenset(OperationType)


class Operation:
    """An operation to execute for a client. `context` is the connection's: each operation has its own of it."""

    def __init__(
        self, schema: OnereadSchema, request: GraphQLRequest, context: RequestContext, frames: Frames, outlet: Outlet
    ) -> None:
        self._schema = schema
        self._request = request
        self._context = context._replace(request_id=new_request_id(), appended=[], noted={})
        self._frames = frames
        self._outlet = outlet

    async def run(self, over: Callable[[], None]) -> None:
        """Executes the operation. Calls `over` before it tells the client so: then the id is free.

        Raises `Restarting`, `ClientGone`.
        """
        try:
            found = await self._responded()
            if isinstance(found, Pushes):
                await self._push(found)
                # To complete would tell the client that there is no more to come, ever.
                raise Restarting
        except (SocketClosed, ClientGone):
            raise
        except Exception as error:  # any: the client gets a code, and the log the error
            found = failure(error, self._context.request_id)
        if isinstance(found, PreExecutionError):
            over()
            await self._outlet.text(self._frames.error(found))
            return
        await self._outlet.text(self._frames.next(found))
        over()
        await self._outlet.text(self._frames.complete)

    async def _responded(self) -> bytes | PreExecutionError | Pushes:
        query, name, variables = self._request
        # It may be large, and what is pushed goes on for long. This frame has ended by then.
        del self._request
        found = await self._schema.respond(query, variables, self._context, name, _ALL)
        return encoded(found) if isinstance(found, ExecutionResult) and not isinstance(found, PreExecutionError) else found

    async def _push(self, pushes: Pushes) -> None:
        next_, send = self._frames.next, self._outlet.text
        try:
            async for push in pushes:
                await send(next_(push.payload))
        finally:
            pushes.close()
