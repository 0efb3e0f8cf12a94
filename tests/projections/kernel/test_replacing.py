"""Replacing fields: as `dataclasses.replace` does it, for every class of documents and parts that the shop has."""

import dataclasses
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any

import pytest

from projections.kernel.documents import field_types
from projections.kernel.replacing import replace
from server.shop import PROJECTIONS


def classes_of(cls: type[Any]) -> set[type[Any]]:
    """A class, and those of what it nests."""
    nested = [found.base for found in field_types(cls).values() if is_dataclass(found.base)]
    return {cls}.union(*(classes_of(each) for each in nested if isinstance(each, type)))


CLASSES = sorted(set().union(*(classes_of(one.document) for one in PROJECTIONS)), key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_it_is_what_dataclasses_make_of_it(cls: type[Any]) -> None:
    one = cls(**{field.name: object() for field in fields(cls)})
    for field in fields(cls):
        changes: dict[str, Any] = {field.name: object()}

        copy = replace(one, **changes)

        assert copy == dataclasses.replace(one, **changes)
        assert type(copy) is cls
        assert getattr(copy, field.name) is not getattr(one, field.name)
    assert replace(one) == one
    assert replace(one) is not one


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_a_copy_is_frozen_and_has_no_other_fields(cls: type[Any]) -> None:
    one = cls(**{field.name: object() for field in fields(cls)})
    with pytest.raises(AttributeError):
        replace(one, nothing=1)
    with pytest.raises(FrozenInstanceError):
        setattr(replace(one), fields(cls)[0].name, 1)
