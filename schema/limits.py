"""Limits of operations: what is asked of a text before it is parsed, and of a document before it is validated.

Validation compares the selections of one field pair by pair, and looks into a fragment anew wherever it is spread. What
passes here is so small that neither that nor compiling takes long.
"""

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
)

from schema.scopes import Scope, fragments_of


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may have at most. `length` is in characters.

    Depth, aliases and root fields are those of the answer: fragments included, and once where several selections give
    one field. `selections` are fields and fragments, those within a fragment counted again for each object that it is
    spread into. `comparisons` are the pairs of selections that validation has to show to agree. `nodes` are the objects
    that the lists of an answer may hold. `errors` is how many are told at once.
    """

    length: int = 30_000
    lines: int = 2_000
    tokens: int = 1_500
    depth: int = 20
    aliases: int = 100
    root_fields: int = 50
    selections: int = 4_000
    comparisons: int = 3_000
    nodes: int = 10_000
    errors: int = 3


def check_text(text: str, limits: Limits) -> None:
    """Checks what can be told of an operation without parsing it. Raises `GraphQLError`."""
    lines = text.count("\n") + text.count("\r") - text.count("\r\n") + 1
    for what, found, most in (("characters", len(text), limits.length), ("lines", lines, limits.lines)):
        if found > most:
            raise GraphQLError(f"The operation has {found} {what}; at most {most} are allowed. Send values as variables.")


def check(document: DocumentNode, limits: Limits) -> list[GraphQLError]:
    """What is too much of a document that was parsed and is not yet validated. Takes no longer than the limits allow.

    That a fragment is unknown, or is spread nowhere or within itself, is left to validation to say.
    """
    walk = _Walk(document, limits)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode) and (
            errors := walk.through(definition)
        ):
            return errors
    return []


class _Walk:
    """Goes through definitions object by object, and adds up until there is too much."""

    def __init__(self, document: DocumentNode, limits: Limits) -> None:
        self._limits = limits
        self._fragments = fragments_of(document)
        self._selections = 0
        self._comparisons = 0

    def through(self, definition: OperationDefinitionNode | FragmentDefinitionNode) -> list[GraphQLError]:
        """What is too much of it, or of all up to it together: validation looks at fragments by themselves as well."""
        limits = self._limits
        aliases = root_fields = 0
        waiting = [(1, [definition.selection_set])]
        while waiting:
            depth, sets = waiting.pop()
            scope = Scope.of(sets, self._fragments)
            self._add(scope)
            aliases += sum(any(field.node.alias for field in fields) for fields in scope.fields.values())
            if depth == 1 and isinstance(definition, OperationDefinitionNode):
                root_fields = len(scope.fields)
            for what, found, most in (
                ("levels", depth, limits.depth),
                ("selections, its fragments spread", self._selections, limits.selections),
                ("pairs of selections to compare", self._comparisons, limits.comparisons),
            ):
                if found > most:
                    return [GraphQLError(f"The operation has more than {most} {what}.", definition)]
            waiting += [(depth + 1, below) for below in scope.below()]
        return [
            GraphQLError(f"The operation has {found} {what}; at most {most} are allowed.", definition)
            for what, found, most in (
                ("aliases", aliases, limits.aliases),
                ("fields at the root", root_fields, limits.root_fields),
            )
            if found > most
        ]

    def _add(self, scope: Scope) -> None:
        self._selections += scope.selections
        self._comparisons += _pairs(scope.sets) + sum(_pairs(len(fields)) for fields in scope.fields.values())


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
