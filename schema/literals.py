"""Literals at fault: which argument holds them. graphql-core tells only line and column."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    Node,
    ObjectFieldNode,
    ValueNode,
    VariableDefinitionNode,
)
from graphql.language.ast import QUERY_DOCUMENT_KEYS

from schema.errors import BadUserInput
from schema.scalars import MalformedScalar


def named(document: DocumentNode, error: GraphQLError) -> GraphQLError:
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
    """The dotted name of the argument, or the variable, whose literal holds `wanted`.

    It goes down to where `wanted` stands in the text: a document may be large, and several errors look through it.
    """
    names: list[str] = []
    node: Node | None = document
    while node is not None and node is not wanted:
        node = next((child for child in _children(node) if _holds(child, wanted)), None)
        if (name := _name(node)) is not None:
            names.append(name)
    return ".".join(names) if node is not None else ""


def _children(node: Node) -> Iterator[Node]:
    for key in QUERY_DOCUMENT_KEYS.get(node.kind, ()):
        found = getattr(node, key, None)
        yield from (found,) if isinstance(found, Node) else found or ()


def _holds(node: Node, wanted: Node) -> bool:
    if node.loc is None or wanted.loc is None:
        return False
    return node.loc.start <= wanted.loc.start and wanted.loc.end <= node.loc.end


def _name(holder: Any) -> str | None:
    if isinstance(holder, ArgumentNode | ObjectFieldNode):
        return holder.name.value
    return f"${holder.variable.name.value}" if isinstance(holder, VariableDefinitionNode) else None
