"""An operation that was validated, with what of it is known before a request: variables, and what its plans depend on."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.values import VariableValues
from strawberry.types.graphql import OperationType

from schema.completion import NotCompiled
from schema.nodes import nodes
from schema.plans import Plan, plan
from schema.pushes import PushPlan, push_plan
from schema.scopes import fragments_of
from schema.selections import Selections
from schema.variables import Variables

Choice = tuple[bool, ...]
"""The values of the variables that decide what is selected."""


def compiled(schema: GraphQLSchema, document: DocumentNode) -> list["Compiled"]:
    """The operations of a document that is valid."""
    fragments = fragments_of(document)
    shared = {name for fragment in fragments.values() for name in _deciding(fragment.selection_set)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return [Compiled(schema, node, fragments, shared) for node in operations]


class Compiled:
    """One operation of a document. `fragments` are the document's, `deciding` the variables that their directives name."""

    def __init__(
        self,
        schema: GraphQLSchema,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        deciding: AbstractSet[str],
    ) -> None:
        self._schema = schema
        self._node = node
        self._fragments = fragments
        self.name = node.name.value if node.name is not None else None
        self.kind = OperationType(node.operation.value)
        self.nodes = nodes(schema, node, fragments)
        self.variables = Variables(schema, node.variable_definitions or ())
        # A fragment of another operation may name variables that this one does not have.
        self._deciding = sorted(self.variables.truths & (deciding | set(_deciding(node.selection_set))))

    def choice(self, variables: VariableValues) -> Choice | None:
        """What the variables of `@skip` and `@include` say; None when one of them says nothing."""
        values = tuple(variables.coerced.get(name) for name in self._deciding)
        return values if all(isinstance(value, bool) for value in values) else None  # type: ignore[return-value]

    def plan(self, choice: Choice) -> Plan | None:
        """The plan under a choice; None for an operation that graphql-core executes."""
        try:
            return plan(self._schema, self._node, self._selections(choice))
        except (NotCompiled, GraphQLError):
            return None

    def push_plan(self, choice: Choice) -> PushPlan | None:
        """The same of a subscription."""
        try:
            return push_plan(self._schema, self._node, self._selections(choice))
        except (NotCompiled, GraphQLError):
            return None

    def _selections(self, choice: Choice) -> Selections:
        variables = VariableValues({}, dict(zip(self._deciding, choice, strict=True)))
        return Selections(self._schema, self._fragments, variables)


def _deciding(selected: SelectionSetNode) -> Iterator[str]:
    """The variables that directives of a selection name."""
    for node in selected.selections:
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
        below = getattr(node, "selection_set", None)
        if below is not None:
            yield from _deciding(below)
