"""Arguments: values of any input type, as literals, as variables, and as literals with variables inside."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    Undefined,
)
from hypothesis import strategies as st

from tests.schema.operations.vocabulary import Vocabulary

Draw = Callable[[st.SearchStrategy[Any]], Any]

NAMES = ("v", "self", "class", "None", "variables", "_", "__name__", "context", "d")
"""Names of variables: such as generated code could have for its own."""

MISFITS: tuple[Any, ...] = (None, True, 5, 2**31, 1.5, 3.0, "x", [], [None], {}, {"nope": 1})
"""JSON values of which any type refuses some."""


@dataclass(frozen=True)
class Name:
    """A literal that is written without quotes: an enum's value, or a variable with its dollar."""

    text: str


@dataclass(frozen=True)
class Variable:
    """A variable of an operation. `default` is a literal's text, or None; `within` are the names where it is used."""

    name: str
    type: GraphQLInputType
    default: str | None
    within: tuple[str, ...]

    @property
    def definition(self) -> str:
        """Its definition, as the operation writes it."""
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


class Arguments:
    """Draws arguments, and knows the variables that they use. `used` has the names since it was last emptied."""

    def __init__(self, draw: Draw, vocabulary: Vocabulary) -> None:
        self._draw = draw
        self._vocabulary = vocabulary
        self.variables: dict[str, Variable] = {}
        self.used: set[str] = set()

    def chance(self, tenths: int) -> bool:
        """True in about so many of ten. Shrinks to False."""
        return bool(self._draw(st.integers(0, 9)) >= 10 - tenths)

    def text(self, arguments: dict[str, GraphQLArgument], within: tuple[str, ...]) -> str:
        """Arguments as a field or directive writes them, with their parentheses; empty for none."""
        written = [
            f"{name}: {literal(self._value(argument.type, (*within, name), variables=True))}"
            for name, argument in arguments.items()
            if _required(argument.type, argument.default_value)
            or self.chance(5 if isinstance(argument.type, GraphQLInputObjectType) else 1)
        ]
        return f"({', '.join(written)})" if written else ""

    def values(self) -> dict[str, Any]:
        """Values for all variables, as JSON: absent and null where they may be, and seldom where they may not."""
        given: dict[str, Any] = {}
        for variable in self.variables.values():
            if self._draw(st.integers(0, 149)) == 149:
                if self.chance(8):
                    given[variable.name] = self._draw(st.sampled_from(MISFITS))
                continue
            if not _required(variable.type, Undefined if variable.default is None else 0) and self.chance(3):
                continue
            given[variable.name] = _as_json(self._value(variable.type, variable.within, variables=False))
        return given

    def _value(self, type_: GraphQLInputType, within: tuple[str, ...], *, variables: bool) -> Any:
        if variables and self.chance(3):
            return Name(f"${self._variable(type_, within)}")
        if not isinstance(type_, GraphQLNonNull):
            return None if self.chance(1) else self._given(type_, within, variables)
        return self._given(type_.of_type, within, variables)

    def _given(self, type_: Any, within: tuple[str, ...], variables: bool) -> Any:
        if isinstance(type_, GraphQLList):
            if self.chance(1):  # one value stands for a list of it, unless it is null or a variable
                return self._given(_bare(type_.of_type), within, variables=False)
            count = self._draw(st.sampled_from([2, 1, 3, 0]))
            return [self._value(type_.of_type, within, variables=variables) for _ in range(count)]
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self._value(field.type, (*within, name), variables=variables)
                for name, field in type_.fields.items()
                if _required(field.type, field.default_value) or self.chance(3)
            }
        value = self._draw(self._vocabulary.leaf(type_, within))
        return Name(value) if isinstance(type_, GraphQLEnumType) else value

    def _variable(self, type_: GraphQLInputType, within: tuple[str, ...]) -> str:
        fitting = [known.name for known in self.variables.values() if str(known.type) in (str(type_), f"{type_}!")]
        if fitting and self.chance(5):
            name: str = self._draw(st.sampled_from(fitting))
        else:
            name = self._declare(type_, within)
        self.used.add(name)
        return name

    def _declare(self, type_: GraphQLInputType, within: tuple[str, ...]) -> str:
        stem = self._draw(st.sampled_from(NAMES))
        name = stem if stem not in self.variables else f"{stem}{len(self.variables)}"
        bare, default = _bare(type_), None
        declared: GraphQLInputType = (
            type_ if isinstance(type_, GraphQLNonNull) or not self.chance(2) else GraphQLNonNull(bare)
        )
        if self.chance(3):
            # A default that is not null lets a nullable variable stand where null may not.
            value = self._given(bare, within, variables=False)
            default = literal(None if declared is type_ and type_ is bare and self.chance(5) else value)
            declared = declared if self.chance(3) else bare
        self.variables[name] = Variable(name, declared, default, within)
        return name


def literal(value: Any) -> str:
    """A value in GraphQL's own notation."""
    if isinstance(value, Name):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, str) and " " in value and value.isprintable() and not set(value) & set('"\\'):
        return f'"""{value}"""'
    return json.dumps(value, ensure_ascii=isinstance(value, str) and value.isascii())


def _as_json(value: Any) -> Any:
    if isinstance(value, Name):
        return value.text
    if isinstance(value, dict):
        return {name: _as_json(item) for name, item in value.items()}
    return [_as_json(item) for item in value] if isinstance(value, list) else value


def _bare(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_


def _required(type_: Any, default: Any) -> bool:
    return isinstance(type_, GraphQLNonNull) and default is Undefined


def named(type_: Any) -> GraphQLNamedType:
    """The type inside of lists and non-null."""
    while not isinstance(type_, GraphQLNamedType):
        type_ = type_.of_type
    return type_
