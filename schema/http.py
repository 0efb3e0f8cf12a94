"""The HTTP edge: an ASGI application that serves a schema, after the GraphQL over HTTP specification.

Queries by GET and POST, mutations by POST only, subscriptions over WebSocket; a page for browsers.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from random import getrandbits

import orjson
from graphql import GraphQLError
from starlette.datastructures import Headers, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.demands import HEADER, WAIT
from schema.errors import answered
from schema.execution import OnereadSchema
from schema.negotiation import GRAPHQL_RESPONSE, JSON, media_type, wants_page
from schema.ports import RequestContext, Services
from schema.requests import (
    BODY_LIMIT,
    Disconnected,
    GraphQLRequest,
    MalformedRequest,
    from_body,
    from_parameters,
    read_body,
)
from schema.sockets import Sockets
from write_side.kernel.outcomes import Caller

LONGEST_LINE = 1_000
"""Bytes of a header that are looked at."""

REQUEST_ID = "X-Request-Id"
POSITION = "Oneread-Position"
"""The response header with the position that a mutation wrote last: send it as the next request's Oneread-At-Least."""

Lines = Mapping[bytes, bytes]
"""A request's headers, as ASGI has them, by their names in lower case."""

Callers = Callable[[Mapping[str, str], str], Caller]
"""Who sends a request, from its headers and its id."""

_REQUEST_ID, _POSITION = REQUEST_ID.lower().encode(), POSITION.lower().encode()
_AT_LEAST, _WAIT, _LAST_EVENT_ID = HEADER.lower().encode(), WAIT.lower().encode(), b"last-event-id"
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
_BY_METHOD = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}


_ALWAYS = {
    media: [(b"content-type", f"{media}; charset=utf-8".encode()), (b"vary", f"Accept, {HEADER}, {WAIT}".encode())]
    for media in (GRAPHQL_RESPONSE, JSON)
}


def anonymous(_: Mapping[str, str], request_id: str) -> Caller:
    """Nobody in particular."""
    return Caller(actor="anonymous", correlation_id=request_id)


class GraphQLApp:
    """Serves a schema. `page` makes the HTML that a browser gets, if it gets any; `body_limit` is in bytes.

    `allowed_origins` are the pages on other hosts that may open a WebSocket.
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
    ) -> None:
        self._schema = schema
        self._services = services
        self._page = page
        self._body_limit = body_limit
        self._callers = callers
        self._sockets = Sockets(schema, self._connected, allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        headers = _joined(scope["headers"])
        accept = _line(headers, b"accept")
        if self._page is not None and scope["method"] == "GET" and wants_page(accept):
            await HTMLResponse(self._page(), headers={"Vary": "Accept"})(scope, receive, send)
            return
        context = self._context(headers)
        media = media_type(accept)
        try:
            result = await self._execute(scope, receive, headers, media, context)
            body = result if isinstance(result, bytes) else _encoded(result)
            status = 400 if isinstance(result, PreExecutionError) and media == GRAPHQL_RESPONSE else 200
        except Disconnected:
            return
        except MalformedRequest as error:
            body, status = _encoded(_failed(error, context)), error.status
        except Exception as error:  # the last resort: the client gets a code, and the log the error
            body, status = _encoded(_failed(error, context)), 500
        lines = _lines(media or JSON, status, len(body), context)
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})

    async def _execute(
        self, scope: Scope, receive: Receive, headers: Lines, media: str | None, context: RequestContext
    ) -> bytes | ExecutionResult:
        allowed = _BY_METHOD.get(scope["method"])
        if allowed is None:
            raise MalformedRequest(405, "send GET or POST")
        if media is None:
            raise MalformedRequest(406, f"answers are {GRAPHQL_RESPONSE} or {JSON}")
        sent = await self._read(scope, receive, headers)
        try:
            return await self._schema.answer(sent.query, sent.variables, context, sent.operation_name, allowed)
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise MalformedRequest(405, "mutations are not executed by GET: send POST") from None
            problem = "subscriptions are served over WebSocket, in the protocol graphql-transport-ws"
            raise MalformedRequest(400, problem) from None

    async def _read(self, scope: Scope, receive: Receive, headers: Lines) -> GraphQLRequest:
        if scope["method"] == "GET":
            return from_parameters(QueryParams(scope["query_string"]))
        body = await read_body(receive, headers.get(b"content-length", b""), self._body_limit)
        return from_body(body, _line(headers, b"content-type"))

    def _connected(self, connection: HTTPConnection) -> RequestContext:
        return self._context(_joined(connection.scope["headers"]))

    def _context(self, headers: Lines) -> RequestContext:
        given = headers.get(_REQUEST_ID)
        request_id = given.decode() if given is not None and _GIVEN_ID.fullmatch(given) else f"{getrandbits(128):032x}"
        return RequestContext(
            self._services,
            self._callers(Headers(raw=list(headers.items())), request_id),
            request_id,
            at_least=_text(headers.get(_AT_LEAST)),
            wait=_text(headers.get(_WAIT)),
            last_event_id=_text(headers.get(_LAST_EVENT_ID)),
            appended=[],
            consistency={},
        )


def _failed(error: Exception, context: RequestContext) -> PreExecutionError:
    wrapped = GraphQLError(str(error), original_error=error)
    return PreExecutionError(None, [answered(wrapped, executed=True, request_id=context.request_id)])


def _joined(sent: Iterable[tuple[bytes, bytes]]) -> Lines:
    """Headers by name. A header that is sent twice is a list in two parts (RFC 9110, 5.3)."""
    headers: dict[bytes, bytes] = {}
    for name, value in sent:
        headers[name] = value if name not in headers else headers[name] + b", " + value
    return headers


def _line(headers: Lines, name: bytes) -> str:
    """A header's text, cut to what a client has use for: its meaning is remembered."""
    return headers.get(name, b"")[:LONGEST_LINE].decode("latin-1")


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode("latin-1")


def _encoded(result: ExecutionResult) -> bytes:
    body: dict[str, object] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not isinstance(result, PreExecutionError):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return orjson.dumps(body)


def _lines(media: str, status: int, length: int, context: RequestContext) -> list[tuple[bytes, bytes]]:
    """The headers of a response, as ASGI has them."""
    lines = [
        *_ALWAYS[media],
        (b"content-length", b"%d" % length),
        (_REQUEST_ID, context.request_id.encode("latin-1")),
    ]
    if status == 405:
        lines.append((b"allow", b"GET, POST"))
    if context.appended:
        lines.append((_POSITION, max(context.appended).encode("latin-1")))
    return lines
