"""Stored documents of every projection, whole and damaged: as no store may hold them, and one will some day."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from projections.kernel.fields import Fields, covers
from projections.kernel.projection import AnyProjection
from projections.kernel.shapes import Stored
from tests.projections.strategies import instances
from tests.schema.operations.arguments import Draw

SAMPLES = 8
"""Whole documents of each projection: what varies in a test is the damage."""


class Missing:
    """Stands for a field that is not there."""


STRANGE: tuple[Any, ...] = (
    *(Missing, None, [], {}) * 3,
    *("ATTIC", "", "5", 5, 0, 1.0, 1.5, 1e10, float("nan"), True, False),
    *(2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53),
    *([None], ["x", None], [{}], {"id": None}, [[1]]),
)
"""What may stand in the place of anything; what is not there, null, and what is empty more often than the rest."""

Where = tuple[str | int, ...]


@cache
def samples(projection: AnyProjection) -> tuple[Stored, ...]:
    """Documents as the projection stores them, the same ones each time."""
    made: list[Stored] = []

    @settings(
        max_examples=SAMPLES,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(instances(projection.document))
    def collect(document: Any) -> None:
        made.append(_within_32_bits(projection.shape.encode(document)))

    collect()
    # Longer documents come first, and more often: the shortest have nothing in their lists.
    made.sort(key=lambda document: -len(repr(document)))
    return (*made[: SAMPLES // 2], *made)


@st.composite
def documents(draw: Draw, projection: AnyProjection, fields: Fields, most_damages: int) -> Stored:
    """A document, damaged in places that a reader of these fields can see."""
    document: Stored = deepcopy(draw(st.sampled_from(samples(projection))))
    for _ in range(draw(st.integers(0, most_damages))):
        places = sorted((where for where in _places(document, ()) if _is_seen(where, fields)), key=repr)
        if not places:
            break
        # Few places are in lists, and most that can go wrong is there.
        places += 8 * [where for where in places if any(isinstance(step, int) for step in where)]
        _damage(document, draw(st.sampled_from(places)), deepcopy(draw(st.sampled_from(STRANGE))))
    return document


def _places(value: Any, at: Where) -> Iterator[Where]:
    if at:
        yield at
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _places(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*at, index))


def _is_seen(where: Where, fields: Fields) -> bool:
    path = ".".join(step for step in where if isinstance(step, str))
    return covers(fields, path) or any(field.startswith(f"{path}.") for field in fields)


def _damage(document: Any, where: Where, strange: Any) -> None:
    *holders, last = where
    for step in holders:
        document = document[step]
    if strange is Missing:
        del document[last]
    else:
        document[last] = strange


def _within_32_bits(value: Any) -> Any:
    """The same with small integers: a document of GraphQL's Ints, which are the damage's to break."""
    if isinstance(value, dict):
        return {name: _within_32_bits(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_within_32_bits(item) for item in value]
    return value % 2**31 if isinstance(value, int) and not isinstance(value, bool) else value
