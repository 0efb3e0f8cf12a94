"""Pages: from the arguments of a page query to what is asked of the document store, and from its answer to a connection."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from projections.kernel.documents import OrderBy
from projections.kernel.projection import AnyProjection
from projections.kernel.reading import Page, PageRequest
from schema import cursors
from schema.errors import BadUserInput
from schema.filters import conditions
from schema.search import words
from write_side.kernel.positions import Positions

DEFAULT_SIZE = 20
LARGEST_SIZE = 100


def page_request(projection: AnyProjection, given: Mapping[str, Any], *, with_total: bool) -> PageRequest:
    """What to ask the document store for. `given` has the arguments that are not null. Raises `BadUserInput`."""
    order = _order(projection, given.get("orderBy"))
    size, backward = _size(given)
    places = {
        argument: cursors.decode(projection, order, given[argument], argument)
        for argument in ("after", "before")
        if argument in given
    }
    return PageRequest(
        order=order,
        size=size,
        conditions=conditions(projection, given.get("filter", {})),
        search=words(given.get("search", "")),
        after=places.get("after"),
        before=places.get("before"),
        backward=backward,
        with_total=with_total,
    )


def connection(projection: AnyProjection, request: PageRequest, page: Page, positions: Positions) -> dict[str, Any]:
    """The page as GraphQL answers it. Its far end is exact; of its near end a cursor tells that something is beyond."""
    given = [cursors.encode(projection, request.order, place) for place in page.places]
    edges = [{"cursor": cursor, "node": node} for cursor, node in zip(given, page.documents, strict=True)]
    return {
        "edges": edges,
        "nodes": page.documents,
        "pageInfo": {
            "hasNextPage": request.before is not None if request.backward else page.has_more,
            "hasPreviousPage": page.has_more if request.backward else request.after is not None,
            "startCursor": given[0] if given else None,
            "endCursor": given[-1] if given else None,
        },
        "totalCount": page.total,
        "position": positions.token(page.position),
    }


def _order(projection: AnyProjection, chosen: Enum | None) -> OrderBy:
    orders = projection.spec.orders
    return orders[0] if chosen is None else next(order for order in orders if order.public_name == chosen.value)


def _size(given: Mapping[str, Any]) -> tuple[int, bool]:
    if "first" in given and "last" in given:
        raise BadUserInput("last", "cannot be combined with first")
    argument = "last" if "last" in given else "first"
    size: int = given.get(argument, DEFAULT_SIZE)
    if not 1 <= size <= LARGEST_SIZE:
        raise BadUserInput(argument, f"must be 1 to {LARGEST_SIZE}")
    return size, argument == "last"
