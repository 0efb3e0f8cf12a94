"""The indexes of a generation's collection: those that readers need, and one for what a condition looks at."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pymongo
from pymongo import IndexModel

from projections.kernel.documents import field_type, stored_path
from projections.kernel.projection import AnyProjection


def indexes_of(projection: AnyProjection) -> Iterator[IndexModel]:
    """One per order; per filter one for each order, which finds equal values in that order; one for what is searched.

    One of positions where many documents are watched together: who resumes reads what is past a position.

    `_id` ends each, since it breaks ties. Moments are only ever asked for by the range, which is not found in another order
    whatever the index: one is enough.
    """
    compare = projection.shape.compare_path
    sorts = list(dict.fromkeys(compare(order.path) for order in projection.spec.orders))
    for sort in sorts:
        yield ascending(sort, "_id")
    for declared in projection.spec.filters:
        path = compare(declared.path)
        if field_type(projection.document, declared.path).base is not datetime:
            yield from (ascending(path, sort, "_id") for sort in sorts if sort != path)
        elif path not in sorts:
            yield ascending(path, "_id")
    if "many" in projection.spec.watch:
        yield ascending("position", "_id")
    if projection.spec.search:
        words: list[tuple[str, Any]] = [(stored_path(path), pymongo.TEXT) for path in projection.spec.search]
        yield IndexModel(words, name="search", default_language="none", language_override="_language")


def ascending(*paths: str) -> IndexModel:
    """An index of these paths, one within the other."""
    return IndexModel([(path, pymongo.ASCENDING) for path in paths])
