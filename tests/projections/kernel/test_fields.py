"""Which paths are asked for, from what readers want."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.kernel.documents import field_types, stored_path
from projections.kernel.fields import EVERYTHING, Fields, Wanted, covers, fields_of, union
from tests.projections.kernel.library import Book

CHAPTER: Wanted = {"heading": {}, "pages": {}}


def public(cls: type[Any]) -> dict[str, Any]:
    """A tree of all fields of a class."""
    types = {stored_path(name): found for name, found in field_types(cls).items()}
    return {name: public(found.base) if found.is_part else {} for name, found in types.items()}


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ({}, set()),
        ({"id": {}, "boughtAt": {}}, {"id", "boughtAt"}),
        ({"chapters": {"heading": {}}}, {"chapters.heading"}),
        ({"chapters": CHAPTER, "favourite": {"pages": {}}}, {"chapters", "favourite.pages"}),
        ({"favourite": {}}, {"favourite"}),
        (public(Book), EVERYTHING),
        ({**public(Book), "favourite": {}}, EVERYTHING),
        ({**public(Book), "favourite": {"pages": {}}}, (set(public(Book)) - {"favourite"}) | {"favourite.pages"}),
    ],
)
def test_a_tree_becomes_the_fewest_paths(wanted: Wanted, paths: set[str]) -> None:
    assert fields_of(Book, wanted) == paths


def test_a_name_that_the_class_has_not_is_a_bug() -> None:
    with pytest.raises(KeyError):
        fields_of(Book, {"colour": {}})


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"id"}, {"title"}, {"id", "title"}),
        ({"chapters.heading"}, {"chapters.pages"}, {"chapters"}),
        ({"chapters"}, {"chapters.pages"}, {"chapters"}),
        ({"id"}, EVERYTHING, EVERYTHING),
        (set(), set(), set()),
        ({"id"}, set(public(Book)) - {"id"}, EVERYTHING),
    ],
)
def test_a_union_is_in_the_same_form(one: set[str], other: set[str], both: set[str]) -> None:
    assert union(Book, [frozenset(one), frozenset(other)]) == both


@pytest.mark.parametrize(
    ("fields", "path", "is_covered"),
    [
        ({"total"}, "total.amount", True),
        ({"total.amount"}, "total.amount", True),
        ({"total.amount"}, "total", False),
        ({"tot"}, "total", False),
        (EVERYTHING, "total", True),
    ],
)
def test_a_path_is_covered_by_what_it_is_part_of(fields: set[str], path: str, is_covered: bool) -> None:
    assert covers(frozenset(fields), path) == is_covered


def trees(full: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Trees of some of the fields of `full`."""
    return st.fixed_dictionaries({}, optional={name: trees(below) for name, below in full.items()})


def merged(one: Wanted, other: Wanted) -> Wanted:
    """A tree of all that either wants: the oracle of unions. Nothing below stands for everything below."""
    both = {}
    for name in {**one, **other}:
        if name in one and name in other:
            both[name] = merged(one[name], other[name]) if one[name] and other[name] else {}
        else:
            both[name] = one.get(name, other.get(name, {}))
    return both


@given(trees(public(Book)), trees(public(Book)))
def test_the_union_of_paths_is_the_paths_of_the_union(one: Wanted, other: Wanted) -> None:
    fields = union(Book, [fields_of(Book, one), fields_of(Book, other)])

    assert fields == fields_of(Book, merged(one, other))
    assert_none_beneath_another(fields)


def assert_none_beneath_another(fields: Fields) -> None:
    for path in fields:
        assert not covers(fields - {path}, path)
