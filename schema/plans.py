"""Plans: operations compiled. What each root field reads, and the function that makes its answer, ready before a request.

A plan runs the reads of its root fields side by side and joins their answers as bytes. Where anything is not as it should
be, a read that failed or a document that is not what the schema says, it hands over what it has read, and graphql-core
completes the operation from that: errors are its business, and nothing is read twice.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import orjson
from graphql import (
    FieldNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_nullable_type,
)
from graphql.execution.values import VariableValues

from schema.arguments import arguments
from schema.completion import IRREGULAR, Completion, Irregular, NotCompiled, completion
from schema.extensions import extensions
from schema.ports import RequestContext
from schema.roots import Asked, Outcomes, Shared, prepare_of
from schema.selections import Selections


class Plan:
    """An operation, under one choice of what its directives include."""

    def __init__(self, roots: Sequence["_Root"]) -> None:
        self._roots = roots
        self.weight = sum(root.weight for root in roots)
        """In bytes, about."""
        self._openings = [
            (b"," if place else b'{"data":{') + orjson.dumps(one.key) + b":" for place, one in enumerate(roots)
        ]

    async def run(self, context: RequestContext, variables: VariableValues) -> bytes | Outcomes:
        """The answer's JSON, or else what the root fields came to."""
        if len(self._roots) == 1:
            found = [await self._roots[0].outcome(context, variables)]
        else:
            found = await asyncio.gather(*(root.outcome(context, variables) for root in self._roots))
        parts: list[bytes] = []
        try:
            for opening, root, outcome in zip(self._openings, self._roots, found, strict=True):
                parts += (opening, root.encode(outcome))
        except IRREGULAR:
            return Outcomes({root.key: outcome for root, outcome in zip(self._roots, found, strict=True)})
        parts.append(b"}")
        if context.noted:
            parts += (b',"extensions":', orjson.dumps(extensions(context.noted, (one.key for one in self._roots))))
        parts.append(b"}")
        return b"".join(parts)


def plan(schema: GraphQLSchema, operation: OperationDefinitionNode, selections: Selections) -> Plan:
    """The plan of an operation that is valid. Raises `NotCompiled` for what only graphql-core executes."""
    parent = schema.get_root_type(operation.operation)
    if parent is None or not (selected := selections.of(parent, [operation.selection_set])):
        raise NotCompiled("nothing is selected")
    if operation.operation is OperationType.SUBSCRIPTION:
        raise NotCompiled("a subscription")
    if operation.operation is OperationType.MUTATION and len(selected) > 1:
        raise NotCompiled("several mutations: one that fails stops those after it")
    return Plan([_root(key, parent, nodes, selections) for key, nodes in selected.items()])


def _root(key: str, parent: GraphQLObjectType, nodes: Sequence[FieldNode], selections: Selections) -> "_Root":
    name = nodes[0].name.value
    return _TypeName(key, parent.name) if name == "__typename" else _Read(key, parent, nodes, selections)


class _Root(Protocol):
    """A root field. `key` is its name in the answer, `weight` is in bytes, about."""

    key: str
    weight: int

    async def outcome(self, context: RequestContext, variables: VariableValues) -> Any:
        """What was read, or the error in its place."""
        ...

    def encode(self, outcome: Any) -> bytes:
        """The JSON of an outcome. Raises one of `IRREGULAR` for what graphql-core has to answer."""
        ...


class _TypeName:
    """`__typename`, for which nothing is read."""

    def __init__(self, key: str, name: str) -> None:
        self.key = key
        self.weight = 0
        self._encoded = orjson.dumps(name)

    async def outcome(self, context: RequestContext, variables: VariableValues) -> Any:
        return None

    def encode(self, outcome: Any) -> bytes:
        return self._encoded


class _Read:
    """A field that is read."""

    def __init__(self, key: str, parent: GraphQLObjectType, nodes: Sequence[FieldNode], selections: Selections) -> None:
        field = parent.fields.get(nodes[0].name.value)
        prepare = prepare_of(field) if field is not None else None
        if field is None or prepare is None:
            raise NotCompiled(f"the field {nodes[0].name.value}")
        self.key = key
        self._arguments = arguments(field, nodes[0])
        self._read = prepare(Asked(selections, nodes))
        self._required = isinstance(field.type, GraphQLNonNull)
        completing = _completion(get_nullable_type(field.type), nodes, selections)
        self._complete = completing.of
        self.weight = completing.weight

    async def outcome(self, context: RequestContext, variables: VariableValues) -> Any:
        try:
            return await self._read(context, self._arguments(variables))
        except Exception as error:  # any: graphql-core answers it
            return error

    def encode(self, outcome: Any) -> bytes:
        if isinstance(outcome, Shared):
            rendered = outcome.rendered.get(self)
            if rendered is None:
                rendered = outcome.rendered[self] = orjson.dumps(self._complete(outcome.value()))
            return rendered
        if outcome is None and not self._required:
            return b"null"
        if isinstance(outcome, Exception):
            raise Irregular
        return orjson.dumps(self._complete(outcome))


def _completion(type_: Any, nodes: Sequence[FieldNode], selections: Selections) -> Completion:
    if isinstance(type_, GraphQLObjectType | GraphQLList):
        return completion(type_, nodes, selections)
    if not isinstance(type_, GraphQLInterfaceType) or type_.resolve_type is None:
        raise NotCompiled(f"a root field of {type_}")
    # It needs the value alone: `objects` has made it.
    name_of = cast("Callable[[Any, None, GraphQLInterfaceType], str]", type_.resolve_type)
    by_name = {possible.name: completion(possible, nodes, selections) for possible in selections.possible(type_)}
    weight = sum(one.weight for one in by_name.values())
    return Completion(lambda value: by_name[name_of(value, None, type_)].of(value), weight)
