"""The errors of requests, and the one place where any error becomes text for a client.

OnereadError
└── RequestError
    ├── BadUserInput          BAD_USER_INPUT        an argument, variable or cursor is not what it must be
    ├── PositionUnknown       POSITION_UNKNOWN      a position or version that the log has not, or not yet
    ├── Overloaded            OVERLOADED            the client has more under way than it may
    ├── Unauthenticated       UNAUTHENTICATED       who sends this is not known, and has to be
    └── Forbidden             FORBIDDEN             who sends this may not

What the ports raise has a code and a text here too. Everything else is INTERNAL_SERVER_ERROR: the client gets the request's
id, the log gets the error.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from graphql import GraphQLError, GraphQLSyntaxError

from projections.kernel.errors import NotReady, ReadTimeout, StoreUnavailable
from schema.scalars import MalformedScalar
from write_side.kernel.errors import Busy, Contention, LogUnavailable, OnereadError, OutcomeUnknown

_log = logging.getLogger(__name__)

RETRY_AFTER = "retryAfter"
"""The extension of an error that says after how many seconds to try again."""

LONGEST = 500
"""Characters of a message. What is at fault is named; it need not be repeated in full."""


class RequestError(OnereadError):
    """A request cannot be answered, for a reason that its client may know. The message is for the client."""

    code: ClassVar[str]

    def __init_subclass__(cls, *, code: str) -> None:
        cls.code = code


class BadUserInput(RequestError, code="BAD_USER_INPUT"):
    """An argument is not what it must be. Carries its name, dotted where a part of it is to blame, and the problem."""

    def __init__(self, argument: str, problem: str) -> None:
        super().__init__(f"{argument}: {problem}")
        self.argument = argument
        self.problem = problem


class PositionUnknown(RequestError, code="POSITION_UNKNOWN"):
    """A read demands what the log has not, or not yet."""


class Overloaded(RequestError, code="OVERLOADED"):
    """More is asked for at once than one client may have."""


class Unauthenticated(RequestError, code="UNAUTHENTICATED"):
    """It is not known who sends a request, and it has to be."""


class Forbidden(RequestError, code="FORBIDDEN"):
    """Whoever sends a request may not."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a client is told of an error that a port raises. `retry_after` is in seconds."""

    code: str
    text: str
    retry_after: int | None = None


_OF_PORTS: dict[type[Exception], Told] = {
    LogUnavailable: Told("SERVICE_UNAVAILABLE", "the event log cannot be reached just now; try again"),
    StoreUnavailable: Told("SERVICE_UNAVAILABLE", "the document store cannot be reached just now; try again"),
    NotReady: Told("SERVICE_UNAVAILABLE", "this read model is being made; try again later"),
    ReadTimeout: Told("TIMEOUT", "the read took too long; ask for less"),
    Busy: Told("OVERLOADED", "too many commands wait; this request did nothing; try again", retry_after=1),
    Contention: Told("OVERLOADED", "too many commands want the same; nothing was done; try again", retry_after=1),
    OutcomeUnknown: Told("TIMEOUT", "the outcome is not known yet: send the same again under the same command id"),
}


def answered(error: GraphQLError, *, executed: bool, request_id: str) -> GraphQLError:
    """The error as the client gets it: with a code, and with nothing of the inside.

    `executed` says that the operation was valid: what has no cause of ours is the fault of its variables then.
    """
    cause = _cause(error)
    if isinstance(cause, RequestError):
        return _coded(error, cause.code, str(cause))
    for known, told in _OF_PORTS.items():
        if isinstance(cause, known):
            return _coded(error, told.code, told.text, **_more(cause, told))
    if cause is None and isinstance(error, GraphQLSyntaxError):
        return _coded(error, "GRAPHQL_PARSE_FAILED", error.message)
    if cause is None and not executed:
        return _coded(error, "GRAPHQL_VALIDATION_FAILED", error.message)
    if isinstance(cause, MalformedScalar) or (cause is None and len(error.path or ()) <= 1):
        return _coded(error, "BAD_USER_INPUT", error.message)
    _log.error("request %s failed at %s", request_id, error.path, exc_info=cause or error)
    return _coded(error, "INTERNAL_SERVER_ERROR", "something went wrong here", requestId=request_id)


def retry_after(errors: Sequence[GraphQLError]) -> int | None:
    """After how many seconds the request may be sent again, where errors that were answered say so."""
    said = [(error.extensions or {}).get(RETRY_AFTER) for error in errors]
    return max((seconds for seconds in said if seconds is not None), default=None)


def _more(cause: Exception, told: Told) -> dict[str, object]:
    more: dict[str, object] = {} if told.retry_after is None else {RETRY_AFTER: told.retry_after}
    return more | {"commandId": cause.command_id} if isinstance(cause, OutcomeUnknown) else more


def _cause(error: GraphQLError) -> Exception | None:
    """What was raised, below what graphql-core wraps around it."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def _coded(error: GraphQLError, code: str, message: str, **more: object) -> GraphQLError:
    text = message if len(message) <= LONGEST else f"{message[:LONGEST]}..."
    return GraphQLError(
        text,
        error.nodes,
        error.source,
        error.positions,
        error.path,
        extensions={"code": code, **more},
    )
