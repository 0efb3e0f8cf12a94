"""GraphQL over HTTP: queries and mutations by POST, queries by GET, GraphiQL for browsers.

Follows the GraphQL-over-HTTP specification: for `application/graphql-response+json` a request that cannot be executed is
answered with 400; for `application/json` with 200, as long as it is well-formed, since clients look for errors there.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

from schema.execution import Executor
from schema.ports import RequestContext, Services
from write_side.kernel.outcomes import Caller

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
QUERIES = frozenset({OperationType.QUERY})
QUERIES_AND_MUTATIONS = frozenset({OperationType.QUERY, OperationType.MUTATION})
_REQUEST_ID = re.compile(r"[\w.:-]{1,100}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A well-formed request: the text, the operation's name, the variables."""

    query: str
    operation: str | None
    variables: Mapping[str, Any] | None


class _Malformed(Exception):
    """A request that is no GraphQL request: the status to answer, and why."""

    def __init__(self, status: int, problem: str, code: str = "BAD_USER_INPUT") -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.code = code


class GraphQLEndpoint:
    """The endpoint. `page` gives GraphiQL's HTML; `max_body` bounds a request's body, in bytes."""

    def __init__(
        self,
        executor: Executor,
        services: Services,
        page: Callable[[], str],
        *,
        actor: str = "api",
        max_body: int = 16 * 1024 * 1024,
    ) -> None:
        self._executor = executor
        self._services = services
        self._page = page
        self._actor = actor
        self._max_body = max_body

    async def answer(self, request: Request) -> Response:
        """Answers a request."""
        accepts = request.headers.get("accept", "*/*").lower()
        if request.method == "GET" and "query" not in request.query_params and "text/html" in accepts:
            return HTMLResponse(self._page())
        media = _media(accepts)
        if media is None:
            return _failure(406, JSON, f"this endpoint answers {RESPONSE} or {JSON}")
        try:
            if request.method == "GET":
                asked = _from_url(request)
                self._only_queries(asked)
                return await self._run(request, asked, media, QUERIES)
            asked = await self._from_body(request)
            return await self._run(request, asked, media, QUERIES_AND_MUTATIONS)
        except _Malformed as error:
            return _failure(error.status, media, error.problem, error.code)
        except ClientDisconnect:
            return Response(status_code=499)

    async def _run(self, request: Request, asked: _Asked, media: str, allowed: frozenset[OperationType]) -> Response:
        request_id = _request_id(request)
        caller = Caller(actor=self._actor, correlation_id=request_id)
        at_least = request.headers.get("oneread-at-least")
        context = RequestContext(self._services, caller, request_id, at_least)
        answer = await self._executor.run(asked.query, asked.variables, asked.operation, context, allowed)
        headers = {"x-request-id": request_id}
        if context.appended:
            headers["oneread-position"] = max(context.appended)
        status = 400 if media == RESPONSE and not answer.executed else 200
        return Response(orjson.dumps(answer.as_json()), status, headers, media)

    def _only_queries(self, asked: _Asked) -> None:
        operation = self._executor.operation_of(asked.query, asked.operation)
        if operation is not None and operation is not OperationType.QUERY:
            raise _Malformed(405, f"a {operation.value} cannot be sent by GET: use POST")

    async def _from_body(self, request: Request) -> _Asked:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != JSON:
            raise _Malformed(415, f"send {JSON}")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_body:
                raise _Malformed(413, f"the request is larger than {self._max_body} bytes")
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise _Malformed(400, f"the body is not JSON: {error.msg}", "GRAPHQL_PARSE_FAILED") from None
        if not isinstance(given, dict):
            raise _Malformed(400, "the body must be one JSON object; batches are not served")
        return _asked(given)


def _from_url(request: Request) -> _Asked:
    given: dict[str, Any] = dict(request.query_params)
    for name in ("variables", "extensions"):
        if given.get(name):
            try:
                given[name] = orjson.loads(given[name])
            except orjson.JSONDecodeError:
                raise _Malformed(400, f"{name} is not JSON") from None
        else:
            given.pop(name, None)
    return _asked(given)


def _asked(given: Mapping[str, Any]) -> _Asked:
    query, name = given.get("query"), given.get("operationName")
    variables, extensions = given.get("variables"), given.get("extensions")
    if not isinstance(query, str) or not query.strip():
        raise _Malformed(400, "query must be the text of an operation")
    if name is not None and not isinstance(name, str):
        raise _Malformed(400, "operationName must be a string")
    if variables is not None and not isinstance(variables, dict):
        raise _Malformed(400, "variables must be an object")
    if extensions is not None and not isinstance(extensions, dict):
        raise _Malformed(400, "extensions must be an object")
    return _Asked(query, name or None, variables)


def _media(accepts: str) -> str | None:
    """The media type to answer in: the more telling one wherever it is accepted."""
    if RESPONSE in accepts:
        return RESPONSE
    return JSON if any(one in accepts for one in (JSON, "*/*", "application/*")) else None


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _failure(status: int, media: str, problem: str, code: str = "BAD_USER_INPUT") -> Response:
    body = {"errors": [{"message": problem, "extensions": {"code": code}}]}
    headers = {"allow": "GET, POST"} if status == 405 else None
    return Response(orjson.dumps(body), status, headers, media)
