"""Requests of GraphQL over HTTP: what stands in a URL's parameters or in a body, checked for its form only."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

import orjson
from starlette.types import Receive

from schema.errors import RequestError

MEGABYTE = 2**20
BODY_LIMIT = 16 * MEGABYTE
"""Bytes of a body by default: enough that an overlong value still gets the answer that names it."""


class MalformedRequest(RequestError, code="BAD_USER_INPUT"):
    """A request that cannot be read as GraphQL over HTTP. Carries the HTTP status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Disconnected(Exception):
    """The client went away before its request was read: there is nobody to answer."""


class GraphQLRequest(NamedTuple):
    """An operation to execute, as the client sent it."""

    query: str
    operation_name: str | None
    variables: dict[str, Any] | None


def from_parameters(parameters: Mapping[str, str]) -> GraphQLRequest:
    """The request in a URL's parameters, of which `variables` and `extensions` are JSON. Raises `MalformedRequest`."""
    content: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in content:
            content[name] = _json(content[name], f"the parameter {name}") if content[name] else None
    return _request(content)


def from_body(body: bytes, content_type: str) -> GraphQLRequest:
    """The request in a body. Raises `MalformedRequest`."""
    if (problem := _problem_of_type(content_type)) is not None:
        raise MalformedRequest(415, problem)
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        content = _decoded(body)
    if isinstance(content, list):
        raise MalformedRequest(400, "send one operation per request: batches are not taken")
    if not isinstance(content, dict):
        raise MalformedRequest(400, "the body must be a JSON object with a query")
    return _request(content)


@lru_cache(256)
def _problem_of_type(content_type: str) -> str | None:
    """What is wrong with a body's type, if anything is."""
    kind, *parameters = content_type.lower().split(";")
    if kind.strip() != "application/json":
        return "send the request as application/json"
    charset = next((p.partition("=")[2].strip(' "') for p in parameters if p.strip().startswith("charset=")), "utf-8")
    return None if charset in ("utf-8", "utf8") else "send the request in UTF-8"


def _decoded(body: bytes) -> Any:
    """What orjson does not take: a text with half a surrogate pair, of which more is to be said, or no JSON at all."""
    try:
        return _json(body.decode("utf-8"), "the body")
    except UnicodeDecodeError as error:
        raise MalformedRequest(400, f"the body is not UTF-8 at byte {error.start}") from None


async def read_body(receive: Receive, announced: bytes, limit: int) -> bytes:
    """A body of at most `limit` bytes. `announced` is its length as a header tells it.

    Raises `MalformedRequest`, `Disconnected`.
    """
    if announced.isdigit() and len(announced) < 20 and int(announced) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        part, more = message.get("body", b""), message.get("more_body", False)
        length += len(part)
        if length > limit:
            raise _too_large(limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> MalformedRequest:
    return MalformedRequest(413, f"the body may have at most {limit} bytes")


def _request(content: Mapping[str, Any]) -> GraphQLRequest:
    query = content.get("query")
    if query is None or query == "":
        raise MalformedRequest(400, "query: is missing")
    if not isinstance(query, str):
        raise MalformedRequest(400, "query: must be a string")
    operation_name = content.get("operationName")
    if not isinstance(operation_name, str | None):
        raise MalformedRequest(400, "operationName: must be a string")
    for name in ("variables", "extensions"):
        if not isinstance(content.get(name), dict | None):
            raise MalformedRequest(400, f"{name}: must be an object")
    return GraphQLRequest(query, operation_name or None, content.get("variables"))


def _json(text: str, where: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise MalformedRequest(400, f"{where} is not JSON: {error.msg} at character {error.pos}") from None
    except (ValueError, RecursionError):
        # NaN and Infinity, a number of thousands of digits, thousands of brackets.
        raise MalformedRequest(400, f"{where} is not JSON that can be read here") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
