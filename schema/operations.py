"""Operations, parsed and validated once per text."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    ObjectFieldNode,
    OperationDefinitionNode,
    ValueNode,
    VariableDefinitionNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from schema.errors import BadUserInput
from schema.limits import Limits, rules
from schema.scalars import MalformedScalar
from schema.texts import PROBLEM, is_clean

CACHED = 500
CACHED_LENGTH = 8_000
"""Longer texts are prepared anew each time, so that the cache stays small: nobody repeats them."""

_MOST_ERRORS = 20


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it was parsed, and what validation found wrong with it."""

    document: DocumentNode
    errors: Sequence[GraphQLError]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to execute. Raises `BadUserInput` when the name does not settle which."""
        found = [node for node in self.document.definitions if isinstance(node, OperationDefinitionNode)]
        if name:
            found = [node for node in found if node.name is not None and node.name.value == name]
        if len(found) != 1:
            few = "names no operation of the document" if name else "must say which of the document's operations to execute"
            raise BadUserInput("operationName", few)
        return found[0]


class Operations:
    """Prepares operations of one schema, within limits."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = (*specified_rules, *rules(limits))
        self._cached = lru_cache(CACHED)(self._prepare)

    def prepare(self, text: str) -> Prepared:
        """The document that `text` spells. Raises `GraphQLError` for a text that is none, or is too long."""
        if len(text) > self._limits.length:
            raise GraphQLError(
                f"The operation has {len(text)} characters; at most {self._limits.length} are allowed. "
                "Send values as variables."
            )
        if not is_clean(text):
            problem = BadUserInput("query", PROBLEM)
            raise GraphQLError(str(problem), original_error=problem)
        return self._cached(text) if len(text) <= CACHED_LENGTH else self._prepare(text)

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=self._limits.tokens)
            errors = validate(self._schema, document, self._rules, max_errors=_MOST_ERRORS)
        except RecursionError:
            raise GraphQLError("The operation is nested too deeply.") from None
        return Prepared(document, [_named(document, error) for error in errors])


def _named(document: DocumentNode, error: GraphQLError) -> GraphQLError:
    """An error of a literal with the argument that holds it: graphql-core tells only line and column."""
    node = error.nodes[0] if error.nodes else None
    if not isinstance(node, ValueNode | ObjectFieldNode):
        return error
    argument = _argument(document, node)
    if not argument:
        return error
    cause = error.original_error
    if isinstance(cause, MalformedScalar):
        problem = BadUserInput(argument, str(cause))
        return GraphQLError(str(problem), node, original_error=problem)
    if isinstance(cause, BadUserInput):
        problem = BadUserInput(argument, cause.problem)
        return GraphQLError(str(problem), node, original_error=problem)
    return GraphQLError(f"{argument}: {error.message}", node)


def _argument(document: DocumentNode, wanted: Node) -> str:
    """The dotted name of the argument, or the variable, whose literal holds `wanted`."""

    class Finder(Visitor):
        path: tuple[str, ...] = ()

        def enter(self, node: Node, key: Any, parent: Any, path: Any, ancestors: list[Any]) -> Any:
            if node is not wanted:
                return None
            self.path = tuple(name for holder in (*ancestors, parent, node) if (name := _name(holder)) is not None)
            return self.BREAK

    finder = Finder()
    visit(document, finder)
    return ".".join(finder.path)


def _name(holder: Any) -> str | None:
    if isinstance(holder, ArgumentNode | ObjectFieldNode):
        return holder.name.value
    return f"${holder.variable.name.value}" if isinstance(holder, VariableDefinitionNode) else None
