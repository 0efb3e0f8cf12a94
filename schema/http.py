"""The HTTP edge: an ASGI application that serves a schema, after the GraphQL over HTTP specification.

Queries by GET and POST, mutations by POST only, subscriptions as server-sent events and over WebSocket; a page
for browsers.
"""

from collections.abc import Callable

from starlette.datastructures import QueryParams
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.contexts import REQUEST_ID, Callers, Contexts, Lines, anonymous, joined, request_id_of
from schema.demands import HEADER, WAIT
from schema.errors import Forbidden, Unauthenticated, retry_after
from schema.event_stream import EventStream
from schema.execution import OnereadSchema
from schema.idempotency import KEY
from schema.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, accepts_events, media_type, wants_page
from schema.ports import RequestContext, Services
from schema.pushes import Pushes
from schema.requests import (
    BODY_LIMIT,
    Disconnected,
    GraphQLRequest,
    MalformedRequest,
    from_body,
    from_parameters,
    read_body,
)
from schema.responses import encoded, failure
from schema.sockets.handshake import PROTOCOL, Sockets
from schema.sockets.limits import SocketLimits
from write_side.kernel.positions import Position

LONGEST_LINE = 1_000
"""Bytes of a header that are looked at."""

POSITION = "Oneread-Position"
"""The response header with the position that a mutation wrote last: send it as the next request's Oneread-At-Least."""

_REQUEST_ID, _POSITION = REQUEST_ID.lower().encode(), POSITION.lower().encode()
_IDEMPOTENCY_KEY = KEY.lower().encode()
_BY_METHOD = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}
_SUBSCRIPTIONS = frozenset({OperationType.SUBSCRIPTION})
_VARY = (b"vary", f"Accept, {HEADER}, {WAIT}".encode())
_TYPES = {media: (b"content-type", f"{media}; charset=utf-8".encode()) for media in (GRAPHQL_RESPONSE, JSON)}


class GraphQLApp:
    """Serves a schema. `page` makes the HTML that a browser gets, if it gets any; `body_limit` is in bytes.

    `callers` says who sends a request. `allowed_origins` are the pages on other hosts that may open a WebSocket, and
    `sockets` is what one of them may do.
    """

    def __init__(
        self,
        schema: OnereadSchema,
        services: Services,
        *,
        page: Callable[[], str] | None = None,
        body_limit: int = BODY_LIMIT,
        callers: Callers = anonymous,
        allowed_origins: tuple[str, ...] = (),
        sockets: SocketLimits | None = None,
    ) -> None:
        self._schema = schema
        self._page = page
        self._body_limit = body_limit
        self._contexts = Contexts(services, callers)
        self._sockets = Sockets(schema, self._contexts, sockets, allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        headers = joined(scope["headers"])
        accept = _line(headers, b"accept")
        if self._page is not None and scope["method"] == "GET" and wants_page(accept):
            await HTMLResponse(self._page(), headers={"Vary": "Accept"})(scope, receive, send)
            return
        request_id = request_id_of(headers)
        media, appended = media_type(accept), list[Position]()
        try:
            context = self._contexts.of(headers, request_id, key=_key(headers))
            appended = context.appended
            result = await self._execute(scope, receive, headers, accept, context)
            if isinstance(result, Pushes):
                await EventStream(_told(request_id, appended), receive, send).push(result, request_id)
                return
            if media is None:
                await EventStream(_told(request_id, appended, result), receive, send).answer(result)
                return
            body = result if isinstance(result, bytes) else encoded(result)
            status = 400 if isinstance(result, PreExecutionError) and media == GRAPHQL_RESPONSE else 200
        except Disconnected:
            return
        except Exception as error:  # the last resort: the client gets a code, and the log the error
            result = failure(error, request_id)
            body, status = encoded(result), _status(error)
        lines = [_TYPES[media or JSON], (b"content-length", b"%d" % len(body)), *_told(request_id, appended, result)]
        if status == 405:
            lines.append((b"allow", b"GET, POST"))
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})

    async def _execute(
        self, scope: Scope, receive: Receive, headers: Lines, accept: str, context: RequestContext
    ) -> bytes | ExecutionResult | Pushes:
        allowed = _BY_METHOD.get(scope["method"])
        if allowed is None:
            raise MalformedRequest(405, "send GET or POST")
        events = accepts_events(accept)
        if media_type(accept) is None and not events:
            raise MalformedRequest(406, f"answers are {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}")
        sent = await self._read(scope, receive, headers)
        try:
            if events:
                allowed = allowed | _SUBSCRIPTIONS
                return await self._schema.respond(sent.query, sent.variables, context, sent.operation_name, allowed)
            return await self._schema.answer(sent.query, sent.variables, context, sent.operation_name, allowed)
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise MalformedRequest(405, "mutations are not executed by GET: send POST") from None
            problem = f"subscriptions are answered as {EVENT_STREAM}, or over WebSocket in the protocol {PROTOCOL}"
            raise MalformedRequest(406, problem) from None

    async def _read(self, scope: Scope, receive: Receive, headers: Lines) -> GraphQLRequest:
        if scope["method"] == "GET":
            return from_parameters(QueryParams(scope["query_string"]))
        body = await read_body(receive, headers.get(b"content-length", b""), self._body_limit)
        return from_body(body, _line(headers, b"content-type"))


def _status(error: Exception) -> int:
    """The HTTP status of a request that came to nothing."""
    match error:
        case MalformedRequest():
            return error.status
        case Unauthenticated():
            return 401
        case Forbidden():
            return 403
        case _:
            return 500


def _key(headers: Lines) -> str | None:
    """The idempotency key, whole: a part of one might be another one."""
    line = headers.get(_IDEMPOTENCY_KEY)
    return None if line is None else line.decode("latin-1").strip()


def _line(headers: Lines, name: bytes) -> str:
    """A header's text, cut to what a client has use for: its meaning is remembered."""
    return headers.get(name, b"")[:LONGEST_LINE].decode("latin-1")


def _told(
    request_id: str, appended: list[Position], result: bytes | ExecutionResult | None = None
) -> list[tuple[bytes, bytes]]:
    """The headers of a response of whatever type, as ASGI has them."""
    lines = [_VARY, (_REQUEST_ID, request_id.encode("latin-1"))]
    if appended:
        lines.append((_POSITION, max(appended).encode("latin-1")))
    if isinstance(result, ExecutionResult) and (seconds := retry_after(result.errors or ())) is not None:
        lines.append((b"retry-after", b"%d" % seconds))
    return lines
