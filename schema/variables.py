"""The variables of an operation: from what a client sends to values, with what can be known before worked out once."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    get_variable_values,
    type_from_ast,
)
from graphql.execution.values import VariableValues

_PLAIN: Mapping[Any, type] = {GraphQLID: str, GraphQLString: str, GraphQLInt: int, GraphQLBoolean: bool}
"""What a value of a type is when there is nothing to make of it."""


class Variables:
    """The variables that an operation defines. `definitions` are valid."""

    def __init__(self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode]) -> None:
        self._schema = schema
        self._definitions = definitions
        self._plain = [_Plain(schema, definition) for definition in definitions]
        self.names = frozenset(variable.name for variable in self._plain)
        self.truths = frozenset(variable.name for variable in self._plain if variable.is_truth)
        """Those that are Boolean: a directive of the operation can name no other."""

    def values(self, sent: Mapping[str, Any]) -> VariableValues | None:
        """The values; None when something is wrong with what was sent, of which graphql-core can tell more."""
        values: dict[str, Any] = {}
        for variable in self._plain:
            value = sent.get(variable.name, Undefined)
            if value is not Undefined:
                if not variable.admits(value):
                    return self._coerced(sent)
                values[variable.name] = value
            elif variable.default is not Undefined:
                values[variable.name] = variable.default
            elif variable.required:
                return None
        return VariableValues({}, values)

    def _coerced(self, sent: Mapping[str, Any]) -> VariableValues | None:
        values = get_variable_values(self._schema, self._definitions, dict(sent), max_errors=1)
        return values if isinstance(values, VariableValues) else None


class _Plain:
    """A variable whose values may be what was sent. `default` is the value of one that is left out, if there is any."""

    def __init__(self, schema: GraphQLSchema, definition: VariableDefinitionNode) -> None:
        type_ = type_from_ast(schema, definition.type)
        self.name = definition.variable.name.value
        self.required = isinstance(type_, GraphQLNonNull)
        self._class = _PLAIN.get(get_nullable_type(cast("GraphQLInputType", type_)))
        self.is_truth = self._class is bool
        self.default: object = Undefined
        if definition.default_value is not None:
            values = get_variable_values(schema, [definition], {})
            if not isinstance(values, VariableValues):
                raise values[0]
            self.default = values.coerced[self.name]

    def admits(self, value: Any) -> bool:
        """Whether a value that was sent is the variable's as it is: there is nothing to check or to make of it."""
        if value is None:
            return not self.required
        if value.__class__ is not self._class:
            return False
        return not isinstance(value, int) or -(2**31) <= value < 2**31
