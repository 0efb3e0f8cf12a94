"""Fields: which part of a document a reader wants, so that only that part travels.

A reader says it as a tree of public names, `{"id": {}, "total": {"amount": {}}}`; the document store is asked for paths,
`{"id", "total.amount"}`. Both are in the stored names, which are those that GraphQL answers.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.alias_generators import to_camel

from projections.kernel.documents import FieldType, field_types, remembered

Wanted = Mapping[str, "Wanted"]
"""The fields that a reader wants, each with what it wants below it: nothing for a value.

Nothing below a nested object means that only its being there matters.
"""

Fields = frozenset[str]
"""Dotted paths in a stored document, none beneath another; each is wanted with all that is beneath it."""

EVERYTHING: Fields = frozenset({""})
"""The whole public document: the path of the document itself."""


def fields_of(document: type[Any], wanted: Wanted) -> Fields:
    """The paths of what is wanted of a document class. An object that is wanted whole is one path.

    Nothing wanted is no path at all: only the document's being there matters. Raises `KeyError` for a name that the class
    has not.
    """
    return frozenset(_paths(document, wanted, ""))


def union(document: type[Any], parts: Iterable[Fields]) -> Fields:
    """The paths of what any of `parts` wants of a document class, as `fields_of` would give them."""
    paths: Fields = frozenset().union(*parts)
    tree: dict[str, Any] = {}
    for path in paths:
        if any(above in paths for above in _above(path)):
            continue
        if path == "":
            return EVERYTHING
        below = tree
        for name in path.split("."):
            below = below.setdefault(name, {})
    return fields_of(document, tree)


def covers(fields: Fields, path: str) -> bool:
    """Whether what is at `path` is among the fields, by itself or with what it is a part of."""
    return path in fields or any(above in fields for above in _above(path))


def _paths(cls: type[Any], wanted: Wanted, path: str) -> set[str]:
    types = _public_types(cls)
    found: set[str] = set()
    whole = len(wanted) == len(types)
    for name, below in wanted.items():
        own, type_ = f"{path}.{name}" if path else name, types[name]
        paths = _paths(type_.base, below, own) if below else {own}
        whole = whole and paths == {own}
        found |= paths
    return {path} if whole else found


def _above(path: str) -> list[str]:
    """The paths that `path` is beneath, the document's own included."""
    names = path.split(".") if path else []
    return [".".join(names[:count]) for count in range(len(names))]


@remembered
def _public_types(cls: type[Any]) -> dict[str, FieldType]:
    return {to_camel(name): found for name, found in field_types(cls).items()}
