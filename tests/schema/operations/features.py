"""What an operation is made of: so that a test can tell whether all there is to generate has been generated."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    Node,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    visit,
)

SYNTAX = frozenset(
    {f"@{name} with a {value}" for name in ("skip", "include") for value in ("literal", "variable")}
    | {f"directive on {kind}" for kind in ("field", "fragment_spread", "inline_fragment")}
    | {f"{kind} on {what}" for kind in ("spread", "inline") for what in ("an object", "an interface")}
    | {
        "two directives",
        "inline without a type",
        "alias",
        "merged field",
        "fragment spread twice",
        "fragment in a fragment",
        "__typename",
        "several operations",
        "operation name",
        "anonymous operation",
        "several root fields",
        "variable as argument",
        "variable in an object",
        "default of a variable",
        "variable left out",
        "variable that is null",
        "null literal",
        "introspection",
        "variable in a list",
        "default that is null",
        "enum literal",
        "block string",
    }
)
"""All that operations are made of, but for the fields that they select."""


class _Finder(Visitor):
    """Walks a document, and collects what it finds."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self._spreads: Counter[str] = Counter()
        self.found: set[str] = set()

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        self.found.add("anonymous operation" if node.name is None else "operation name")
        if len(node.selection_set.selections) > 1:
            self.found.add("several root fields")

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        if node.default_value is not None:
            self.found.add("default of a variable")
        if isinstance(node.default_value, NullValueNode):
            self.found.add("default that is null")

    def enter_selection_set(self, node: SelectionSetNode, *_: Any) -> None:
        fields = [one for one in node.selections if isinstance(one, FieldNode)]
        names = [(one.alias or one.name).value for one in fields if one.selection_set is not None]
        if len(set(names)) < len(names):
            self.found.add("merged field")

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent = self._types.get_parent_type()
        name = node.name.value
        if parent is not None and not parent.name.startswith("__"):
            self.found.add(f"{parent}.{name}")
        if name in ("__schema", "__type"):
            self.found.add("introspection")
        if name == "__typename":
            self.found.add("__typename")
        if node.alias is not None:
            self.found.add("alias")

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self._spreads[node.name.value] += 1
        if self._spreads[node.name.value] > 1:
            self.found.add("fragment spread twice")
        if any(isinstance(holder, FragmentDefinitionNode) for holder in _[-1]):
            self.found.add("fragment in a fragment")

    def enter_fragment_definition(self, *_: Any) -> None:
        self._condition("spread")

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        if node.type_condition is None:
            self.found.add("inline without a type")
        else:
            self._condition("inline")

    def enter_directive(self, node: Any, key: Any, parent: Any, path: Any, ancestors: list[Any]) -> None:
        kind = "variable" if isinstance(node.arguments[0].value, VariableNode) else "literal"
        self.found |= {f"@{node.name.value} with a {kind}", f"directive on {ancestors[-1].kind}"}
        if len(parent) > 1:
            self.found.add("two directives")

    def enter(self, node: Node, key: Any, parent: Any, path: Any, ancestors: list[Any]) -> None:
        if isinstance(node, NullValueNode):
            self.found.add("null literal")
        if isinstance(node, StringValueNode) and node.block:
            self.found.add("block string")
        if node.kind == "enum_value":
            self.found.add("enum literal")
        if isinstance(node, VariableNode):
            holders = [holder for holder in ancestors if isinstance(holder, Node)]
            within = "a list" if isinstance(holders[-1], ListValueNode) else "an object"
            is_inside = any(isinstance(holder, ListValueNode | ObjectValueNode) for holder in holders)
            self.found.add(f"variable in {within}" if is_inside else "variable as argument")

    def _condition(self, kind: str) -> None:
        type_ = get_named_type(self._types.get_type())
        self.found.add(f"{kind} on {'an interface' if is_abstract_type(type_) else 'an object'}")


class _Everything(Visitor):
    """Calls both what is for any node and what is for its kind, of which graphql-core would call one."""

    def __init__(self, finder: _Finder) -> None:
        super().__init__()
        self._finder = finder

    def enter(self, node: Node, *rest: Any) -> None:
        self._finder.enter(node, *rest)
        getattr(self._finder, f"enter_{node.kind}", lambda *_: None)(node, *rest)


def features(schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any] | None) -> set[str]:
    """What the document and its variables have of `SYNTAX`, and `Type.field` for each field selected."""
    types = TypeInfo(schema)
    finder = _Finder(types)
    visit(document, TypeInfoVisitor(types, _Everything(finder)))
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if len(operations) > 1:
        finder.found.add("several operations")
    return finder.found | set(_of_variables(operations[0], variables or {}))


def _of_variables(operation: OperationDefinitionNode, variables: dict[str, Any]) -> Iterator[str]:
    if None in variables.values():
        yield "variable that is null"
    defined = {definition.variable.name.value for definition in operation.variable_definitions or ()}
    if defined - variables.keys():
        yield "variable left out"
