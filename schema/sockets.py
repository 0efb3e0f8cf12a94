"""GraphQL over WebSocket, in the protocol graphql-transport-ws, as strawberry speaks it."""

from collections.abc import Callable
from datetime import timedelta

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from schema.execution import OnereadSchema
from schema.ports import RequestContext

INIT_TIMEOUT = timedelta(seconds=3)
"""How long a client may take to say hello."""


class Sockets(GraphQL[RequestContext, None]):
    """Serves WebSockets. Pages of other origins may not connect unless they are listed."""

    def __init__(
        self,
        schema: OnereadSchema,
        context: Callable[[HTTPConnection], RequestContext],
        allowed_origins: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=INIT_TIMEOUT,
            allowed_origins=allowed_origins,
        )
        self._context = context

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        """The context of a connection; each of its operations gets a request id of its own."""
        return self._context(request)
