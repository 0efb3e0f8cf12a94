"""The HTTP edge: an ASGI application that serves a schema, after the GraphQL over HTTP specification.

Queries by GET and POST, mutations by POST only, subscriptions over WebSocket; a page for browsers.
"""

import re
from collections.abc import Callable, Mapping
from uuid import uuid4

import orjson
from graphql import GraphQLError
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.errors import RequestError, answered
from schema.execution import OnereadSchema
from schema.negotiation import GRAPHQL_RESPONSE, JSON, media_type, wants_page
from schema.ports import RequestContext, Services
from schema.reading import HEADER
from schema.requests import BODY_LIMIT, GraphQLRequest, MalformedRequest, from_body, from_parameters, read_body, too_large
from schema.sockets import Sockets
from write_side.kernel.outcomes import Caller

REQUEST_ID = "X-Request-Id"
POSITION = "Oneread-Position"
"""The response header with the position that a mutation wrote last: send it as the next request's Oneread-At-Least."""

Callers = Callable[[Mapping[str, str], str], Caller]
"""Who sends a request, from its headers and its id."""

_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_BY_METHOD = {"GET": {OperationType.QUERY}, "POST": {OperationType.QUERY, OperationType.MUTATION}}


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
        self._sockets = Sockets(schema, self._context, allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._sockets(scope, receive, send)
            return
        request = Request(scope, receive)
        accept = request.headers.get("accept")
        if self._page is not None and request.method == "GET" and wants_page(accept):
            response: Response = HTMLResponse(self._page(), headers={"Vary": "Accept"})
        else:
            try:
                response = await self._answer(request, media_type(accept))
            except ClientDisconnect:
                return
        await response(scope, receive, send)

    async def _answer(self, request: Request, media: str | None) -> Response:
        context = self._context(request)
        try:
            if request.method not in _BY_METHOD:
                raise MalformedRequest(405, "send GET or POST")
            if media is None:
                raise MalformedRequest(406, f"answers are {GRAPHQL_RESPONSE} or {JSON}")
            result = await self._execute(request.method, await self._read(request), context)
        except MalformedRequest as error:
            return _response(_failed(error, context), error.status, media, context)
        is_rejected = isinstance(result, PreExecutionError)
        return _response(result, 400 if is_rejected and media == GRAPHQL_RESPONSE else 200, media, context)

    async def _read(self, request: Request) -> GraphQLRequest:
        if request.method == "GET":
            return from_parameters(request.query_params)
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and len(announced) < 20 and int(announced) > self._body_limit:
            raise too_large(self._body_limit)
        return from_body(await read_body(request.stream(), self._body_limit), request.headers.get("content-type"))

    async def _execute(self, method: str, sent: GraphQLRequest, context: RequestContext) -> ExecutionResult:
        try:
            return await self._schema.execute(
                sent.query,
                sent.variables,
                context,
                operation_name=sent.operation_name,
                allowed_operation_types=_BY_METHOD[method],
            )
        except InvalidOperationTypeError as error:
            if error.operation_type is OperationType.MUTATION:
                raise MalformedRequest(405, "mutations are not executed by GET: send POST") from None
            problem = "subscriptions are served over WebSocket, in the protocol graphql-transport-ws"
            raise MalformedRequest(400, problem) from None

    def _context(self, connection: HTTPConnection) -> RequestContext:
        given = connection.headers.get(REQUEST_ID, "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid4().hex
        caller = self._callers(connection.headers, request_id)
        return RequestContext(self._services, caller, request_id, connection.headers.get(HEADER))


def _failed(error: RequestError, context: RequestContext) -> PreExecutionError:
    wrapped = GraphQLError(str(error), original_error=error)
    return PreExecutionError(None, [answered(wrapped, executed=False, request_id=context.request_id)])


def _response(result: ExecutionResult, status: int, media: str | None, context: RequestContext) -> Response:
    body: dict[str, object] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not isinstance(result, PreExecutionError):
        body["data"] = result.data
    headers = {
        "Content-Type": f"{media or JSON}; charset=utf-8",
        "Vary": f"Accept, {HEADER}",
        REQUEST_ID: context.request_id,
    }
    if status == 405:
        headers["Allow"] = "GET, POST"
    if context.appended:
        headers[POSITION] = max(context.appended)
    return Response(orjson.dumps(body), status, headers)
