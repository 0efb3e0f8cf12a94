"""What an operation selects, its fragments spread and its `@skip` and `@include` decided."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
)
from graphql.execution.values import VariableValues

from projections.kernel.fields import Wanted

Selected = dict[str, list[FieldNode]]
"""What is selected of an object, by the name that the answer has for it; nodes of one name are merged."""


class Selections:
    """The selections of one operation, under these values of the variables that its directives name."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: VariableValues
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    @classmethod
    def of_info(cls, info: GraphQLResolveInfo[Any]) -> "Selections":
        """The selections of an operation that graphql-core executes."""
        # Strawberry's executor hands resolvers a plain dictionary where graphql-core has its own container.
        variables: Any = info.variable_values
        values = variables if isinstance(variables, VariableValues) else VariableValues({}, variables)
        return cls(info.schema, info.fragments, values)

    def of(self, type_: GraphQLObjectType, selected: Iterable[SelectionSetNode | None]) -> Selected:
        """What the selection sets select of an object of `type_`, in the order of the answer.

        Raises `GraphQLError` for a directive whose variable is null.
        """
        found: Selected = {}
        spread: set[str] = set()
        for selection_set in selected:
            if selection_set is not None:
                self._gather(type_, selection_set, spread, found)
        return found

    def below(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Selected:
        """What the fields that `nodes` name together select of their value, an object of `type_`."""
        return self.of(type_, (node.selection_set for node in nodes))

    def wanted(self, type_name: str, nodes: Sequence[FieldNode]) -> Wanted:
        """The same by the names of the fields, as a tree, for an object of the type of this name."""
        return self._tree(self.type(type_name), nodes)

    def type(self, name: str) -> GraphQLObjectType:
        """The object type of this name."""
        found = self._schema.type_map[name]
        assert isinstance(found, GraphQLObjectType)
        return found

    def possible(self, type_: GraphQLInterfaceType) -> Sequence[GraphQLObjectType]:
        """The object types that implement an interface."""
        return self._schema.get_possible_types(type_)

    def _tree(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> dict[str, Wanted]:
        of_field: dict[str, list[FieldNode]] = {}
        for group in self.below(type_, nodes).values():
            of_field.setdefault(group[0].name.value, []).extend(group)
        tree: dict[str, Wanted] = {}
        for name, group in of_field.items():
            if (field := type_.fields.get(name)) is not None:
                below = get_named_type(field.type)
                tree[name] = self._tree(below, group) if isinstance(below, GraphQLObjectType) else {}
        return tree

    def _gather(self, type_: GraphQLObjectType, selected: SelectionSetNode, spread: set[str], found: Selected) -> None:
        for node in selected.selections:
            if node.directives and not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            fragment = self._fragment(node, spread)
            if fragment is not None and self._applies(fragment.type_condition, type_):
                self._gather(type_, fragment.selection_set, spread, found)

    def _fragment(self, node: SelectionNode, spread: set[str]) -> InlineFragmentNode | FragmentDefinitionNode | None:
        """The fragment that stands or is named here; None for one that was spread before."""
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name in spread:
            return None
        spread.add(name)
        return self._fragments[name]

    def _applies(self, condition: NamedTypeNode | None, type_: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == type_.name:
            return True
        general = self._schema.get_type(condition.name.value)
        return isinstance(general, GraphQLInterfaceType | GraphQLUnionType) and self._schema.is_sub_type(general, type_)

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])
