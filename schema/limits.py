"""Limits on operations, checked on the parsed text before anything is done with it."""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

LONGEST_TEXT = 100_000
"""Characters of an operation's text."""
MOST_TOKENS = 5_000
DEEPEST = 20
"""Levels of fields, fragments looked through. GraphiQL's introspection has 15."""
MOST_FIELDS = 2_000
"""Fields of an operation, those of fragments counted where they are spread."""
MOST_ROOTS = 50
"""Fields at the root of an operation: each may be a read, or a command."""


def check(document: DocumentNode) -> GraphQLError | None:
    """What limit an operation breaks, if any. Fragments that spread themselves are left to GraphQL's validation."""
    fragments = {
        node.name.value: node.selection_set for node in document.definitions if isinstance(node, FragmentDefinitionNode)
    }
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            counter = _Counter(fragments)
            counter.count(node.selection_set, 1, ())
            if counter.broken is not None:
                return _broken(counter.broken)
    return None


class _Counter:
    """Counts fields and levels, and stops at the first limit that is passed."""

    def __init__(self, fragments: Mapping[str, SelectionSetNode]) -> None:
        self._fragments = fragments
        self._fields = 0
        self._roots = 0
        self.broken: str | None = None

    def count(self, selected: SelectionSetNode, depth: int, inside: tuple[str, ...]) -> None:
        """Counts what is selected at `depth`, inside of the fragments named."""
        for node in selected.selections:
            # Spreads count too: fragments that spread one another twice each would be counted for ever.
            self._fields += 1
            self._roots += depth == 1 and isinstance(node, FieldNode)
            if self._roots > MOST_ROOTS:
                self.broken = f"more than {MOST_ROOTS} fields at the root"
            elif self._fields > MOST_FIELDS:
                self.broken = f"more than {MOST_FIELDS} fields, fragments counted where they are spread"
            elif depth > DEEPEST:
                self.broken = f"deeper than {DEEPEST} levels"
            if self.broken is not None:
                return
            if isinstance(node, FieldNode) and node.selection_set is not None:
                self.count(node.selection_set, depth + 1, inside)
            elif isinstance(node, InlineFragmentNode):
                self.count(node.selection_set, depth, inside)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in inside and name in self._fragments:
                    self.count(self._fragments[name], depth, (*inside, name))


def _broken(problem: str) -> GraphQLError:
    return GraphQLError(f"the operation is too large: {problem}")
