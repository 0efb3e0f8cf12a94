"""Operations that are easily got wrong, one by one: what is served is what graphql-core answers."""

from typing import Any

import pytest

from projections.kernel.errors import NotReady, StoreUnavailable
from projections.kernel.projection import Key
from tests.schema.fakes import at
from tests.schema.library import BOOK_ID, DIGITS, LIBRARY, stored
from tests.schema.operations.answers import Answers
from tests.schema.operations.directed import ADD, BOOK, FINDS, LOANS_ID, NODE, RENAME, demand_agreement
from write_side.kernel.refusals import CommandIdReused

NAMES = "class def None True self lambda value complete result v1 v2 Irregular names_of_Shelf _ __ __class__ __builtins__ d"

SELECTIONS = {
    "merged across a fragment": f"""{{ {BOOK} {{ authors {{ familyName }} }} ...F }}
        fragment F on Query {{ {BOOK} {{ authors {{ bornOn }} id }} }}""",
    "equal arguments in two fragments": f"""{{ ...A ...B }}
        fragment A on Query {{ x: {BOOK} {{ id }} }} fragment B on Query {{ x: {BOOK} {{ title }} }}""",
    "in the order of the first": f"{{ {BOOK} {{ title authors {{ bornOn }} title id authors {{ familyName bornOn }} }} }}",
    "one field under two names": f"{{ {BOOK} {{ a: authors {{ familyName }} b: authors {{ bornOn }} }} }}",
    "a fragment that one spread skips": f"""{{ {BOOK} {{ ...F @skip(if: true) ...F title }} }}
        fragment F on Book {{ id }}""",
    "a fragment that one spread includes": f"""{{ {BOOK} {{ ...F title ...F @include(if: false) ...G }} }}
        fragment G on Book {{ ...F }} fragment F on Book {{ id }}""",
    "what is skipped": f"{{ {BOOK} {{ id title @skip(if: true) isbn @include(if: false) }} }}",
    "skipped once": f"{{ {BOOK} {{ id @skip(if: true) title id }} }}",
    "nothing of a book": f"{{ {BOOK} {{ id @skip(if: true) }} }}",
    "nothing of an author": f"{{ {BOOK} {{ title id @skip(if: true) authors {{ bornOn @include(if: false) }} }} }}",
    "nothing at all": f"{{ {BOOK} @skip(if: true) {{ id }} }}",
    "type names": f"{{ {BOOK} {{ authors {{ __typename }} t: __typename }} __typename q: __typename }}",
    "only the root's type name": "{ __typename }",
    "__typename as an alias": f"{{ {BOOK} {{ __typename: id }} }}",
    "an interface within its type": f"""{{ {BOOK} {{ ... {{ ... on Node {{
        id ... on Book {{ title }} ... on Library {{ books }} }} }} }} }}""",
    "a fragment on every type": f"""{{ a: {NODE} {{ ...F }} b: node(id: "{LIBRARY}") {{ ...F }}
        c: node(id: "{LOANS_ID}") {{ ...F }} }}
        fragment F on Node {{ id __typename ... on Book {{ n: copies }} ... on Library {{ n: books }}
            ... on Loans {{ n: version }} }}""",
    "a node of another type": f"{{ {NODE} {{ ... on Library {{ books }} }} }}",
    "one name for two fields": f"""{{ a: {NODE} {{ ...F }} b: node(id: "{LOANS_ID}") {{ ...F }} }}
        fragment F on Node {{ ... on Book {{ x: id }} ... on Loans {{ x: bookId }} }}""",
    "no node": f'{{ a: node(id: "boo_{DIGITS[::-1]}") {{ id }} b: node(id: "nothing") {{ id }} }}',
    "no book": f'{{ book(id: "boo_{DIGITS[::-1]}") {{ id authors {{ bornOn }} }} }}',
    "introspection": '{ __type(name: "Book") { name fields { name } } __schema { queryType { name } } }',
    "introspection beside a read": f'{{ {BOOK} {{ id }} __type(name: "Book") {{ name }} }}',
    "which operation is not said": f"query A {{ {BOOK} {{ id }} }} query B {{ {BOOK} {{ title }} }}",
    "two operations of one name": f"query B {{ {BOOK} {{ id }} }} query B {{ {BOOK} {{ title }} }}",
    "names of generated code": "{" + " ".join(f"{name}: {BOOK} {{ {name}: title }}" for name in NAMES.split()) + "}",
    "escapes": r"""{ a: books(search: "\u00fc \n\t\"quoted\" \\") { totalCount }
        b: books(search: "\u{1F600} \ud83d\ude00 a") { totalCount } c: books(search: "☃ 'a' # {") { totalCount } }""",
    "a block": '{ books(search: """\n  a "quoted" \\""" \\n block\n  """) { totalCount } library { id } }',
    "literals of other types": '{ node(id: 7) { id } books(filter: { tag: { in: "one" } }, last: null) { totalCount } }',
}


@pytest.mark.parametrize("text", SELECTIONS.values(), ids=SELECTIONS.keys())
async def test_a_selection(text: str) -> None:
    await demand_agreement(text)


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
async def test_skip_and_include_on_one_node(first: bool, second: bool) -> None:
    text = f"""query ($a: Boolean!, $b: Boolean!) {{ {BOOK} {{
        id title @skip(if: $a) @include(if: $b) ...F @include(if: $a) @skip(if: $b) ... @include(if: $a) {{ isbn }}
    }} }} fragment F on Book {{ copies tags @skip(if: $b) }}"""
    data = await demand_agreement(text, {"a": first, "b": second})
    assert ("Emma" in data) is (second and not first)


# ---------------------------------------------------------------- arguments and variables

VARIABLES = f"""query Q($id: ID! = "{BOOK_ID}", $v: Int, $p: Position = null, $yes: Boolean = true, $f: BookFilter,
    $t: String = "x", $s: Shelf = SCIENCE, $o: BookOrderBy = PRICE_ASC, $n: Int = 3) {{
  book(id: $id, minVersion: $v, atLeast: $p) {{ id title @include(if: $yes) }}
  a: books(filter: $f, orderBy: $o, first: $n) {{ totalCount }}
  b: books(filter: {{ title: {{ in: ["a", "b"], eq: $t }}, shelf: {{ eq: $s }} }}, orderBy: null) {{ totalCount }}
}}"""


@pytest.mark.parametrize(
    "variables",
    [
        None,
        {"id": None},
        {"id": 5, "v": 1},
        {"id": BOOK_ID, "v": None, "p": None},
        {"v": 2**31 - 1},
        {"v": 2**31},
        {"v": -(2**31)},
        {"v": 2.0},
        {"v": True},
        {"v": "2"},
        {"p": at(50), "yes": False},
        {"yes": None},
        {"yes": 1},
        {"f": None, "o": None, "n": None},
        {"f": {}, "t": None},
        {"f": {"title": {"eq": None}}},
        {"f": {"title": None}},
        {"f": {"tag": {"in": "one"}, "isNew": {"eq": True}, "boughtAt": {"gte": "2026-01-31T12:00:00+01:00"}}},
        {"f": {"nope": 1}},
        {"f": [{}]},
        {"s": None},
        {"s": "ATTIC"},
        {"o": "NOPE"},
        {"n": 0},
        {"nope": 1, "id": BOOK_ID},
    ],
    ids=repr,
)
async def test_variables(variables: dict[str, Any] | None) -> None:
    await demand_agreement(VARIABLES, variables)
    await demand_agreement(VARIABLES, variables, name="Q")


@pytest.mark.parametrize("text", [None, "x"])
@pytest.mark.parametrize("shelf", [None, "FICTION"])
async def test_variables_in_a_list_may_not_be_null(text: str | None, shelf: str | None) -> None:
    operation = """query ($t: String = "x", $s: Shelf = SCIENCE) { library { id }
        books(filter: { title: { in: ["a", $t] }, shelf: { in: [$s] } }) { totalCount } }"""
    await demand_agreement(operation, {"t": text, "s": shelf})


@pytest.mark.parametrize("name", [None, "", "A", "B", "C"])
async def test_several_operations(name: str | None) -> None:
    text = f"""query A($x: ID!) {{ book(id: $x) {{ ...F }} }}
        mutation B {{ {RENAME} {{ book {{ ...F }} }} }} fragment F on Book {{ id }}"""
    await demand_agreement(text, {"x": BOOK_ID}, name=name)


# ---------------------------------------------------------------- errors of several root fields


async def test_root_fields_fail_each_for_itself() -> None:
    finds = {**FINDS, ("books", Key(BOOK_ID)): stored(copies="x"), ("loans", Key(LOANS_ID)): StoreUnavailable()}
    text = f"""{{ a: {BOOK} {{ copies }} b: loans(bookId: "{BOOK_ID}") {{ id }} c: {NODE} {{ id }}
        d: book(id: "x") {{ id }} e: {BOOK} {{ id }} }}"""
    data = await demand_agreement(text, answers=Answers(finds=finds))
    assert '"e":{"id"' in data


async def test_a_root_field_that_may_not_be_null_takes_all() -> None:
    finds = {**FINDS, ("library", Key(LIBRARY)): NotReady()}
    for told in (Answers(finds=finds), Answers()):
        assert await demand_agreement("{ library { books } }", answers=told) == "null"
        assert await demand_agreement(f"{{ {BOOK} {{ id }} library {{ books }} }}", answers=told) == "null"


# ---------------------------------------------------------------- mutations

MUTATIONS = {
    "everything": f"""mutation {{ {RENAME} {{
        commandId version position userErrors {{ code message path }} book {{ title authors {{ bornOn }} }} }} }}""",
    "type names": f"mutation {{ {RENAME} {{ book {{ __typename }} __typename }} __typename }}",
    "a new book": f"mutation {{ {ADD} {{ book {{ id }} userErrors {{ code }} }} }}",
    "three": f"mutation {{ a: {ADD} {{ version }} b: {RENAME} {{ book {{ copies }} }} c: {RENAME} {{ commandId }} }}",
    "invalid": f"mutation {{ {RENAME.replace('Emma', '')} {{ userErrors {{ message path }} book {{ id }} commandId }} }}",
    "no document": f"mutation {{ {RENAME} {{ book @skip(if: true) {{ id }} ... on RenameBookPayload {{ version }} }} }}",
}
OUTCOMES = {"accepted": (), "refused": (CommandIdReused(),), "down": StoreUnavailable(), "bug": RuntimeError("x")}
DOCUMENTS = {"whole": stored(), "damaged": stored(copies="x"), "none": None, "error": StoreUnavailable()}


@pytest.mark.parametrize("text", MUTATIONS.values(), ids=MUTATIONS.keys())
@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
@pytest.mark.parametrize("book", DOCUMENTS.values(), ids=DOCUMENTS.keys())
async def test_a_mutation(text: str, outcome: Any, book: Any) -> None:
    finds = {("books", Key(BOOK_ID)): book}
    await demand_agreement(text, answers=Answers(finds=finds, outcomes=(outcome,)))
    await demand_agreement(text, answers=Answers(finds=finds, outcomes=((), outcome)))
