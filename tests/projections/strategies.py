"""Hypothesis strategies for the instances of any document class or part, made from its field types."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from projections.kernel.documents import FieldType, field_types
from projections.kernel.scenario import POSITIONS
from write_side.kernel.positions import LogPosition, Position

T = TypeVar("T")

POSITION_TOKENS = st.integers(0, 10**15).map(lambda number: POSITIONS.token(LogPosition(number)))
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=3)
    | st.sampled_from([Decimal("1E+3"), Decimal("0E-2"), Decimal("-0.00")]),
    datetime: st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES),  # noqa: DTZ001 - with zones
    date: st.dates(),
    Position: POSITION_TOKENS,
}


def instances(cls: type[T]) -> st.SearchStrategy[T]:
    """Any instance of a document class or part."""
    return st.builds(cls, **{name: values(found) for name, found in field_types(cls).items()})


def values(found: FieldType) -> st.SearchStrategy[Any]:
    """Any value of a field."""
    one = _one(found)
    if found.many:
        one = st.lists(one, max_size=3).map(tuple)
    return st.none() | one if found.optional else one


def _one(found: FieldType) -> st.SearchStrategy[Any]:
    if found.is_part:
        return instances(found.base)
    if found.is_enum:
        return st.sampled_from(found.base)
    if found.is_id:
        rest = st.from_regex(found.base.pattern, fullmatch=True)
        return rest.map(lambda digits: found.base(f"{found.base.prefix}_{digits}"))
    return SCALARS[found.base]
