"""What is too much of an operation, and that no operation gets by."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    SelectionSetNode,
    get_introspection_query,
    parse,
    validate,
)
from hypothesis import given
from hypothesis import strategies as st

from schema.build import build_schema
from schema.limits import Limits, check, check_text
from schema.scopes import Fragments, fragments_of
from tests.schema.fakes import Api
from tests.schema.library import DOMAIN, PROJECTIONS, SCHEMA

SMALL = Limits(length=400, lines=10, tokens=60, depth=3, aliases=3, root_fields=4, selections=12, comparisons=10, nodes=100)
FREE = Limits(depth=3, aliases=3, root_fields=3, selections=10**9, comparisons=10**9)


def problems(text: str, limits: Limits = SMALL) -> list[str]:
    """What is too much of a text."""
    check_text(text, limits)
    return [error.message for error in check(parse(text, max_tokens=limits.tokens), limits)]


# ---------------------------------------------------------------- each limit


@pytest.mark.parametrize(
    "within",
    [
        "{ a { b { c } } }",
        "{ ...F } fragment F on T { a { b { c } } }",
        "{ ... { a { ... { b { ... { ...F } } } } } } fragment F on T { c }",
        "{ a: x b: x c: x }",
        "{ a: x { id } ...F } fragment F on T { a: x { id } b: x c: x }",
        "{ ...F ...F } fragment F on T { a: x b: x }",
        "{ a b c d }",
        "{ a ...F ... { b } } fragment F on T { a b c d }",
        "{ a { id id id id id } }",
        "{ a { ...F ...G ...H } } fragment F on T { id } fragment G on T { b } fragment H on T { c }",
        "query A { a b c } query B { a b c }",
        "{ ...F } fragment F on T { a ...F }",
        "{ ...Nowhere }",
        "{ a }" + "\n" * 9,
        "{ a }" + "\r\n" * 9,
        "{ a { ...F } } fragment F on T { b c d e f }",
    ],
)
def test_what_is_within_the_limits_passes(within: str) -> None:
    assert problems(within) == []


@pytest.mark.parametrize(
    ("past", "said"),
    [
        ("{ a { b { c { d } } } }", "more than 3 levels"),
        ("{ ...F } fragment F on T { a { b { ...G } } } fragment G on T { c { d } }", "more than 3 levels"),
        ("{ a } fragment Unused on T { a { b { c { d } } } }", "more than 3 levels"),
        ("{ ...F } fragment F on T { a { ...F } }", "more than 3 levels"),
        ("{ a: x { b: x { c: x d: x } } }", "4 aliases; at most 3"),
        ("{ ...F ...G } fragment F on T { a: x b: x } fragment G on T { c: x d: x }", "4 aliases; at most 3"),
        ("{ x { ...F } y { ...F } } fragment F on T { a: x b: x }", "4 aliases; at most 3"),
        ("{ a b c d e }", "5 fields at the root; at most 4"),
        ("{ a ...F } fragment F on T { b c ... { d e } }", "5 fields at the root; at most 4"),
        ("query A { a } query B { a b c d e }", "5 fields at the root; at most 4"),
        ("{ a { b c d e } f { b c d e } g { b c } }", "more than 12 selections"),
        ("{ a { ...F } b { ...F } } fragment F on T { c d e }", "more than 12 selections"),
        ("query A { a b c d } query B { a b c d } query C { a b c d } query D { a }", "more than 12 selections"),
        ("{ a { id id id id id id } }", "more than 10 pairs"),
        ("{ a { b } a { b } a { b } a { b } }", "more than 10 pairs"),
        ("{ ...F ...G ...H ...I ...J }", "more than 10 pairs"),
    ],
)
def test_what_is_past_a_limit_is_refused(past: str, said: str) -> None:
    [problem] = problems(past)
    assert said in problem


@pytest.mark.parametrize(
    ("past", "said"),
    [
        ("{ a } #" + "x" * 394, "401 characters; at most 400"),
        ("{ a }" + "\n" * 10, "11 lines; at most 10"),
        ("{ a }" + "\r" * 10, "11 lines; at most 10"),
        ("{ a " * 30 + "}", "more than 60 tokens"),
    ],
)
def test_a_text_has_limits_too(past: str, said: str) -> None:
    with pytest.raises(GraphQLError, match=said):
        problems(past)


async def test_a_refusal_reaches_the_client() -> None:
    # given
    api = Api(build_schema(DOMAIN, PROJECTIONS, SMALL))
    # when
    code, message = await api.fails("{ a: library { id } b: library { id } c: library { id } d: library { id } }")
    # then
    assert code == "GRAPHQL_VALIDATION_FAILED"
    assert "4 aliases" in message


async def test_deep_nesting_is_an_error_and_no_crash(api: Api) -> None:
    code, _ = await api.fails("{" * 3_000 + "}" * 2_000)
    assert code in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
    code, _ = await api.fails("query ($f: BookFilter) { books(filter: $f) { totalCount } }", {"f": nested(10_000)})
    assert code == "BAD_USER_INPUT"


def nested(depth: int) -> Any:
    """An object in an object in an object."""
    value: Any = {}
    for _ in range(depth):
        value = {"title": value}
    return value


# ---------------------------------------------------------------- what clients send


def test_an_editor_may_introspect() -> None:
    assert problems(get_introspection_query(descriptions=True, input_value_deprecation=True), Limits()) == []


def test_a_page_made_of_sixty_fragments_passes() -> None:
    """As a client writes it that keeps a fragment beside each component, each with three components in it."""
    text = "{ page { ...F0 } }"
    for n in range(60):
        within = " ".join(f"x{m} {{ ...F{m} }}" for m in range(3 * n + 1, 3 * n + 4) if m < 60)
        text += f" fragment F{n} on T {{ __typename id a b c d e f g h {within} }}"
    assert problems(text, Limits()) == []


def test_thirty_fragments_on_one_object_pass() -> None:
    text = "{ page { " + " ".join(f"...F{n}" for n in range(30)) + " } }"
    text += "".join(f" fragment F{n} on T {{ __typename id status field{n} }}" for n in range(30))
    assert problems(text, Limits()) == []


# ---------------------------------------------------------------- what attackers send


def repeated(fields: str, times: int) -> str:
    """Fields, again and again."""
    return "{" + f" {fields}" * times + "}"


def chained(times: int, body: str) -> str:
    """Fragments of which each spreads the next, wherever `body` has `...NEXT`."""
    fragments = "".join(f" fragment F{n} on T {{{body.replace('NEXT', f'F{n + 1}')}}}" for n in range(times))
    return "{...F0}" + fragments + f" fragment F{times} on T {{a}}"


def all_with_all(times: int) -> str:
    """Fragments of which each spreads all that follow."""
    spreads = [" ".join(f"...F{m}" for m in range(n + 1, times)) for n in range(times)]
    return "{...F0}" + "".join(f" fragment F{n} on T {{a {spread}}}" for n, spread in enumerate(spreads))


def doubled(times: int) -> str:
    """A field in a field, each twice."""
    return "a" if times == 0 else f"b {{ {doubled(times - 1)} }} b {{ {doubled(times - 1)} }}"


ATTACKS = {
    "a leaf again and again": (repeated("__typename", 1_490), "pairs"),
    "an object again and again": (repeated("library { id }", 290), "pairs"),
    "an object with arguments again and again": (repeated('books(first: 1, after: "a") { totalCount }', 100), "pairs"),
    "a list again and again": ("{ books " + repeated("nodes { authors { familyName } }", 180) + " }", "pairs"),
    "pairs of pairs of pairs": ("{" + doubled(7) + "}", "pairs"),
    "fragments side by side": ("{" + "".join(f" ...F{n}" for n in range(700)) + "}", "pairs"),
    "fragments in a row": (chained(160, "...NEXT"), "pairs"),
    "fragments twice in each other": (chained(40, "a { ...NEXT } b { ...NEXT }"), "levels"),
    "fragments twice in each other, not deep": (chained(14, "a { ...NEXT } b { ...NEXT }"), "selections"),
    "fragments all in all": (all_with_all(33), "pairs"),
    "operations with one big fragment": (
        "".join(f" query Q{n} {{ ...F }}" for n in range(120)) + " fragment F on T {" + " a" * 60 + "}",
        "pairs",
    ),
    "operations with one wide fragment": (
        "".join(f" query Q{n} {{ ...F }}" for n in range(150)) + " fragment F on T {" + " a { b }" * 10 + "}",
        "pairs",
    ),
    "aliases": ("{" + "".join(f" a{n}: library {{ id }}" for n in range(101)) + "}", "aliases"),
    "unknown fields": ("{" + "".join(f" a{n}" for n in range(1_400)) + "}", "fields at the root"),
    "blank lines, to be counted for each error": ("{" + "\n" * 20_000 + "a b c }", "lines"),
    "escapes": ('{ books(search: "' + "\\n" * 40_000 + '") { totalCount } }', "characters"),
    "names": ("{" + "o" * 90_000 + "}", "characters"),
    "comments": ("#\n" * 1_600 + "{ a }", "tokens"),
    "braces": ("{ a" * 700 + "}" * 700, "nested too deeply"),
    "brackets": ("{ a(b: " + "[" * 700 + "]" * 700 + ") }", "nested too deeply"),
    "types in brackets": ("query ($a: " + "[" * 700 + "Int" + "]" * 700 + ") { a }", "nested too deeply"),
}


@pytest.mark.parametrize(("text", "said"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_is_refused_before_it_is_validated(text: str, said: str) -> None:
    try:
        found = problems(text, Limits())
    except GraphQLError as refused:
        found = [refused.message]
    assert said in found[0]


# ---------------------------------------------------------------- whatever is sent

NAMES = st.sampled_from("abc")
FRAGMENTS = ("F", "G", "H")


def selections(spreads: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Selection sets that spread these fragments."""
    leaf = st.builds("{}{}".format, st.sampled_from(["", "", "x: ", "y: "]), NAMES)
    spread = st.sampled_from(spreads).map(lambda name: f"...{name}") if spreads else leaf
    return st.recursive(
        st.lists(leaf | spread, min_size=1, max_size=4).map(lambda chosen: f"{{ {' '.join(chosen)} }}"),
        lambda inner: st.lists(
            st.builds("{} {}".format, leaf, inner) | inner.map(lambda chosen: f"... {chosen}") | spread,
            min_size=1,
            max_size=4,
        ).map(lambda chosen: f"{{ {' '.join(chosen)} }}"),
        max_leaves=6,
    )


DOCUMENTS = st.builds(
    "{} fragment F on T {} fragment G on T {} fragment H on T {}".format,
    selections(FRAGMENTS),
    selections(FRAGMENTS[1:]),
    selections(FRAGMENTS[2:]),
    selections(()),
).map(parse)


def paths(selected: SelectionSetNode, fragments: Fragments, *above: str) -> Iterator[tuple[tuple[str, ...], FieldNode]]:
    """Every field by its path in the answer, each fragment written out wherever it is spread."""
    for node in selected.selections:
        if isinstance(node, FieldNode):
            path = (*above, (node.alias or node.name).value)
            yield path, node
            if node.selection_set is not None:
                yield from paths(node.selection_set, fragments, *path)
        elif isinstance(node, FragmentSpreadNode):
            yield from paths(fragments[node.name.value].selection_set, fragments, *above)
        elif isinstance(node, InlineFragmentNode):
            yield from paths(node.selection_set, fragments, *above)


def is_small(selected: SelectionSetNode, fragments: Fragments, *, is_operation: bool) -> bool:
    """Whether what is selected is within `FREE`."""
    found = list(paths(selected, fragments))
    return (
        max(len(path) for path, _ in found) <= FREE.depth
        and len({path for path, node in found if node.alias is not None}) <= FREE.aliases
        and not (is_operation and len({path for path, _ in found if len(path) == 1}) > FREE.root_fields)
    )


@given(DOCUMENTS)
def test_what_passes_is_small_and_all_that_is_small_passes(document: DocumentNode) -> None:
    fragments = fragments_of(document)
    assert (check(document, FREE) == []) == all(
        is_small(node.selection_set, fragments, is_operation=isinstance(node, OperationDefinitionNode))
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode | FragmentDefinitionNode)
    )


@given(DOCUMENTS, st.integers(0, 60))
def test_validation_compares_no_more_than_was_counted(document: DocumentNode, comparisons: int) -> None:
    # given
    spent: list[int] = []

    class Counting(OverlappingFieldsCanBeMergedRule):
        def leave_document(self, *_: Any) -> None:
            spent.append(Counting.budget - self.rule_context.remaining_complexity_budget)

        budget = 500_000

    limits = replace(FREE, depth=100, aliases=100, root_fields=100, comparisons=comparisons)
    # when
    if check(document, limits):
        return
    validate(SCHEMA._schema, document, [Counting])
    # then
    assert spent[0] <= 4 * comparisons + 50
