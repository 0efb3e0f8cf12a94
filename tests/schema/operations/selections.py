"""Selection sets of any type: fields, aliases, fragments of both kinds and directives, as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    is_leaf_type,
)
from hypothesis import strategies as st

from tests.schema.operations.arguments import Arguments, Draw, named
from tests.schema.operations.naming import ALIASES, ResponseNames

Composite = GraphQLObjectType | GraphQLInterfaceType

DEPTH = 7
MOST_FIELDS = 25
"""Fields of one document, about: what is larger finds nothing more, and takes longer."""

_TYPENAME = {"__typename": TypeNameMetaFieldDef}
_INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
_INTROSPECTION_DEPTH = 2


@dataclass(frozen=True)
class Fragment:
    """A fragment of the document, with the variables and fragments that it uses, through others too."""

    name: str
    type: Composite
    text: str
    variables: frozenset[str]
    fragments: frozenset[str]


@dataclass(frozen=True)
class _Use:
    """A field as it was selected before."""

    name: str
    arguments: str
    variables: frozenset[str]
    response_name: str


class Selections:
    """Draws the selections of one document. `spread` has the fragments used since it was last emptied."""

    def __init__(self, draw: Draw, schema: GraphQLSchema, arguments: Arguments, separator: str) -> None:
        self._draw = draw
        self._schema = schema
        self._arguments = arguments
        self._separator = separator
        self._names = ResponseNames()
        self._uses: dict[str, list[_Use]] = {}
        self._left = MOST_FIELDS
        self.fragments: dict[str, Fragment] = {}
        self.spread: set[str] = set()

    def set_of(self, type_: Composite, depth: int = DEPTH) -> str:
        """A selection set, in its braces."""
        most = 1 if self._left <= 0 else 5 if depth == DEPTH or isinstance(type_, GraphQLInterfaceType) else 4
        if type_ is self._schema.mutation_type:
            # Several mutations go one after another, which is graphql-core's to do.
            most = self._draw(st.sampled_from([1, 1, most]))
        count = self._draw(st.integers(1, most))
        return "{" + self._separator.join(["", *(self._selection(type_, depth) for _ in range(count)), ""]) + "}"

    def one_field_of(self, type_: GraphQLObjectType) -> str:
        """A selection set of one field, which no directive may leave out: a subscription's."""
        return "{" + self._field(type_, DEPTH, self._draw(st.sampled_from(sorted(type_.fields)))) + "}"

    def _selection(self, type_: Composite, depth: int) -> str:
        kinds = ["field"] * 6
        if depth > 0 and self._left > 0 and not type_.name.startswith("__"):
            kinds += ["inline", "spread"] * (3 if isinstance(type_, GraphQLInterfaceType) else 1)
        kind = self._draw(st.sampled_from(kinds))
        if kind == "inline":
            condition = self._draw(st.sampled_from([None, *self._conditions(type_)]))
            on = "" if condition is None else f" on {condition}"
            return f"...{on}{self._directives()} {self.set_of(condition or type_, depth - 1)}"
        if kind == "spread":
            return f"...{self._fragment(type_, depth).name}{self._directives()}"
        return self._field(type_, depth)

    # ---------------------------------------------------------------- fields

    def _field(self, type_: Composite, depth: int, only: str | None = None) -> str:
        self._left -= 1
        used = self._uses.setdefault(type_.name, [])
        before = self._draw(st.sampled_from(used)) if used and not only and self._arguments.chance(2) else None
        if before is not None and (depth > 0 or is_leaf_type(named(self._fields(type_)[before.name].type))):
            name, arguments, variables = before.name, before.arguments, before.variables
            self._arguments.used |= variables
        else:
            before = None
            name = only or self._draw(st.sampled_from(self._choices(type_, depth)))
            outer, self._arguments.used = self._arguments.used, set()
            arguments = self._arguments.text(self._fields(type_)[name].args, (name,))
            variables = frozenset(self._arguments.used)
            self._arguments.used |= outer
        field = self._fields(type_)[name]
        alias = self._response_name(type_, name, field, arguments, before)
        used.append(_Use(name, arguments, variables, alias))
        written = f"{name if alias == name else f'{alias}: {name}'}{arguments}{'' if only else self._directives()}"
        found = named(field.type)
        if not isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
            return written
        below = _INTROSPECTION_DEPTH if name in _INTROSPECTION else depth - 1
        return f"{written} {self.set_of(found, below)}"

    def _fields(self, type_: Composite) -> dict[str, GraphQLField]:
        own = {**type_.fields, **_TYPENAME}
        return {**own, **_INTROSPECTION} if type_ is self._schema.query_type else own

    def _choices(self, type_: Composite, depth: int) -> list[str]:
        leaves = [name for name, field in type_.fields.items() if is_leaf_type(named(field.type))]
        if depth <= 0:
            return [*leaves, "__typename"]
        deep = [name for name in type_.fields if name not in leaves]
        # Where there is something below, that is what there is to compare.
        chosen = [*leaves, *deep * 3, "__typename"]
        return [*_INTROSPECTION] if type_ is self._schema.query_type and self._arguments.chance(1) else chosen

    def _response_name(self, type_: Composite, name: str, field: GraphQLField, arguments: str, before: _Use | None) -> str:
        meaning = f"{name}{arguments}"
        wanted = [name]
        if self._arguments.chance(3):
            wanted.insert(0, self._draw(st.sampled_from(ALIASES)))
        if before is not None and self._arguments.chance(6):
            wanted.insert(0, before.response_name)
        for count, candidate in enumerate([*wanted, *(f"{name}{number}" for number in range(1, 100))]):
            if count >= len(wanted) and candidate in type_.fields:
                continue
            if self._names.takes(candidate, type_, field, meaning):
                return str(candidate)
        raise AssertionError("a hundred meanings of one name")

    # ---------------------------------------------------------------- fragments and directives

    def _fragment(self, type_: Composite, depth: int) -> Fragment:
        conditions = self._conditions(type_)
        known = [fragment for fragment in self.fragments.values() if fragment.type in conditions]
        if known and self._arguments.chance(5):
            found: Fragment = self._draw(st.sampled_from(known))
        else:
            found = self._new_fragment(self._draw(st.sampled_from(conditions)), depth)
        self._arguments.used |= found.variables
        self.spread |= {found.name, *found.fragments}
        return found

    def _new_fragment(self, type_: Composite, depth: int) -> Fragment:
        outer = self._arguments.used, self.spread
        self._arguments.used, self.spread = set(), set()
        below = self.set_of(type_, min(depth - 1, 4))
        stem = self._draw(st.sampled_from(["F", "None", "self", "fragment", "__", type_.name]))
        name = stem if stem not in self.fragments else f"{stem}{len(self.fragments)}"
        text = f"fragment {name} on {type_} {below}"
        made = Fragment(name, type_, text, frozenset(self._arguments.used), frozenset(self.spread))
        self.fragments[name] = made
        self._arguments.used, self.spread = outer
        return made

    def _conditions(self, type_: Composite) -> list[Composite]:
        """The types of fragments that may stand within `type_`; those that narrow an interface come first."""
        if isinstance(type_, GraphQLInterfaceType):
            return [*self._schema.get_possible_types(type_), type_]
        return [type_, *type_.interfaces]

    def _directives(self) -> str:
        return "".join(f" @{name}{arguments}" for name, arguments in self._drawn_directives())

    def _drawn_directives(self) -> Iterator[tuple[str, str]]:
        if not self._arguments.chance(1):
            return
        chosen: Any = self._draw(st.sampled_from([("include",), ("skip",), ("skip", "include")]))
        for name in chosen:
            yield name, self._arguments.text(GraphQLSkipDirective.args, (name,))


def composite(type_: GraphQLNamedType | None) -> GraphQLObjectType:
    """A root type, which is an object."""
    assert isinstance(type_, GraphQLObjectType)
    return type_
