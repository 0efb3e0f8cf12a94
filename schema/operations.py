"""Operations, each text parsed, validated and compiled once.

Texts are the key: operations that differ only in literals are different ones, so clients that vary values send variables.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from sys import getsizeof
from typing import TypeVar

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Token,
    parse,
    validate,
)
from graphql.execution.values import VariableValues

from schema.cache import Cache
from schema.compiled import Choice, Compiled, compiled
from schema.errors import BadUserInput
from schema.limits import Limits, check, check_text
from schema.literals import named
from schema.plans import Plan
from schema.pushes import PushPlan
from schema.rules import RULES
from schema.texts import PROBLEM, is_clean

ENTRIES = 2_000
"""Texts that are held at most, and plans."""

BYTES = 32 * 2**20
"""What the texts may weigh, and what the plans may, about."""

P = TypeVar("P", Plan | None, PushPlan | None)

_Planned = tuple[str, str | None, Choice]
"""What makes plans equal: the text, the operation's name, and what the variables of its directives say."""

_TOKEN_BYTES = 500
"""A token with its share of the document that is made of it: tracemalloc says 370 to 450."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text as it was parsed: its operations, or what is wrong with it."""

    document: DocumentNode
    errors: Sequence[GraphQLError]
    operations: Sequence[Compiled]

    def operation(self, name: str | None) -> Compiled:
        """The operation to execute. Raises `BadUserInput` when the name does not settle which."""
        found = self.operations if not name else [one for one in self.operations if one.name == name]
        if len(found) != 1:
            few = "names no operation of the document" if name else "must say which of the document's operations to execute"
            raise BadUserInput("operationName", few)
        return found[0]


class Operations:
    """Prepares operations of one schema, within limits."""

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._prepared: Cache[str, Prepared] = Cache(ENTRIES, BYTES)
        self._plans: Cache[_Planned, Plan | None] = Cache(ENTRIES, BYTES)
        self._push_plans: Cache[_Planned, PushPlan | None] = Cache(ENTRIES, BYTES)

    def __len__(self) -> int:
        """Texts that are held."""
        return len(self._prepared)

    @property
    def weight(self) -> int:
        """What is held, in bytes, about."""
        return self._prepared.weight + self._plans.weight + self._push_plans.weight

    def prepare(self, text: str) -> Prepared:
        """The document that `text` spells. Raises `GraphQLError` for a text that is none, or is too much."""
        return self._prepared.find(text, lambda: self._prepare(text))

    def plan(self, text: str, operation: Compiled, variables: VariableValues) -> Plan | None:
        """The plan of one of the operations of `text`; None for one that graphql-core executes."""
        choice = operation.choice(variables)
        if choice is None:
            return None
        return self._plans.find((text, operation.name, choice), lambda: _weighed(text, operation.plan(choice)))

    def push_plan(self, text: str, operation: Compiled, variables: VariableValues) -> PushPlan | None:
        """The same of a subscription."""
        choice = operation.choice(variables)
        if choice is None:
            return None
        return self._push_plans.find((text, operation.name, choice), lambda: _weighed(text, operation.push_plan(choice)))

    def _prepare(self, text: str) -> tuple[Prepared, int]:
        check_text(text, self._limits)
        if not is_clean(text):
            problem = BadUserInput("query", PROBLEM)
            raise GraphQLError(str(problem), original_error=problem)
        try:
            document = parse(text, max_tokens=self._limits.tokens)
            errors = check(document, self._limits) or validate(
                self._schema, document, RULES, max_errors=self._limits.errors
            )
            operations = [] if errors else compiled(self._schema, document)
            return Prepared(document, [named(document, error) for error in errors], operations), _weight(document)
        except RecursionError:
            raise GraphQLError("The operation is nested too deeply.") from None


def _weighed(text: str, made: P) -> tuple[P, int]:
    return made, getsizeof(text) + (made.weight if made is not None else 0)


def _weight(document: DocumentNode) -> int:
    if document.loc is None:
        return 0
    weight = getsizeof(document.loc.source.body)
    token: Token | None = document.loc.start_token
    while token is not None:
        weight += _TOKEN_BYTES + (getsizeof(token.value) if token.value else 0)
        token = token.next
    return weight
