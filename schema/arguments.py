"""The arguments of a root field: worked out once where they are literals, else from the variables of a request."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    is_required_argument,
)
from graphql.execution.values import VariableValues, get_argument_values

Given = Mapping[str, Any]
"""Arguments by name, without those that are null: null means the default."""

Arguments = Callable[[VariableValues], Given]
"""From a request's variables to the arguments. Raises `GraphQLError` for an argument that may not be null."""


def arguments(field: GraphQLField, node: FieldNode) -> Arguments:
    """The arguments that `node` gives to `field`."""
    varying = {one.name.value: one.value for one in node.arguments or () if _varies(one.value)}
    if not varying:
        constant = given(get_argument_values(field, node))
        return lambda _: constant
    names = {name: value.name.value for name, value in varying.items() if isinstance(value, VariableNode)}
    if len(names) < len(varying):
        return lambda variables: given(get_argument_values(field, node, variables))
    return _from_variables(field, node, names)


def given(values: Mapping[str, Any]) -> Given:
    """The arguments that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def _from_variables(field: GraphQLField, node: FieldNode, varying: Mapping[str, str]) -> Arguments:
    """Arguments of which each is a literal or a variable: those in `varying`, by name."""
    required = {name for name in varying if is_required_argument(field.args[name])}
    others = GraphQLField(field.type, {name: one for name, one in field.args.items() if name not in required})
    literals = FieldNode(
        name=node.name, arguments=tuple(one for one in node.arguments or () if one.name.value not in varying)
    )
    constant = given(get_argument_values(others, literals))

    def values(variables: VariableValues) -> Given:
        found = dict(constant)
        for name, variable in varying.items():
            value = variables.coerced.get(variable, Undefined)
            if value is None or value is Undefined:
                # The rules for what is missing or null are graphql-core's.
                return given(get_argument_values(field, node, variables))
            found[name] = value
        return found

    return values


def _varies(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_varies(item) for item in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_varies(field.value) for field in value.fields)
    return isinstance(value, VariableNode)
