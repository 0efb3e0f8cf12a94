"""The documents that a projection has from the first migration on, before any event."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import START, Positions


def born(projection: AnyProjection, positions: Positions, at: datetime) -> Mapping[Key, Stored]:
    """The stored documents of the projection's `seeds`, as of `at`, the birth of the log (UTC)."""
    if projection.initial is None:
        return {}
    token = positions.token(START)
    return {key: projection.shape.encode(replace(projection.initial(key, at), position=token)) for key in projection.seeds}
