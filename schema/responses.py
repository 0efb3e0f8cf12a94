"""Responses as JSON, whatever carries them."""

import orjson
from graphql import GraphQLError
from strawberry.types.execution import ExecutionResult, PreExecutionError

from schema.errors import answered


def encoded(result: ExecutionResult) -> bytes:
    """The JSON of a result. One of an operation that was not executed has no data."""
    body: dict[str, object] = {}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    if not isinstance(result, PreExecutionError):
        body["data"] = result.data
    if result.extensions:
        body["extensions"] = result.extensions
    return orjson.dumps(body)


def failure(error: Exception, request_id: str) -> PreExecutionError:
    """The result of a request that came to nothing. The client gets a code, and the log what is no client's business."""
    wrapped = GraphQLError(str(error), original_error=error)
    return PreExecutionError(None, [answered(wrapped, executed=True, request_id=request_id)])
