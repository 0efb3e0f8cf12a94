"""The handshake: who may connect, and in which protocol."""

from starlette.types import Receive, Scope, Send

from schema.contexts import Contexts, joined, request_id_of
from schema.execution import OnereadSchema
from schema.sockets.closing import OtherProtocol
from schema.sockets.connection import Connection
from schema.sockets.limits import SocketLimits
from schema.sockets.origins import Origins

PROTOCOL = "graphql-transport-ws"


class Sockets:
    """Serves WebSockets. Pages of other origins may not connect unless they are listed."""

    def __init__(
        self,
        schema: OnereadSchema,
        contexts: Contexts,
        limits: SocketLimits | None = None,
        allowed_origins: tuple[str, ...] = (),
    ) -> None:
        self._schema = schema
        self._contexts = contexts
        self._limits = limits or SocketLimits()
        self._origins = Origins(allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI, of one socket."""
        await receive()  # that it wants to connect
        headers, offered = joined(scope["headers"]), scope["subprotocols"]
        if not self._origins.admit(headers):
            # Before it is accepted: this is answered by HTTP's 403.
            await send({"type": "websocket.close", "code": 1008})
            return
        if PROTOCOL not in offered:
            # Accepted under the client's own word for it: else a browser would tell its page no code.
            await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
            await OtherProtocol().send(send)
            return
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        request_id = request_id_of(headers)
        connection = Connection(
            self._schema, lambda payload: self._contexts.of(headers, request_id, payload), self._limits, receive, send
        )
        await connection.run()
