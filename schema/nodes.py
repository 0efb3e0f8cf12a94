"""How many objects an operation's answer may hold: of each list that it selects, as many as the list may have.

A field with the arguments `first` and `last` is a page: the lists right below it, `nodes` and `edges`, each have that many.
Any other list of objects is counted as `LISTED`, for each object that it is in: three pages of 100 orders with their items
are 3 * (100 + 100 * 10). What is no list does not count. Introspection is counted like everything else.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SchemaMetaFieldDef,
    SelectionSetNode,
    TypeMetaFieldDef,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from schema.pages import DEFAULT_SIZE, LARGEST_SIZE
from schema.scopes import Fragments, Scope, ScopedField

_OF_THE_SCHEMA = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}

LISTED = 10
"""Objects of a list inside a document."""


@dataclass(frozen=True, slots=True)
class PageSize:
    """The size that a page is asked for: each argument a number, the name of a variable, or not given."""

    first: int | str | None
    last: int | str | None

    def under(self, variables: Mapping[str, object]) -> int:
        """The size, 1 to `LARGEST_SIZE`: what is no size at all is refused elsewhere."""
        given = [variables.get(one) if isinstance(one, str) else one for one in (self.first, self.last)]
        # JSON has one kind of number, so 7.0 is an Int too.
        asked = max((one for one in given if isinstance(one, int | float)), default=DEFAULT_SIZE)
        return int(min(max(1, asked), LARGEST_SIZE))


@dataclass(frozen=True)
class Nodes:
    """The nodes that an operation asks for: by the pages that they are in, how many for one node of each of these."""

    within: Mapping[tuple[PageSize, ...], int]
    defaults: Mapping[str, int | None]
    """Of each variable that a size may come from."""

    @cached_property
    def most(self) -> int:
        """How many it asks for whatever the variables are."""
        return sum(times * LARGEST_SIZE ** len(pages) for pages, times in self.within.items())

    def count(self, variables: Mapping[str, object]) -> int:
        """How many it asks for at most. `variables` are a request's, as JSON."""
        given = {name: variables.get(name, default) for name, default in self.defaults.items()}
        return sum(times * prod(page.under(given) for page in pages) for pages, times in self.within.items())

    def check(self, most: int, variables: Mapping[str, object]) -> None:
        """Raises `GraphQLError` where the operation asks for more than `most`."""
        if self.most > most and (found := self.count(variables)) > most:
            raise GraphQLError(
                f"The operation asks for up to {found} nodes; at most {most} are allowed. Ask for smaller pages."
            )


def nodes(schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Fragments) -> Nodes:
    """What `operation`, which is within the limits, asks for. What the schema does not have is passed over."""
    within: dict[tuple[PageSize, ...], int] = {}
    root = schema.get_root_type(operation.operation)
    waiting = [] if root is None else [_Place(root, [operation.selection_set])]
    while waiting:
        place = waiting.pop()
        for fields in Scope.of(place.sets, fragments).fields.values():
            for below in place.below(schema, fields):
                if below.is_list:
                    within[below.pages] = within.get(below.pages, 0) + below.times
                waiting.append(below)
    sizes = {one for pages in within for page in pages for one in (page.first, page.last)}
    return Nodes(within, {name: default for name, default in _defaults(operation).items() if name in sizes})


def _defaults(operation: OperationDefinitionNode) -> dict[str, int | None]:
    return {
        one.variable.name.value: default if isinstance(default := _size(one.default_value), int) else None
        for one in operation.variable_definitions or ()
    }


@dataclass(frozen=True, slots=True)
class _Place:
    """Objects of a type of which all of `sets` are selected: `times` of them for one node of each of `pages`.

    `page` is the page that they are, if they are one.
    """

    type_: GraphQLNamedType
    sets: Sequence[SelectionSetNode]
    pages: tuple[PageSize, ...] = ()
    times: int = 1
    page: PageSize | None = None
    is_list: bool = False

    def below(self, schema: GraphQLSchema, fields: Sequence[ScopedField]) -> Iterator["_Place"]:
        """The objects that are the value of a field. Where types differ, each may be another field."""
        found: dict[GraphQLNamedType, tuple[GraphQLField, list[FieldNode]]] = {}
        for field in fields:
            parent = schema.get_type(field.condition) if field.condition is not None else self.type_
            name = field.node.name.value
            definition = getattr(parent, "fields", {}).get(name) or _OF_THE_SCHEMA.get(name)
            if definition is not None and field.node.selection_set is not None:
                found.setdefault(get_named_type(definition.type), (definition, []))[1].append(field.node)
        for named, (definition, nodes_) in found.items():
            yield self._below(named, definition, nodes_)

    def _below(self, named: GraphQLNamedType, field: GraphQLField, nodes_: Sequence[FieldNode]) -> "_Place":
        sets = [node.selection_set for node in nodes_ if node.selection_set is not None]
        if not is_list_type(get_nullable_type(field.type)):
            return _Place(named, sets, self.pages, self.times, _page(field, nodes_[0]))
        if self.page is not None:
            return _Place(named, sets, (*self.pages, self.page), self.times, is_list=True)
        return _Place(named, sets, self.pages, self.times * LISTED, is_list=True)


def _page(field: GraphQLField, node: FieldNode) -> PageSize | None:
    if not {"first", "last"} <= field.args.keys():
        return None
    given = {argument.name.value: _size(argument.value) for argument in node.arguments or ()}
    return PageSize(given.get("first"), given.get("last"))


def _size(value: ValueNode | None) -> int | str | None:
    if isinstance(value, VariableNode):
        return value.name.value
    if isinstance(value, IntValueNode):
        return int(value.value) if len(value.value) < 10 else LARGEST_SIZE
    return None
