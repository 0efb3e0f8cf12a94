"""Which part of a stored document travels."""

from functools import lru_cache
from typing import Any

from projections.kernel.documents import OrderBy
from projections.kernel.fields import EVERYTHING, Fields, covers
from projections.kernel.projection import AnyProjection
from projections.kernel.shapes import KEYS

REMEMBERED = 1_000


@lru_cache(REMEMBERED)
def projected(projection: AnyProjection, fields: Fields, order: OrderBy | None = None) -> dict[str, Any]:
    """MongoDB's projection of `_id`, of `fields`, and of what a place in `order` is made of. Empty: all there is.

    What comparisons look at does not travel. Not to be changed.
    """
    place = None if order is None else projection.shape.sort_path(order)
    if fields == EVERYTHING:
        return _without_keys(projection, place)
    included = {"_id", *fields}
    if place is not None and not covers(fields, place):
        included.add(place)
    return dict.fromkeys(sorted(included), 1)


def _without_keys(projection: AnyProjection, kept: str | None) -> dict[str, Any]:
    keys = projection.shape.key_paths
    if kept in keys:
        return {path: 0 for path in keys if path != kept}
    return {KEYS: 0} if keys else {}
