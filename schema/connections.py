"""The types of pages: Relay's connections, with the documents also without their edges, a total and a position."""

from enum import Enum

import strawberry
from strawberry.types.arguments import StrawberryArgument

from projections.kernel.projection import AnyProjection
from schema.filters import FilterTypes
from schema.objects import ObjectTypes
from schema.types import GraphQLType, argument, enum_type, list_of, new_type, nullable, plain
from write_side.kernel.positions import Position


class ConnectionTypes:
    """The connection of each document, and the arguments of its page query."""

    def __init__(self, objects: ObjectTypes, filters: FilterTypes) -> None:
        self._objects = objects
        self._filters = filters
        self._page_info = new_type(
            "PageInfo",
            [
                plain("hasNextPage", bool),
                plain("hasPreviousPage", bool),
                plain("startCursor", nullable(str)),
                plain("endCursor", nullable(str)),
            ],
            "Where a page stands among the others.",
        )

    def of(self, projection: AnyProjection) -> GraphQLType:
        """The connection of a document."""
        name = projection.spec.name
        node = self._objects.of(projection.document)
        edge = new_type(f"{name}Edge", [plain("cursor", str), plain("node", node)])
        return new_type(
            connection_name(projection),
            [
                plain("edges", list_of(edge)),
                plain("nodes", list_of(node), "The edges' nodes."),
                plain("pageInfo", self._page_info),
                plain("totalCount", int, "All that match, on whatever page. Costs a count: leave it out where not needed."),
                plain(
                    "position",
                    Position,
                    "Everything up to it is in the page; subscribe after it and nothing is missed.",
                ),
            ],
            f"One page of {projection.spec.many}.",
        )

    def arguments(self, projection: AnyProjection) -> list[StrawberryArgument]:
        """The arguments of a document's page query. Raises `TypeError` for a document with pages but no order."""
        spec = projection.spec
        if not spec.orders:
            raise TypeError(f"{spec.name} has pages, but declares no order")
        filter_type = self._filters.of(projection)
        names = {order.public_name: order.public_name for order in spec.orders}
        orders = Enum(f"{spec.name}OrderBy", names)  # type: ignore[misc]  # its members are data here
        orders.__doc__ = "Ties go by id."
        return [
            *([argument("filter", nullable(filter_type))] if filter_type is not None else []),
            *([argument("search", nullable(str), _SEARCH)] if spec.search else []),
            argument("orderBy", nullable(enum_type(orders)), default=orders[spec.orders[0].public_name]),
            argument("first", nullable(int), "1 to 100; 20 when neither first nor last is given; never both."),
            argument("after", nullable(str), "A cursor of the same query."),
            argument("last", nullable(int), "1 to 100."),
            argument("before", nullable(str), "A cursor of the same query."),
            at_least(),
        ]


def connection_name(projection: AnyProjection) -> str:
    """The name of the connection of a document."""
    return f"{projection.spec.name}Connection"


def at_least() -> StrawberryArgument:
    """The argument that demands freshness by a place in the log."""
    return argument(
        "atLeast",
        nullable(Position),
        "Read at least as fresh as this place in the log. The header Oneread-At-Least stands in for it.",
    )


def min_version() -> StrawberryArgument:
    """The argument that demands freshness by the document's own version."""
    return argument("minVersion", nullable(int), "Read at least as fresh as this version of the document's own stream.")


def identifier(name: str) -> StrawberryArgument:
    """An id argument."""
    return argument(name, strawberry.ID)


_SEARCH = "Words that must all be in the document's searchable fields. It filters; orderBy orders."
