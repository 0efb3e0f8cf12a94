"""Runs operations: parsed and validated once per text, limited, and answered with errors that a client may see."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from schema.errors import answered
from schema.limits import LONGEST_TEXT, MOST_TOKENS, check
from schema.ports import RequestContext

CACHED = 1_000
"""So many operations are kept."""
CACHED_TEXT = 10_000
"""Longer texts are not kept, so that what is kept stays small."""
MOST_ERRORS = 20
ALL = frozenset(OperationType)


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation came to. `data` is absent (None, with `executed` false) when it was no valid request."""

    data: Mapping[str, Any] | None
    errors: list[GraphQLError]
    executed: bool
    operation: OperationType | None

    def as_json(self) -> dict[str, Any]:
        """The body of a response."""
        body: dict[str, Any] = {}
        if self.errors:
            body["errors"] = [error.formatted for error in self.errors]
        if self.executed:
            body["data"] = self.data
        return body


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A text that was parsed and validated: the document, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Executor:
    """Runs operations against a schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._prepared: OrderedDict[str, _Prepared] = OrderedDict()

    def operation_of(self, text: str, name: str | None) -> OperationType | None:
        """The kind of the operation that would be run; None when there is no such operation."""
        document = self._prepare(text).document
        operation = None if document is None else get_operation_ast(document, name)
        return None if operation is None else operation.operation

    async def run(
        self,
        text: str,
        variables: Mapping[str, Any] | None,
        name: str | None,
        context: RequestContext,
        allowed: Collection[OperationType] = ALL,
    ) -> Answer:
        """Runs the operation `name` of `text`. Raises nothing: what goes wrong is in the answer."""
        prepared = self._prepare(text)
        if prepared.document is None:
            return _refused(list(prepared.errors), context)
        operation = get_operation_ast(prepared.document, name)
        if operation is None:
            problem = "there is no operation of this name" if name else "name the operation to run: operationName"
            return _refused([GraphQLError(problem)], context)
        if operation.operation not in allowed:
            return _refused([GraphQLError(f"a {operation.operation.value} is not served here")], context)
        result: Any = execute(
            self.schema,
            prepared.document,
            context_value=context,
            variable_values=dict(variables or {}),
            operation_name=name,
        )
        if isawaitable(result):
            result = await result
        assert isinstance(result, ExecutionResult)
        errors = [answered(error, executed=True, request_id=context.request_id) for error in result.errors or ()]
        # A request whose variables do not fit was not executed: it has errors without a path, and no data.
        executed = result.data is not None or any(error.path for error in errors)
        return Answer(result.data, errors, executed, operation.operation)

    def _prepare(self, text: str) -> _Prepared:
        found = self._prepared.get(text)
        if found is None:
            found = self._parsed(text)
            if len(text) <= CACHED_TEXT:
                self._prepared[text] = found
                if len(self._prepared) > CACHED:
                    self._prepared.popitem(last=False)
        else:
            self._prepared.move_to_end(text)
        return found

    def _parsed(self, text: str) -> _Prepared:
        if len(text) > LONGEST_TEXT:
            return _Prepared(None, (GraphQLError(f"the operation is longer than {LONGEST_TEXT} characters"),))
        try:
            document = parse(text, max_tokens=MOST_TOKENS)
        except GraphQLError as error:
            return _Prepared(None, (error,))
        except RecursionError:
            return _Prepared(None, (GraphQLError("the operation is too large: nested too deep"),))
        if (broken := check(document)) is not None:
            return _Prepared(None, (broken,))
        errors = validate(self.schema, document, max_errors=MOST_ERRORS)
        return _Prepared(None, tuple(errors)) if errors else _Prepared(document)


def _refused(errors: list[GraphQLError], context: RequestContext) -> Answer:
    shown = [answered(error, executed=False, request_id=context.request_id) for error in errors]
    return Answer(None, shown, executed=False, operation=None)
