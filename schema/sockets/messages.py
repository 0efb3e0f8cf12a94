"""The messages of graphql-transport-ws: what a client sends, checked for its form, and the texts that it is sent."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from strawberry.types.execution import PreExecutionError

from schema.requests import GraphQLRequest
from schema.sockets.closing import MalformedMessage

LONGEST_ID = 1_000
"""Characters of an operation's id, which is in each message about it."""

ACKNOWLEDGED = '{"type":"connection_ack"}'


class Init(NamedTuple):
    """The client says hello."""

    payload: Mapping[str, object]


class Ping(NamedTuple):
    """The client wants a pong, with the same payload."""

    payload: Mapping[str, object] | None


class Pong(NamedTuple):
    """The client is there."""


class Subscribe(NamedTuple):
    """The client wants an operation executed, of whatever kind."""

    id: str
    request: GraphQLRequest


class Complete(NamedTuple):
    """The client wants no more of an operation."""

    id: str


ClientMessage = Init | Ping | Pong | Subscribe | Complete


def parsed(text: str) -> ClientMessage:
    """The message that a frame spells. Raises `MalformedMessage`."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise MalformedMessage("The message is not JSON") from None
    if not isinstance(content, dict):
        raise MalformedMessage("The message is not an object")
    match content.get("type"):
        case "connection_init":
            return Init(_object(content, "payload") or {})
        case "ping":
            return Ping(_object(content, "payload"))
        case "pong":
            _object(content, "payload")
            return Pong()
        case "subscribe":
            return Subscribe(_id(content), _request(_object(content, "payload") or {}))
        case "complete":
            return Complete(_id(content))
        case _:
            raise MalformedMessage("The message is of no type that a client sends")


def pong(payload: Mapping[str, object] | None) -> str:
    """The answer to a ping. Raises `MalformedMessage` for a payload that is nested too deeply to be answered."""
    if payload is None:
        return '{"type":"pong"}'
    try:
        return (b'{"type":"pong","payload":' + orjson.dumps(payload) + b"}").decode()
    except orjson.JSONEncodeError:
        raise MalformedMessage("The payload is nested too deeply") from None


class Frames:
    """The messages to a client about one operation."""

    def __init__(self, operation_id: str) -> None:
        encoded = orjson.dumps(operation_id)
        self._next = b'{"id":' + encoded + b',"type":"next","payload":'
        self._error = b'{"id":' + encoded + b',"type":"error","payload":'
        self.complete = (b'{"id":' + encoded + b',"type":"complete"}').decode()

    def next(self, payload: bytes) -> str:
        """A response."""
        return (self._next + payload + b"}").decode()

    def error(self, result: PreExecutionError) -> str:
        """What is wrong with the operation, in place of any response."""
        errors = orjson.dumps([error.formatted for error in result.errors or ()])
        return (self._error + errors + b"}").decode()


def _request(payload: Mapping[str, Any]) -> GraphQLRequest:
    query, name = payload.get("query"), payload.get("operationName")
    if not isinstance(query, str):
        raise MalformedMessage("payload.query is not a string")
    if not isinstance(name, str | None):
        raise MalformedMessage("payload.operationName is not a string")
    _object(payload, "extensions")
    return GraphQLRequest(query, name or None, _object(payload, "variables"))


def _id(content: Mapping[str, Any]) -> str:
    found = content.get("id")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_ID:
        raise MalformedMessage(f"The message has no id of at most {LONGEST_ID} characters")
    return found


def _object(content: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    found = content.get(name)
    if not isinstance(found, dict | None):
        raise MalformedMessage(f"{name} is not an object")
    return found
