"""The arguments of a root field: worked out once where they are literals, else from the variables of a request."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    coerce_input_literal,
    is_required_argument,
)
from graphql.execution.values import VariableValues, get_argument_values

Given = Mapping[str, Any]
"""Arguments by name, without those that are null: null means the default."""

Arguments = Callable[[VariableValues], Given]
"""From a request's variables to the arguments. Raises `GraphQLError` for an argument that may not be null."""

_Fill = Callable[[Mapping[str, Any]], Any]
"""From the values of variables to the value of a literal that they stand in. Raises `_Unusual`."""


class _Unusual(Exception):
    """A variable is missing or null, or stands where a rule of its own holds: for graphql-core."""


def arguments(field: GraphQLField, node: FieldNode) -> Arguments:
    """The arguments that `node` gives to `field`."""
    varying = {one.name.value: one.value for one in node.arguments or () if _varies(one.value)}
    if not varying:
        constant = given(get_argument_values(field, node))
        return lambda _: constant
    try:
        fills = {name: _fill(field.args[name].type, value) for name, value in varying.items()}
    except _Unusual:
        return lambda variables: given(get_argument_values(field, node, variables))
    return _filled(field, node, fills)


def given(values: Mapping[str, Any]) -> Given:
    """The arguments that are not null."""
    return {name: value for name, value in values.items() if value is not None}


def _filled(field: GraphQLField, node: FieldNode, fills: Mapping[str, _Fill]) -> Arguments:
    """Arguments of which those in `fills` vary."""
    others = {name: one for name, one in field.args.items() if name not in fills or not is_required_argument(one)}
    literals = FieldNode(
        name=node.name, arguments=tuple(one for one in node.arguments or () if one.name.value not in fills)
    )
    constant = given(get_argument_values(GraphQLField(field.type, others), literals))

    def values(variables: VariableValues) -> Given:
        found = dict(constant)
        try:
            for name, fill in fills.items():
                found[name] = fill(variables.coerced)
        except _Unusual:
            return given(get_argument_values(field, node, variables))
        return found

    return values


def _fill(type_: GraphQLInputType, node: ValueNode) -> _Fill:
    """How the value of a literal is made. Raises `_Unusual` for one that graphql-core has to make each time."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(node, VariableNode):
        return _variable(node.name.value)
    if isinstance(node, ListValueNode) and isinstance(type_, GraphQLList):
        items = [_fill(type_.of_type, item) for item in node.values or ()]
        return lambda values: [item(values) for item in items]
    if isinstance(node, ObjectValueNode) and isinstance(type_, GraphQLInputObjectType):
        return _object(type_, node)
    if _varies(node) or (value := coerce_input_literal(node, type_)) is Undefined:
        raise _Unusual
    return lambda _: value


def _variable(name: str) -> _Fill:
    def fill(values: Mapping[str, Any]) -> Any:
        value = values.get(name)
        if value is None:
            raise _Unusual
        return value

    return fill


def _object(type_: GraphQLInputObjectType, node: ObjectValueNode) -> _Fill:
    literals = {field.name.value: field.value for field in node.fields or ()}
    absent = [field for name, field in type_.fields.items() if name not in literals]
    if type_.is_one_of or any(field.default is not None or field.default_value is not Undefined for field in absent):
        raise _Unusual
    parts = [
        (field.out_name or name, _fill(field.type, literals[name]))
        for name, field in type_.fields.items()
        if name in literals
    ]
    return lambda values: type_.out_type({name: part(values) for name, part in parts})


def _varies(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(_varies(item) for item in value.values or ())
    if isinstance(value, ObjectValueNode):
        return any(_varies(field.value) for field in value.fields or ())
    return isinstance(value, VariableNode)
