"""Which fields of a root field's answer a client wants, so that what nobody wants is not read."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLResolveInfo,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
)
from graphql.execution.values import VariableValues


def selects(info: GraphQLResolveInfo[Any], field: str) -> bool:
    """Whether `field` is selected right below the field being resolved, fragments and `@skip` considered."""
    # Strawberry's executor hands resolvers a plain dictionary where graphql-core has its own container.
    variables: Any = info.variable_values
    values = variables if isinstance(variables, VariableValues) else VariableValues({}, variables)
    return any(
        found.name.value == field
        for node in info.field_nodes
        if node.selection_set is not None
        for found in _fields(node.selection_set, info, values)
    )


def _fields(selected: SelectionSetNode, info: GraphQLResolveInfo[Any], variables: VariableValues) -> Iterator[FieldNode]:
    for node in selected.selections:
        if not _included(node, variables):
            continue
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields(node.selection_set, info, variables)
        elif isinstance(node, FragmentSpreadNode):
            yield from _fields(info.fragments[node.name.value].selection_set, info, variables)


def _included(node: SelectionNode, variables: VariableValues) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, node, variables)
    include = get_directive_values(GraphQLIncludeDirective, node, variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
