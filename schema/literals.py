"""Literals at fault: which argument holds them. graphql-core tells only line and column."""

from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    GraphQLError,
    Node,
    ObjectFieldNode,
    ValueNode,
    VariableDefinitionNode,
    Visitor,
    visit,
)

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
