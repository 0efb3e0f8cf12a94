"""Execution: prepare, check the variables, execute, and answer every error with a code.

Strawberry's own pipeline is left out on purpose: its extensions cost more per request than most reads. What graphql-core
executes is the same.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from inspect import isawaitable
from typing import Any, NamedTuple, cast

import orjson
import strawberry
from graphql import DocumentNode, Executor, GraphQLError, create_source_event_stream, execute
from graphql import ExecutionResult as CoreResult
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import ExecutionResult, PreExecutionError
from strawberry.types.graphql import OperationType

from schema.compiled import Compiled
from schema.errors import BadUserInput, answered
from schema.extensions import Noted, extensions
from schema.limits import Limits
from schema.operations import Operations
from schema.ports import RequestContext
from schema.pushes import Pushes
from schema.responses import encoded
from schema.roots import Outcomes
from schema.sources import Events
from schema.texts import demand_clean

Sent = dict[str, Any]
"""A client's variables, as JSON."""

_ALL = frozenset(OperationType)
_PUSHED = frozenset((OperationType.SUBSCRIPTION,))


class OnereadSchema(strawberry.Schema):
    """The schema. Executes operations with a `RequestContext`, whatever the transport."""

    def __init__(self, *args: Any, limits: Limits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operations = Operations(self._schema, limits)
        self._most_nodes = limits.nodes

    async def execute(
        self,
        query: str | None,
        variable_values: Sent | None = None,
        context_value: RequestContext | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The result of a query or mutation. Raises strawberry's `InvalidOperationTypeError` for a type not allowed."""
        allowed = set(allowed_operation_types or _ALL) - _PUSHED
        found = await self.answer(query, variable_values, context_value, operation_name, allowed)
        if isinstance(found, ExecutionResult):
            return found
        body = orjson.loads(found)
        return ExecutionResult(body["data"], None, body.get("extensions"))

    async def answer(
        self,
        query: str | None,
        variables: Sent | None,
        context: RequestContext | None,
        operation_name: str | None,
        allowed: AbstractSet[OperationType],
    ) -> bytes | ExecutionResult:
        """The same as JSON, the whole response, where nothing went wrong and it was compiled."""
        try:
            asked = self._checked(query, variables, operation_name, allowed)
        except _Rejected as rejected:
            return _rejection(rejected.errors, context)
        return await self._answered(asked, context)

    async def _answered(self, asked: "_Asked", context: RequestContext | None) -> bytes | ExecutionResult:
        outcomes = None
        values = asked.operation.variables.values(asked.variables)
        if context is not None and values is not None:
            plan = self.operations.plan(asked.text, asked.operation, values)
            found = None if plan is None else await plan.run(context, values)
            if isinstance(found, bytes):
                return found
            outcomes = found
        return await self._interpreted(asked, context, outcomes)

    async def interpret(
        self,
        query: str | None,
        variable_values: Sent | None = None,
        context_value: RequestContext | None = None,
        operation_name: str | None = None,
    ) -> ExecutionResult:
        """The result of a query or mutation by graphql-core alone: what `execute` must equal."""
        try:
            asked = self._checked(query, variable_values, operation_name, _ALL - _PUSHED)
        except _Rejected as rejected:
            return _rejection(rejected.errors, context_value)
        return await self._interpreted(asked, context_value)

    async def _interpreted(self, asked: "_Asked", context: RequestContext | None, root: Any = None) -> ExecutionResult:
        """The result by graphql-core. `root` is what the root fields came to, if they were read, or an event."""
        try:
            result = execute(
                self._schema,
                asked.document,
                root,
                context,
                asked.variables,
                asked.name,
                executor_class=self.execution_context_class,
            )
            return _answer(await result if isawaitable(result) else result, context)
        except Exception as error:
            return _answer(CoreResult(None, [GraphQLError(str(error), original_error=error)]), context)

    async def respond(
        self,
        query: str | None,
        variables: Sent | None,
        context: RequestContext,
        operation_name: str | None,
        allowed: AbstractSet[OperationType],
    ) -> bytes | ExecutionResult | Pushes:
        """The same, and of a subscription, where one is allowed, what is pushed: whoever gets it closes it."""
        try:
            asked = self._checked(query, variables, operation_name, allowed)
        except _Rejected as rejected:
            return _rejection(rejected.errors, context)
        if asked.operation.kind is not OperationType.SUBSCRIPTION:
            return await self._answered(asked, context)

        async def interpret(value: Any, noted: dict[str, Noted]) -> bytes:
            return encoded(await self._interpreted(asked, context._replace(noted=noted), value))

        outcomes = None
        values = asked.operation.variables.values(asked.variables)
        plan = self.operations.push_plan(asked.text, asked.operation, values) if values is not None else None
        if plan is not None and values is not None:
            try:
                return Pushes(plan, await plan.open(context, values), interpret)
            except Exception as error:  # any: graphql-core answers it
                outcomes = Outcomes({plan.key: error})
        events = await self._opened(asked, context, outcomes)
        return events if isinstance(events, ExecutionResult) else Pushes(None, events, interpret)

    async def _opened(
        self, asked: "_Asked", context: RequestContext, outcomes: Outcomes | None
    ) -> Events | ExecutionResult:
        """What a subscription watches, by graphql-core, or what is wrong with it."""
        executor = (self.execution_context_class or Executor).build(
            self._schema, asked.document, outcomes, context, asked.variables, asked.name
        )
        if isinstance(executor, list):
            return _rejected(CoreResult(None, executor), context)
        made = create_source_event_stream(executor)
        found = await made if isawaitable(made) else made
        return _rejected(found, context) if isinstance(found, CoreResult) else cast("Events", found)

    def _checked(self, query: Any, variables: Any, operation_name: Any, allowed: AbstractSet[OperationType]) -> "_Asked":
        """What is to be executed, once everything is found well that can be before. Raises `_Rejected`."""
        try:
            if not isinstance(query, str) or not query:
                raise BadUserInput("query", "must be the text of an operation")
            if not isinstance(variables, dict | None):
                raise BadUserInput("variables", "must be an object")
            if not isinstance(operation_name, str | None):
                raise BadUserInput("operationName", "must be a string")
            prepared = self.operations.prepare(query)
            if prepared.errors:
                raise _Rejected(list(prepared.errors))
            operation = prepared.operation(operation_name)
            # Those that the operation has not are nobody's business, and are not kept for as long as it goes on.
            declared: Sent = {}
            for name, value in variables.items() if variables else ():
                if name in operation.variables.names:
                    demand_clean(f"${name}", value)
                    declared[name] = value
            operation.nodes.check(self._most_nodes, declared)
        except BadUserInput as error:
            raise _Rejected([GraphQLError(str(error), original_error=error)]) from error
        except GraphQLError as error:
            raise _Rejected([error]) from error
        if operation.kind not in allowed:
            raise InvalidOperationTypeError(operation.kind)
        return _Asked(query, prepared.document, operation, declared, operation_name or None)


class _Asked(NamedTuple):
    """An operation that was found well, and is to be executed. `name` is what the client chose it by, if it had to.

    `variables` are those sent that the operation has.
    """

    text: str
    document: DocumentNode
    operation: Compiled
    variables: Sent
    name: str | None


class _Rejected(Exception):
    """An operation that is not executed. Carries the errors."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(str(errors))
        self.errors = errors


def _rejection(errors: list[GraphQLError], context: RequestContext | None) -> PreExecutionError:
    return PreExecutionError(None, [_coded(error, context, executed=False) for error in errors])


def _rejected(result: CoreResult, context: RequestContext) -> PreExecutionError:
    """The end of a subscription before its first event."""
    return PreExecutionError(None, _answer(result, context).errors)


def _answer(result: CoreResult, context: RequestContext | None) -> ExecutionResult:
    more = None
    if result.data is not None and context is not None and context.noted:
        more = extensions(context.noted, result.data)
    if not result.errors:
        return ExecutionResult(result.data, None, more)
    errors = [_coded(error, context, executed=True) for error in result.errors]
    if result.data is None and all(error.path is None for error in errors):
        return PreExecutionError(None, errors)
    return ExecutionResult(result.data, errors, more)


def _coded(error: GraphQLError, context: RequestContext | None, *, executed: bool) -> GraphQLError:
    return answered(error, executed=executed, request_id=context.request_id if context is not None else "")
