"""Completion: generated functions from a value, as the ports answer it, to exactly the JSON that a client selected.

A function is straight Python: no type is looked at and no selection is walked per request. It takes values that are what
the schema says. For any other, a field that lacks, a null where none may be, it raises one of `IRREGULAR`, and
graphql-core completes the same value instead: which errors that makes, where they go and what becomes null is its word.

Only names that passed GraphQL's grammar get into the code, and each of them as a quoted string.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from types import FunctionType
from typing import Any

from graphql import (
    FieldNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    is_leaf_type,
)

from schema.scalars import as_stored
from schema.selections import Selections

_BYTES, _BYTES_OF_CODE = 3_000, 5
"""What a function weighs, and what each byte of its code adds, constants and names included: tracemalloc says 2 to 4."""


@dataclass(frozen=True, slots=True)
class Completion:
    """`of` makes the answer: of an object a dictionary by the names of its fields. `weight` is in bytes, about."""

    of: Callable[[Any], Any]
    weight: int


class Irregular(Exception):
    """A value is not what the schema says."""


class NotCompiled(Exception):
    """A selection that no function is made for: graphql-core's."""


IRREGULAR = (Irregular, KeyError, TypeError, AttributeError)
"""What a generated function raises for a value that is not what the schema says."""

_TEXTS = (GraphQLString, GraphQLID)


def completion(
    type_: GraphQLObjectType | GraphQLList[Any], nodes: Sequence[FieldNode], selections: Selections
) -> Completion:
    """The function for what `nodes` select of a value of `type_` that is not null. Raises `NotCompiled`."""
    return _Generator(selections).completion(type_, nodes)


class _Generator:
    """Writes one function. What it needs of the schema stands in the function's globals."""

    def __init__(self, selections: Selections) -> None:
        self._selections = selections
        self._lines: list[str] = []
        self._globals: dict[str, Any] = {"Irregular": Irregular}
        self._depth = 1
        self._names = 0

    def completion(self, type_: GraphQLObjectType | GraphQLList[Any], nodes: Sequence[FieldNode]) -> Completion:
        result = self._present(type_, nodes, "value")
        source = "\n".join(["def complete(value):", *self._lines, f" return {result}"])
        exec(compile(source, f"<completion of {type_}>", "exec"), self._globals)  # noqa: S102
        complete: FunctionType = self._globals["complete"]
        return Completion(complete, _BYTES + _BYTES_OF_CODE * len(complete.__code__.co_code))

    def _object(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], value: str) -> str:
        """The expression of an object's answer. Statements that it needs are written before."""
        selected = {key: (group[0].name.value, group) for key, group in self._selections.below(type_, nodes).items()}
        if all(name == "__typename" for name, _ in selected.values()):
            # Where a field is taken, what is no object fails by itself.
            self._write(f"if {value}.__class__ is not dict: raise Irregular")
        parts = (
            f"{key!r}: {repr(type_.name) if name == '__typename' else self._field(type_, name, group, value)}"
            for key, (name, group) in selected.items()
        )
        return f"{{{', '.join(parts)}}}"

    def _field(self, type_: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], owner: str) -> str:
        found = type_.fields[name].type
        value = self._name()
        # An absent field is null: no error where null may be.
        required = isinstance(found, GraphQLNonNull)
        self._write(f"{value} = {owner}[{name!r}]" if required else f"{value} = {owner}.get({name!r})")
        return self._value(found, nodes, value)

    def _value(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode], value: str) -> str:
        if isinstance(type_, GraphQLNonNull):
            if is_leaf_type(type_.of_type):
                return self._leaf(type_.of_type, value, required=True)
            return self._present(type_.of_type, nodes, value)
        if is_leaf_type(type_):
            return self._leaf(type_, value, required=False)
        result = self._name()
        self._write(f"{result} = None")
        with self._block(f"if {value} is not None:"):
            self._write(f"{result} = {self._present(type_, nodes, value)}")
        return result

    def _present(self, type_: GraphQLOutputType, nodes: Sequence[FieldNode], value: str) -> str:
        """The expression of a list or an object, from which null is refused."""
        if isinstance(type_, GraphQLList):
            return self._list(type_, nodes, value)
        if isinstance(type_, GraphQLObjectType):
            return self._object(type_, nodes, value)
        raise NotCompiled(f"a field of {type_}")

    def _list(self, type_: GraphQLList[Any], nodes: Sequence[FieldNode], value: str) -> str:
        result, element = self._name(), self._name()
        self._write(f"if {value}.__class__ is not list: raise Irregular")
        self._write(f"{result} = []")
        with self._block(f"for {element} in {value}:"):
            self._write(f"{result}.append({self._value(type_.of_type, nodes, element)})")
        return result

    def _leaf(self, type_: GraphQLLeafType, value: str, *, required: bool) -> str:
        if wrong := self._wrong(type_, value):
            self._write(f"if {wrong if required else f'{value} is not None and ({wrong})'}: raise Irregular")
        elif required:
            self._write(f"if {value} is None: raise Irregular")
        return value

    def _wrong(self, type_: GraphQLLeafType, value: str) -> str:
        """The condition under which a value that is not null is not answered as it is; none for what always is."""
        if type_ in _TEXTS:
            return f"not isinstance({value}, str)"
        if type_ is GraphQLInt:
            return f"{value}.__class__ is not int or not -2147483648 <= {value} <= 2147483647"
        if type_ is GraphQLFloat:
            self._globals["isfinite"] = isfinite
            return f"{value}.__class__ is not float or not isfinite({value})"
        if type_ is GraphQLBoolean:
            return f"{value} is not True and {value} is not False"
        if isinstance(type_, GraphQLEnumType):
            self._globals[f"names_of_{type_.name}"] = frozenset(type_.values)
            return f"{value} not in names_of_{type_.name}"
        if type_.serialize is as_stored:
            return ""
        raise NotCompiled(f"a field of {type_}")

    def _name(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _write(self, line: str) -> None:
        self._lines.append(" " * self._depth + line)

    @contextmanager
    def _block(self, opening: str) -> Iterator[None]:
        self._write(opening)
        self._depth += 1
        yield
        self._depth -= 1
