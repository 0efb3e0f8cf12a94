"""Trials of subscriptions: one operation sent twice, the changes that come, and what both executions push for them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, parse, subscribe
from hypothesis import assume
from hypothesis import strategies as st
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from projections.kernel.changes import Change, ChangeKind, Watched
from projections.kernel.fields import EVERYTHING
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from schema.errors import answered
from schema.execution import OnereadSchema
from schema.pushes import Pushes
from tests.schema.fakes import Api
from tests.schema.operations.answers import ERRORS
from tests.schema.operations.arguments import Draw
from tests.schema.operations.operations import Request, requests
from tests.schema.operations.stored import documents
from tests.schema.operations.trials import Subject, run
from write_side.kernel.positions import LogPosition

ALL = frozenset(OperationType)
Body = dict[str, Any]


@dataclass(frozen=True)
class Trial:
    """A subscription as two clients send it, and the changes that both are told. Or nothing can be watched: `error`."""

    requests: tuple[Request, Request]
    changes: list[Change]
    error: Exception | None


@dataclass(frozen=True)
class Told:
    """What a subscriber was told, each response as JSON, and what was watched for it. `rejected` if it never began."""

    bodies: list[str]
    watched: list[tuple[Watched, LogPosition | None]]
    rejected: bool


@st.composite
def trials(draw: Draw, subject: Subject) -> Trial:
    """Trials of one schema's subscriptions."""
    sent = draw(requests(subject.schema._schema, subject.words, "subscription"))
    api = Api(subject.schema)
    for request in sent:
        run(expected(api, request))
    if not api.changes.calls:
        return Trial(sent, [], None)
    # What is watched decides what can change.
    projection = api.changes.calls[0][0].projection
    error = draw(st.sampled_from([None] * 9 + [*ERRORS]))
    return Trial(sent, draw(st.lists(_changes(projection), min_size=1, max_size=4)), error)


@st.composite
def _changes(draw: Draw, projection: AnyProjection) -> Change:
    kind = draw(st.sampled_from([ChangeKind.UPDATED] * 5 + list(ChangeKind)))
    key = None if kind is ChangeKind.RESYNC else Key(f"{projection.id_type.prefix}_1")
    document: Stored | None = None
    if kind is ChangeKind.UPDATED or (kind is ChangeKind.SNAPSHOT and draw(st.booleans())):
        # Many of them: an operation looks at a part of the document.
        document = draw(documents(projection, EVERYTHING, most_damages=draw(st.sampled_from([0, 0, 20]))))
    return Change(kind, LogPosition(draw(st.integers(0, 99))), key, document)


def demand_agreement(subject: Subject, trial: Trial) -> None:
    """Fails where the two executions do not agree, or one of them changes what it was told."""
    before = repr(trial.changes)
    for request in trial.requests:
        assert run(_served_twice(_api(subject, trial), request)) == run(expected(_api(subject, trial), request))
    assert repr(trial.changes) == before


def _api(subject: Subject, trial: Trial) -> Api:
    api = Api(subject.schema)
    api.changes.changes, api.changes.error = trial.changes, trial.error
    return api


async def _served_twice(api: Api, request: Request) -> Told:
    """What is served, to the second of two who ask the same: nothing is made for it that the first had made."""
    first = await served(api, request)
    made = [dict(change.rendered) for change in api.changes.changes]
    api.changes.calls.clear()
    second = await served(api, request)
    assert second == first
    assert [change.rendered for change in api.changes.changes] == made
    return second


async def served(api: Api, request: Request) -> Told:
    """What is served."""
    found = await api.schema.respond(request.query, request.variables, api.context(), request.operation_name, ALL)
    if isinstance(found, Pushes):
        api.changes.watching[-1].close()
        return Told([push.payload.decode() async for push in found], list(api.changes.calls), rejected=False)
    assert not isinstance(found, bytes)
    return Told([_body(found.errors, None, api)], list(api.changes.calls), rejected=True)


async def expected(api: Api, request: Request) -> Told:
    """What graphql-core answers, and what is refused before it is asked."""
    try:
        refused = await api.schema.interpret(
            request.query, request.variables, api.context(), operation_name=request.operation_name
        )
        # The document's other operations are a matter of other trials.
        assume(isinstance(refused, PreExecutionError))
        return Told([_body(refused.errors, None, api)], [], rejected=True)
    except InvalidOperationTypeError as error:
        assume(error.operation_type is OperationType.SUBSCRIPTION)
        source = await _subscribed(api.schema, api, request)
    if isinstance(source, ExecutionResult):
        return Told([_body(_coded(source), None, api)], list(api.changes.calls), rejected=True)
    api.changes.watching[-1].close()
    bodies = [_body(_coded(result), {"data": result.data}, api) async for result in source]
    return Told(bodies, list(api.changes.calls), rejected=False)


async def _subscribed(
    schema: OnereadSchema, api: Api, request: Request
) -> ExecutionResult | AsyncIterator[ExecutionResult]:
    made: Any = subscribe(
        schema._schema,
        parse(request.query),
        None,
        api.context(),
        request.variables,
        request.operation_name or None,
        executor_class=schema.execution_context_class,
    )
    found: ExecutionResult | AsyncIterator[ExecutionResult] = await made if hasattr(made, "__await__") else made
    return found


def _coded(result: ExecutionResult) -> list[GraphQLError]:
    return [answered(error, executed=True, request_id="request-1") for error in result.errors or ()]


def _body(errors: list[GraphQLError] | None, data: Body | None, api: Api) -> str:
    body = {"errors": [error.formatted for error in errors]} if errors else {}
    return orjson.dumps({**body, **(data or {})}).decode()
