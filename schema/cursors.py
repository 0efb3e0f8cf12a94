"""Cursors: a place in an order, as an opaque text that only fits the query that it came from."""

import base64
import binascii

import orjson

from projections.kernel.documents import OrderBy
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import SortKey
from schema.errors import BadUserInput

LONGEST = 2_000
"""Longer texts are no cursor of ours."""


def cursor(projection: AnyProjection, order: OrderBy, place: SortKey) -> str:
    """The cursor of a place in an order."""
    content = [projection.name, order.public_name, *place]
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def place(projection: AnyProjection, order: OrderBy, text: str, argument: str) -> SortKey:
    """The place that a cursor of this query names. Raises `BadUserInput` with the argument's name."""
    try:
        content = orjson.loads(base64.urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        raise BadUserInput(argument, "not a cursor that was answered here") from None
    match content:
        case [str(name), str(ordered), str(value), str(key)]:
            if (name, ordered) != (projection.name, order.public_name):
                raise BadUserInput(argument, "a cursor of another query, or of another order")
            return value, Key(key)
        case _:
            raise BadUserInput(argument, "not a cursor that was answered here")
