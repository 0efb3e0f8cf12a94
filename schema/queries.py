"""The query fields of each read model: one document, one page; and `node`, which reads any of them."""

import re
from collections.abc import Mapping
from typing import Any, Optional

import strawberry
from graphql import GraphQLResolveInfo
from pydantic.alias_generators import to_camel

from projections.kernel.documents import StreamDocument
from projections.kernel.projection import AnyProjection, Key
from schema.errors import BadUserInput
from schema.fields import RootField, declare, optional
from schema.filters import Filters, checked_id
from schema.objects import Objects, enum_of, list_of, public
from schema.reads import read_one, read_page
from schema.selection import selects
from write_side.kernel.ids import Id
from write_side.kernel.positions import Position
from write_side.kernel.streams import StreamKind

AT_LEAST = "Read at least as fresh as this place in the log."
SEARCH = "Words that a document must have in its searchable fields, all of them."
MIN_VERSION = "Read at least as fresh as this version of the document's own stream."


class Queries:
    """Makes the query fields. `kinds` are the domain's stream kinds by name."""

    def __init__(self, objects: Objects, filters: Filters, kinds: Mapping[str, StreamKind[Any]]) -> None:
        self._objects = objects
        self._filters = filters
        self._kinds = kinds
        self._info: Any = None

    def fields(self, projections: tuple[AnyProjection, ...]) -> dict[str, RootField]:
        """Every query field by its name."""
        found = {"node": self._node(projections)}
        for projection in projections:
            spec = projection.spec
            single = spec.name[:1].lower() + spec.name[1:]
            if spec.one:
                found[single] = self._one(projection)
            if spec.many is not None:
                found[spec.many] = self._many(projection)
        return found

    def _one(self, projection: AnyProjection) -> RootField:
        spec = projection.spec
        key_type = spec.key or projection.id_type
        name = "id" if spec.key is None else key_argument(spec.key)
        kind = self._kinds.get(spec.stream or "")
        arguments: dict[str, Any] = {} if spec.singleton else {name: strawberry.ID}
        if issubclass(projection.document, StreamDocument):
            arguments["minVersion"] = optional(int, MIN_VERSION)
        arguments["atLeast"] = optional(Position, AT_LEAST)

        async def resolve(_: object, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
            if spec.singleton is not None:
                key = Key(spec.singleton)
            else:
                asked = checked_id(key_type, given[name], name)
                key = Key(projection.id_type.of(asked))
            return await read_one(info.context, projection, kind, key, given)

        document = self._objects.document(projection)
        answer = document if spec.singleton else Optional[document]  # noqa: UP045
        return RootField(declare(arguments, answer, f"Reads one {spec.name}."), resolve)

    def _many(self, projection: AnyProjection) -> RootField:
        spec = projection.spec
        arguments: dict[str, Any] = {}
        if (filter_type := self._filters.of(projection)) is not None:
            arguments["filter"] = optional(filter_type, "Every condition given must hold.")
        if spec.search:
            arguments["search"] = optional(str, SEARCH)
        order_type = order_enum(projection)
        default = next(iter(order_type))
        arguments["orderBy"] = (Optional[order_type], default)  # noqa: UP045
        for name, annotation, description in (
            ("first", int, "The first so many of the range, 1 to 100; 20 when neither first nor last is given."),
            ("after", str, "A cursor: the range begins after it."),
            ("last", int, "The last so many of the range, 1 to 100; not with first."),
            ("before", str, "A cursor: the range ends before it."),
            ("atLeast", Position, AT_LEAST),
        ):
            arguments[name] = optional(annotation, description)

        async def resolve(_: object, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
            return await read_page(info.context, projection, given, with_total=selects(info, "totalCount"))

        return RootField(declare(arguments, self._connection(projection), f"Reads a page of {spec.many}."), resolve)

    def _node(self, projections: tuple[AnyProjection, ...]) -> RootField:
        by_prefix = {projection.id_type.prefix: projection for projection in projections}

        async def resolve(_: object, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
            projection = by_prefix.get(given["id"].partition("_")[0])
            if projection is None:
                raise BadUserInput("id", f"begins with none of {', '.join(sorted(by_prefix))}")
            key = Key(checked_id(projection.id_type, given["id"], "id"))
            kind = self._kinds.get(projection.spec.stream or "")
            return await read_one(info.context, projection, kind, key, given)

        arguments = {
            "id": strawberry.ID,
            "minVersion": optional(int, MIN_VERSION),
            "atLeast": optional(Position, AT_LEAST),
        }
        return RootField(declare(arguments, Optional[self._objects.node], "Reads any document by its id."), resolve)  # noqa: UP045

    def _connection(self, projection: AnyProjection) -> Any:
        name, document = projection.spec.name, self._objects.document(projection)
        edge = public(f"{name}Edge", {"cursor": str, "node": document})
        if self._info is None:
            ends = Optional[str]  # noqa: UP045
            self._info = public(
                "PageInfo",
                {"hasNextPage": bool, "hasPreviousPage": bool, "startCursor": ends, "endCursor": ends},
            )
        return public(
            f"{name}Connection",
            {
                "edges": list_of(edge),
                "nodes": list_of(document),
                "pageInfo": self._info,
                "totalCount": int,
                "position": Position,
            },
        )


def key_argument(key: type[Id]) -> str:
    """The argument that takes an id of this type: `orderId` for `OrderId`."""
    return to_camel(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key.__name__).lower())


def order_enum(projection: AnyProjection) -> Any:
    """The enum of a read model's orders."""
    return enum_of(f"{projection.spec.name}OrderBy", [order.public_name for order in projection.spec.orders])
