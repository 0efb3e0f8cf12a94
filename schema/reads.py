"""Reads, apart from GraphQL's machinery: from arguments to one call of a port, and from its answer to the result.

Arguments come as GraphQL has coerced them, by their public names. A result is what the selection is taken from: a stored
document as it is, or a connection around several.
"""

import re
from collections.abc import Mapping
from typing import Any

from projections.kernel.documents import StreamDocument
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import PageRequest
from projections.kernel.shapes import Stored
from schema.cursors import cursor, place
from schema.errors import BadUserInput, NotFreshYet, PositionUnknown
from schema.filters import conditions
from schema.ports import RequestContext
from write_side.kernel.events import StreamName
from write_side.kernel.positions import ForeignPosition, LogPosition, MalformedPosition
from write_side.kernel.streams import StreamKind

Arguments = Mapping[str, Any]
FEWEST, MOST, USUAL = 1, 100, 20
LONGEST_SEARCH = 200
_WORD = re.compile(r"\w+")


async def read_one(
    context: RequestContext,
    projection: AnyProjection,
    kind: StreamKind[Any] | None,
    key: Key,
    arguments: Arguments,
) -> Stored | None:
    """One document, as fresh as `minVersion` and `atLeast` ask. `kind` is that of the document's own stream.

    Raises `BadUserInput`, `PositionUnknown`, `NotFreshYet`, and what the ports raise.
    """
    wanted = await demanded(context, arguments)
    if (version := arguments.get("minVersion")) is not None:
        wanted = max(wanted, await _position_of(context, projection, kind, key, version))
    await fresh(context, projection, wanted)
    return await context.services.documents.find(projection, key)


async def read_page(
    context: RequestContext, projection: AnyProjection, arguments: Arguments, *, with_total: bool
) -> dict[str, Any]:
    """A page as a connection. Raises `BadUserInput`, `PositionUnknown`, `NotFreshYet`, and what the ports raise."""
    request = page_request(projection, arguments, with_total=with_total)
    await fresh(context, projection, await demanded(context, arguments))
    page = await context.services.documents.page(projection, request)
    cursors = [cursor(projection, request.order, found) for found in page.places]
    return {
        "edges": [{"cursor": c, "node": node} for c, node in zip(cursors, page.documents, strict=True)],
        "nodes": page.documents,
        "pageInfo": {
            "hasNextPage": request.before is not None if request.backward else page.has_more,
            "hasPreviousPage": page.has_more if request.backward else request.after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
        "totalCount": page.total,
        "position": context.services.log.positions.token(page.position),
    }


def page_request(projection: AnyProjection, arguments: Arguments, *, with_total: bool) -> PageRequest:
    """What a page's arguments ask for. Raises `BadUserInput`."""
    given = {name: value for name, value in arguments.items() if value is not None}
    orders = {order.public_name: order for order in projection.spec.orders}
    order = orders[given["orderBy"].value] if "orderBy" in given else projection.spec.orders[0]
    if "first" in given and "last" in given:
        raise BadUserInput("last", "give first or last, not both")
    for name in ("first", "last"):
        if not FEWEST <= given.get(name, USUAL) <= MOST:
            raise BadUserInput(name, f"must be {FEWEST} to {MOST}")
    return PageRequest(
        order=order,
        size=given.get("first", given.get("last", USUAL)),
        conditions=conditions(projection, given.get("filter")),
        search=_words(given.get("search", "")),
        after=place(projection, order, given["after"], "after") if "after" in given else None,
        before=place(projection, order, given["before"], "before") if "before" in given else None,
        backward="last" in given,
        with_total=with_total,
    )


async def demanded(context: RequestContext, arguments: Arguments) -> LogPosition:
    """The position that a read must have reached: its own `atLeast`, else the request's header; 0 for any.

    Raises `BadUserInput` and `PositionUnknown`.
    """
    text = arguments.get("atLeast") or context.at_least
    if text is None:
        return LogPosition(0)
    try:
        return context.services.log.positions.parse(text)
    except MalformedPosition:
        raise BadUserInput("atLeast", "not a position: send one as it was answered") from None
    except ForeignPosition:
        raise PositionUnknown("atLeast: the position belongs to another log") from None


async def fresh(context: RequestContext, projection: AnyProjection, wanted: LogPosition) -> None:
    """Waits until a read model has reached a position. Raises `PositionUnknown` and `NotFreshYet`."""
    services = context.services
    if services.freshness.checkpoint(projection) >= wanted:
        return
    if await services.log.head() < wanted:
        raise PositionUnknown("the log has not reached this position")
    if not await services.freshness.reached(projection, wanted, services.patience):
        raise NotFreshYet("the read model has not got there yet: try again, or ask for less fresh data")


async def _position_of(
    context: RequestContext, projection: AnyProjection, kind: StreamKind[Any] | None, key: Key, version: int
) -> LogPosition:
    if kind is None or not issubclass(projection.document, StreamDocument):
        raise BadUserInput("minVersion", f"{projection.spec.name} has no version")
    if version < 0:
        raise BadUserInput("minVersion", "must be 0 or more")
    if version == 0:
        return LogPosition(0)
    stream = StreamName(f"{kind.name}-{kind.key.prefix}_{key.partition('_')[2]}")
    position = await context.services.log.position_of(stream, version)
    if position is None:
        raise PositionUnknown(f"minVersion: there is no version {version} yet")
    return position


def _words(search: str) -> tuple[str, ...]:
    if len(search) > LONGEST_SEARCH:
        raise BadUserInput("search", f"at most {LONGEST_SEARCH} characters")
    words = tuple(_WORD.findall(search))
    if search.strip() and not words:
        raise BadUserInput("search", "has no word in it")
    return words
