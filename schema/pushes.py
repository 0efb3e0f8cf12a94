"""Pushes: subscriptions compiled, and what is sent for each change.

Those who subscribe alike have the same plan, and are told of the same change: the first of them makes the JSON, and the
others find it with the change. What depends on the subscriber stands in no plan: variables choose what is watched, and
what directives include, and each such choice has a plan of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Self

import orjson
from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode, get_nullable_type
from graphql.execution.values import VariableValues

from projections.kernel.changes import Change
from schema.arguments import arguments
from schema.completion import IRREGULAR, NotCompiled, completion
from schema.extensions import Noted, extensions
from schema.ports import RequestContext
from schema.selections import Selections
from schema.sources import Events, source_of
from write_side.kernel.positions import Position


class Push(NamedTuple):
    """What a subscriber is sent for one change: a whole response as JSON, and the position to resume after."""

    payload: bytes
    position: Position


class PushPlan:
    """A subscription, under one choice of what its directives include. `key` is its field's name in the answer."""

    def __init__(self, key: str, parent: GraphQLObjectType, nodes: Sequence[FieldNode], selections: Selections) -> None:
        field = parent.fields[nodes[0].name.value]
        of = get_nullable_type(field.type)
        if not isinstance(of, GraphQLObjectType):
            raise NotCompiled(f"a subscription of {of}")
        completing = completion(of, nodes, selections)
        self.key = key
        self._source = source_of(field)
        self._arguments = arguments(field, nodes[0])
        self._complete = completing.of
        self._opening = b'{"data":{' + orjson.dumps(key) + b":"
        self.weight = completing.weight
        """In bytes, about."""

    async def open(self, context: RequestContext, variables: VariableValues) -> Events:
        """The changes that a request asks for. Raises `RequestError`, `GraphQLError`, and what the ports raise."""
        return await self._source.open(context, self._arguments(variables), self.key)

    def payload(self, events: Events, change: Change) -> bytes:
        """The response's JSON. Raises one of `IRREGULAR` for what graphql-core has to answer."""
        rendered = change.rendered.get(self)
        if rendered is None:
            value = orjson.dumps(self._complete(events.value(change)))
            more = b""
            if noted := events.noted(change):
                more = b',"extensions":' + orjson.dumps(extensions(noted, [self.key]))
            rendered = change.rendered[self] = self._opening + value + b"}" + more + b"}"
        return rendered


def push_plan(schema: GraphQLSchema, operation: OperationDefinitionNode, selections: Selections) -> PushPlan:
    """The plan of a subscription that is valid: it has one root field. Raises `NotCompiled` for what graphql-core does."""
    parent = schema.get_root_type(operation.operation)
    assert parent is not None
    ((key, nodes),) = selections.of(parent, [operation.selection_set]).items()
    return PushPlan(key, parent, nodes, selections)


Interpret = Callable[[Any, dict[str, Noted]], Awaitable[bytes]]
"""Makes the response to a change, by graphql-core: of the field's value, and of what else is to be said."""


class Pushes:
    """What one subscriber is sent, as it comes. `interpret` is for a change whose answer is not compiled.

    Ends when the process stops pushing. Whoever reads closes it.
    """

    def __init__(self, plan: PushPlan | None, events: Events, interpret: Interpret) -> None:
        self._plan = plan
        self._events = events
        self._interpret = interpret

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Push:
        events = self._events
        change = await events.watching.__anext__()
        return Push(await self._payload(change), events.positions.token(change.position))

    def close(self) -> None:
        """Watches no more."""
        self._events.watching.close()

    async def _payload(self, change: Change) -> bytes:
        if self._plan is not None:
            try:
                return self._plan.payload(self._events, change)
            except IRREGULAR:
                pass
        return await self._interpret(self._events.value(change), self._events.noted(change))
