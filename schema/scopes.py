"""What a document selects of one object, whatever its type and its variables: the selections that merge into one answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionSetNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]


class ScopedField(NamedTuple):
    """A field, and the type that the innermost fragment around it is for, if there is one."""

    node: FieldNode
    condition: str | None


@dataclass(frozen=True, slots=True)
class Scope:
    """The fields of one object by the name that the answer has for them, and the names of the fragments spread into it.

    `sets` is of how many selection sets it is made, those of fragments included, and `selections` is their size together.
    """

    fields: Mapping[str, Sequence[ScopedField]]
    fragments: frozenset[str]
    sets: int
    selections: int

    @classmethod
    def of(cls, sets: Sequence[SelectionSetNode], fragments: Fragments) -> "Scope":
        """The scope of an object of which all of `sets` are selected.

        As in execution, a fragment counts once however often it is spread. An unknown one is passed over.
        """
        fields: dict[str, list[ScopedField]] = {}
        spread: set[str] = set()
        selections = 0
        # Its own stack: how deep a client nests is the client's choice.
        waiting: list[tuple[SelectionSetNode, str | None]] = [(selected, None) for selected in sets]
        while waiting:
            selected, condition = waiting.pop()
            selections += len(selected.selections)
            for node in selected.selections:
                if isinstance(node, FieldNode):
                    name = node.alias or node.name
                    fields.setdefault(name.value, []).append(ScopedField(node, condition))
                elif isinstance(node, InlineFragmentNode):
                    waiting.append(
                        (node.selection_set, node.type_condition.name.value if node.type_condition else condition)
                    )
                elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                    spread.add(node.name.value)
                    if (fragment := fragments.get(node.name.value)) is not None:
                        waiting.append((fragment.selection_set, fragment.type_condition.name.value))
        return cls(fields, frozenset(spread), len(sets) + len(spread), selections)

    def below(self) -> Iterator[list[SelectionSetNode]]:
        """What is selected of the value of each field that has any selected of it."""
        for fields in self.fields.values():
            if sets := [field.node.selection_set for field in fields if field.node.selection_set is not None]:
                yield sets


def fragments_of(document: DocumentNode) -> Fragments:
    """The fragments that a document defines, by name."""
    return {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
