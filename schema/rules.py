"""The rules that operations are validated by: the specification's, and our own."""

from typing import Any

from graphql import GraphQLError, KnownTypeNamesRule, NamedTypeNode, ValidationRule, specified_rules

from schema.texts import CleanTexts


class KnownTypes(ValidationRule):
    """Every type that an operation names exists.

    As graphql-core's rule, but it suggests no other name: to compare a name with those of all types takes ten times as
    long as the rest of validation.
    """

    def enter_named_type(self, node: NamedTypeNode, *_: Any) -> None:
        """Reports a type that does not exist."""
        if self.context.schema.get_type(node.name.value) is None:
            self.report_error(GraphQLError(f"Unknown type '{node.name.value}'.", node))


RULES = (*(KnownTypes if rule is KnownTypeNamesRule else rule for rule in specified_rules), CleanTexts)
"""In the order in which they make the clearest errors."""
