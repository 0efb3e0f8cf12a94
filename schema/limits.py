"""Limits of operations, so that none costs more than a person would write: text, tokens, depth, aliases, root fields.

As validation rules they are checked once per operation text, with everything else that validation says.
"""

from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    ValidationRule,
)

from schema.errors import BadUserInput
from schema.texts import PROBLEM, is_clean


@dataclass(frozen=True, slots=True)
class Limits:
    """What one operation may have at most. `length` is in characters; aliases and root fields count through fragments."""

    length: int = 100_000
    tokens: int = 2_000
    depth: int = 20
    aliases: int = 100
    root_fields: int = 50


@dataclass(frozen=True, slots=True)
class _Size:
    """What a selection amounts to, its fragments spread."""

    depth: int
    aliases: int
    fields: int


def rules(limits: Limits) -> tuple[type[ValidationRule], ...]:
    """Validation rules that hold operations to these limits, and their texts to what can be answered."""

    class WithinLimits(ValidationRule):
        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self._fragments: dict[str, _Size] = {}

        def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
            size = self._size(node.selection_set, frozenset())
            for what, found, most in (
                ("levels deep", size.depth, limits.depth),
                ("aliases", size.aliases, limits.aliases),
                ("fields at the root", size.fields, limits.root_fields),
            ):
                if found > most:
                    self.report_error(GraphQLError(f"The operation has {found} {what}; at most {most} are allowed.", node))

        def _size(self, selected: SelectionSetNode | None, within: frozenset[str]) -> _Size:
            depth = aliases = fields = 0
            for node in selected.selections if selected is not None else ():
                if isinstance(node, FieldNode):
                    below = self._size(node.selection_set, within)
                    depth = max(depth, below.depth + 1)
                    aliases += below.aliases + (node.alias is not None)
                    fields += 1
                    continue
                if isinstance(node, FragmentSpreadNode):
                    spread = self._spread(node.name.value, within)
                else:
                    spread = self._size(getattr(node, "selection_set", None), within)
                depth = max(depth, spread.depth)
                aliases += spread.aliases
                fields += spread.fields
            return _Size(depth, aliases, fields)

        def _spread(self, name: str, within: frozenset[str]) -> _Size:
            fragment: FragmentDefinitionNode | None = self.context.get_fragment(name)
            if fragment is None or name in within:
                return _Size(0, 0, 0)  # another rule says so
            if name not in self._fragments:
                self._fragments[name] = self._size(fragment.selection_set, within | {name})
            return self._fragments[name]

    class CleanTexts(ValidationRule):
        def enter_string_value(self, node: StringValueNode, *_: Any) -> None:
            if not is_clean(node.value):
                problem = BadUserInput("text", PROBLEM)
                self.report_error(GraphQLError(str(problem), node, original_error=problem))

    return WithinLimits, CleanTexts
