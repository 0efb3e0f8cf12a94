"""Pages: from the arguments of a page query to what is asked of the document store, and from its answer to a connection."""

from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import zip_longest
from typing import Any

from projections.kernel.documents import OrderBy
from projections.kernel.fields import Fields, Wanted, fields_of, union
from projections.kernel.projection import AnyProjection
from projections.kernel.reading import Page, PageRequest, SortKey
from schema import cursors
from schema.arguments import Given
from schema.errors import BadUserInput
from schema.filters import conditions
from schema.search import words
from write_side.kernel.positions import Positions

DEFAULT_SIZE = 20
LARGEST_SIZE = 100


@dataclass(frozen=True, slots=True)
class PageWants:
    """What a client selects of a page: what is not, is not read. `fields` are of its documents.

    `cursors` are those of its ends at least.
    """

    fields: Fields
    cursors: bool
    every_cursor: bool
    more: bool
    total: bool

    @classmethod
    def of(cls, projection: AnyProjection, wanted: Wanted) -> "PageWants":
        """What a selection of the connection asks for."""
        edges, info = wanted.get("edges", {}), wanted.get("pageInfo", {})
        documents = [part for part in (wanted.get("nodes"), edges.get("node")) if part is not None]
        return cls(
            fields=union(projection.document, (fields_of(projection.document, part) for part in documents)),
            cursors="cursor" in edges or "startCursor" in info or "endCursor" in info,
            every_cursor="cursor" in edges,
            more="hasNextPage" in info or "hasPreviousPage" in info,
            total="totalCount" in wanted,
        )


def page_request(projection: AnyProjection, given: Given, wants: PageWants) -> PageRequest:
    """What to ask the document store for. Raises `BadUserInput`."""
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
        with_total=wants.total,
        fields=wants.fields,
        with_places=wants.cursors,
        with_more=wants.more,
    )


def connection(
    projection: AnyProjection, request: PageRequest, wants: PageWants, page: Page, positions: Positions
) -> dict[str, Any]:
    """The page as GraphQL answers it. Its far end is exact; of its near end a cursor tells that something is beyond.

    What is not wanted is null.
    """

    def cursor(place: SortKey) -> str:
        return cursors.encode(projection, request.order, place)

    places = page.places if wants.every_cursor else ()
    edges = [
        {"cursor": None if place is None else cursor(place), "node": node}
        for place, node in zip_longest(places, page.documents)
    ]
    return {
        "edges": edges,
        "nodes": page.documents,
        "pageInfo": {
            "hasNextPage": request.before is not None if request.backward else page.has_more,
            "hasPreviousPage": page.has_more if request.backward else request.after is not None,
            "startCursor": cursor(page.places[0]) if page.places else None,
            "endCursor": cursor(page.places[-1]) if page.places else None,
        },
        "totalCount": page.total,
        "position": positions.token(page.position),
    }


def _order(projection: AnyProjection, chosen: Enum | None) -> OrderBy:
    return projection.spec.orders[0] if chosen is None else _orders(projection)[chosen.value]


@cache
def _orders(projection: AnyProjection) -> dict[str, OrderBy]:
    return {order.public_name: order for order in projection.spec.orders}


def _size(given: Given) -> tuple[int, bool]:
    if "first" in given and "last" in given:
        raise BadUserInput("last", "cannot be combined with first")
    argument = "last" if "last" in given else "first"
    size: int = given.get(argument, DEFAULT_SIZE)
    if not 1 <= size <= LARGEST_SIZE:
        raise BadUserInput(argument, f"must be 1 to {LARGEST_SIZE}")
    return size, argument == "last"
