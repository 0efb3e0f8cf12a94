"""Operations: whole documents with their variables, for any schema."""

from dataclasses import dataclass
from typing import Any, Literal

from graphql import GraphQLSchema, OperationType
from hypothesis import strategies as st

from tests.schema.operations.arguments import Arguments, Draw
from tests.schema.operations.selections import Selections, composite
from tests.schema.operations.vocabulary import Vocabulary

Kind = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True)
class Request:
    """What a client sends."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None


@st.composite
def requests(draw: Draw, schema: GraphQLSchema, vocabulary: Vocabulary, kind: Kind) -> tuple[Request, Request]:
    """One operation, sent twice: with other variables the second time."""
    arguments = Arguments(draw, vocabulary)
    separator = draw(st.sampled_from([" ", "\n", ",\r\n  "]))
    selections = Selections(draw, schema, arguments, separator)
    names = draw(st.sampled_from([("",), ("",), ("Q",), ("A", "B"), ("class", "query", "A")]))
    texts = [_operation(draw, schema, selections, arguments, kind, name) for name in names]
    fragments = [fragment.text for fragment in selections.fragments.values()]
    text = separator.join(fragments + texts if arguments.chance(3) else texts + fragments)
    chosen = names[0] or None if len(names) > 1 or arguments.chance(5) else None
    if arguments.chance(1) and arguments.chance(2):
        chosen = draw(st.sampled_from(["Nope", "", None]))
    first, second = ({**arguments.values(), **({"unused": [1]} if arguments.chance(1) else {})} for _ in range(2))
    return Request(text, first or None, chosen), Request(text, second, chosen)


def _operation(
    draw: Draw, schema: GraphQLSchema, selections: Selections, arguments: Arguments, kind: Kind, name: str
) -> str:
    """One operation of a document. It defines the variables that it uses, through fragments too."""
    arguments.used, selections.spread = set(), set()
    of_kind: Kind = kind if not name or not arguments.chance(2) else draw(st.sampled_from(["query", "mutation"]))
    root = composite(schema.get_root_type(OperationType(of_kind)))
    below = selections.one_field_of(root) if of_kind == "subscription" else selections.set_of(root)
    defined = ", ".join(arguments.variables[used].definition for used in sorted(arguments.used))
    if of_kind == "query" and not name and not defined and not arguments.chance(3):
        return below
    head = f"{of_kind} {name}" if name else of_kind
    return f"{head}({defined}) {below}" if defined else f"{head} {below}"
