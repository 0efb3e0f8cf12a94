"""Contexts: who sends a request and what its headers say, whatever carries it."""

import re
from collections.abc import Callable, Iterable, Mapping
from random import getrandbits

from starlette.datastructures import Headers

from schema.demands import HEADER, WAIT
from schema.idempotency import command_ids
from schema.ports import RequestContext, Services
from schema.sources import LAST_EVENT_ID
from write_side.kernel.outcomes import Caller

REQUEST_ID = "X-Request-Id"

Lines = Mapping[bytes, bytes]
"""A request's headers, as ASGI has them, by their names in lower case."""

Payload = Mapping[str, object]
"""What a WebSocket's `connection_init` carries; of a request over HTTP nothing."""

Callers = Callable[[Mapping[str, str], Payload, str], Caller]
"""Who sends a request, from its headers, its payload and its id. Raises `Unauthenticated` or `Forbidden` to refuse it."""

_REQUEST_ID = REQUEST_ID.lower().encode()
_AT_LEAST, _WAIT, _LAST_EVENT_ID = HEADER.lower().encode(), WAIT.lower().encode(), LAST_EVENT_ID.lower().encode()
_GIVEN_ID = re.compile(rb"[A-Za-z0-9._-]{1,100}")
_NOTHING: Payload = {}


def anonymous(_: Mapping[str, str], __: Payload, request_id: str) -> Caller:
    """Nobody in particular."""
    return Caller(actor="anonymous", correlation_id=request_id)


class Contexts:
    """Makes the contexts of requests."""

    def __init__(self, services: Services, callers: Callers) -> None:
        self._services = services
        self._callers = callers

    def of(self, headers: Lines, request_id: str, payload: Payload = _NOTHING, *, key: str | None = None) -> RequestContext:
        """The context of a request. `key` is its idempotency key: a WebSocket's headers are of no one request.

        Raises what refuses its sender.
        """
        return RequestContext(
            self._services,
            self._callers(Headers(raw=list(headers.items())), payload, request_id),
            request_id,
            at_least=_text(headers.get(_AT_LEAST)),
            wait=_text(headers.get(_WAIT)),
            last_event_id=_text(headers.get(_LAST_EVENT_ID)),
            appended=[],
            noted={},
            command_ids=command_ids(key),
        )


def request_id_of(headers: Lines) -> str:
    """The id that a request brings along, if it is one, or else a new one."""
    given = headers.get(_REQUEST_ID)
    return given.decode() if given is not None and _GIVEN_ID.fullmatch(given) else new_request_id()


def new_request_id() -> str:
    """An id of 32 hexadecimal digits."""
    return f"{getrandbits(128):032x}"


def joined(sent: Iterable[tuple[bytes, bytes]]) -> Lines:
    """Headers by name. A header that is sent twice is a list in two parts (RFC 9110, 5.3)."""
    headers: dict[bytes, bytes] = {}
    for name, value in sent:
        headers[name] = value if name not in headers else headers[name] + b", " + value
    return headers


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode("latin-1")
