"""What an execution answered, in a form that two can be compared in, and what must be equal."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from strawberry.types.execution import ExecutionResult, PreExecutionError

Errors = Sequence[Mapping[str, Any]]

_MADE_ID = re.compile(r'"[0-9a-f]{32}"')
"""A command id that the server made: no two executions make the same."""


@dataclass(frozen=True)
class Observation:
    """An answer, what its ports were asked for it, and whether the operation was refused before it was executed.

    `data` and `extensions` are JSON, in which the order of the keys counts.
    """

    data: str
    extensions: str
    errors: Errors
    heard: Mapping[str, list[str]]
    is_rejected: bool


def observed(result: ExecutionResult, heard: Mapping[str, list[str]]) -> Observation:
    """The observation of a result."""
    return Observation(
        comparable(orjson.dumps(result.data)),
        orjson.dumps(result.extensions).decode(),
        [dict(error.formatted) for error in result.errors or ()],
        heard,
        isinstance(result, PreExecutionError),
    )


def comparable(json: bytes) -> str:
    """JSON without what differs between any two executions."""
    return _MADE_ID.sub('"made"', json.decode())


def demand_equal(found: Observation, expected: Observation, *, serial: bool) -> None:
    """Fails where what was found is not what the oracle says. `serial`: root fields were executed one after another."""
    assert found.data == expected.data
    assert found.extensions == expected.extensions
    assert found.is_rejected == expected.is_rejected
    nothing_left = expected.data == "null" and not serial
    for port, asked in expected.heard.items():
        # An argument may be refused before the reads of the other root fields have begun.
        may_differ = nothing_left and not Counter(asked) - Counter(found.heard[port])
        assert found.heard[port] == asked or may_differ
    demand_equal_errors(found.errors, expected.errors, nothing_left=nothing_left, serial=serial)


def demand_equal_errors(found: Errors, expected: Errors, *, nothing_left: bool, serial: bool) -> None:
    """Fails where errors differ in what a client may rely on.

    Below one root field their order is certain. Root fields of a query fail side by side: in which order, nobody may
    know. When one of them takes all of `data` with it, graphql-core stops waiting for the others, so that it tells of
    those that happened to have failed before: any of them may be missing, but not all.
    """
    if serial:
        assert found == expected
        return
    left, right = _by_root(found), _by_root(expected)
    if not nothing_left or len(left) == len(right) == 1:
        assert left == right
        return
    assert bool(left) == bool(right)
    for root in left.keys() & right.keys():
        assert left[root] == right[root]


def _by_root(errors: Errors) -> dict[Any, list[Mapping[str, Any]]]:
    grouped: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for error in errors:
        grouped[(error.get("path") or [None])[0]].append(error)
    return grouped
