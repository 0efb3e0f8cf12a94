"""Cursors: opaque to clients. Inside: collection, order, sort key and id, so that one of another query is recognised."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from decimal import Decimal
from typing import Any

import orjson

from projections.kernel.documents import OrderBy, field_type
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import SortKey
from schema.errors import BadUserInput
from schema.texts import is_clean
from write_side.kernel.ids import MalformedId

LONGEST = 20_000
"""Characters of a cursor: a sort key of 200 characters may fold to many times its length."""

_INT = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?[0-9]{1,17}(\.[0-9]{1,17})?")


def encode(projection: AnyProjection, order: OrderBy, place: SortKey) -> str:
    """The cursor of a place in a collection's order."""
    return urlsafe_b64encode(orjson.dumps([projection.name, order.public_name, *place])).decode().rstrip("=")


def decode(projection: AnyProjection, order: OrderBy, text: str, argument: str) -> SortKey:
    """The place that a cursor of this collection and order stands for. Raises `BadUserInput` with `argument`."""
    content = _content(text)
    if content is None:
        raise BadUserInput(argument, "is not a cursor that was given out here")
    collection, order_name, sort_text, key = content
    if collection != projection.name or order_name != order.public_name:
        raise BadUserInput(argument, f"is a cursor of {collection} ordered by {order_name}: it cannot be used here")
    try:
        made_here = projection.id_type.parse(key) == key and _sorts(projection, order, sort_text)
    except MalformedId:
        made_here = False
    if not made_here:
        raise BadUserInput(argument, "is not a cursor that was given out here")
    return sort_text, Key(key)


def _content(text: str) -> list[str] | None:
    if len(text) > LONGEST:
        return None
    try:
        content: Any = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        return None
    if not isinstance(content, list) or len(content) != 4:
        return None
    return content if all(isinstance(part, str) and is_clean(part) for part in content) else None


def _sorts(projection: AnyProjection, order: OrderBy, text: str) -> bool:
    """Whether a text can be the sort key of an order: the document store must be able to read it back."""
    base = field_type(projection.document, order.path).base
    pattern = {int: _INT, Decimal: _DECIMAL}.get(base)
    return pattern is None or pattern.fullmatch(text) is not None
