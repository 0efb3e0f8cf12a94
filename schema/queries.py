"""The queries: per document one by id, its pages, and `node` for any of them."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from strawberry.types.field import StrawberryField

from projections.kernel.errors import NotReady
from projections.kernel.fields import Wanted, fields_of
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from schema.arguments import Given
from schema.connections import ConnectionTypes, at_least, connection_name, identifier, min_version
from schema.demands import Demand
from schema.errors import BadUserInput
from schema.keys import parsed_key
from schema.names import described, lower_first
from schema.objects import ObjectTypes
from schema.pages import PageWants, connection, page_request
from schema.ports import RequestContext
from schema.reading import DocumentRead, PageRead
from schema.roots import Asked, Read, Shared, root
from schema.streams import OwnStreams
from schema.types import nullable
from write_side.kernel.ids import Id


class Queries:
    """Makes the fields of `Query`. `streams` knows which stream's version a document shows."""

    def __init__(
        self,
        projections: Sequence[AnyProjection],
        objects: ObjectTypes,
        connections: ConnectionTypes,
        streams: OwnStreams,
    ) -> None:
        self._projections = projections
        self._objects = objects
        self._connections = connections
        self._streams = streams

    def fields(self) -> Iterator[StrawberryField]:
        """All fields, `node` first."""
        yield self._node()
        for projection in self._projections:
            spec = projection.spec
            if spec.singleton is not None:
                yield self._singleton(projection, Key(spec.singleton))
            elif spec.one:
                yield self._one(projection)
            if spec.many is not None:
                yield self._many(projection, spec.many)

    def _node(self) -> StrawberryField:
        def prepare(asked: Asked) -> Read:
            reads = {
                # Whatever is selected, the id tells the type.
                one.id_type.prefix: (one.id_type, self._finder(one, asked, {"id": {}}))
                for one in self._projections
            }

            async def read(context: RequestContext, given: Given) -> Any:
                prefix = given["id"].partition("_")[0]
                if prefix not in reads:
                    raise BadUserInput("id", "is not the id of a document")
                id_type, find = reads[prefix]
                return await find(context, given, parsed_key(id_type, given, "id"))

            return read

        arguments = [identifier("id"), min_version(), at_least()]
        return root("node", nullable(self._objects.node), arguments, prepare, "Any document, by its id alone.")

    def _one(self, projection: AnyProjection) -> StrawberryField:
        spec = projection.spec
        own, given_as = projection.id_type, spec.key or projection.id_type
        name = "id" if spec.key is None else lower_first(spec.key.__name__)

        def prepare(asked: Asked) -> Read:
            find = self._finder(projection, asked)

            async def read(context: RequestContext, given: Given) -> Any:
                return await find(context, given, Key(own.of(Id(parsed_key(given_as, given, name)))))

            return read

        versioned = [min_version()] if spec.stream is not None else []
        return root(
            lower_first(spec.name),
            nullable(self._objects.of(projection.document)),
            [identifier(name), *versioned, at_least()],
            prepare,
            described(projection.document),
        )

    def _singleton(self, projection: AnyProjection, key: Key) -> StrawberryField:
        spec = projection.spec

        def prepare(asked: Asked) -> Read:
            find = self._finder(projection, asked)

            async def read(context: RequestContext, given: Given) -> Any:
                if (stored := await find(context, given, key)) is None:
                    raise NotReady
                return stored

            return read

        return root(
            lower_first(spec.name),
            self._objects.of(projection.document),
            [at_least()],
            prepare,
            described(projection.document),
        )

    def _many(self, projection: AnyProjection, name: str) -> StrawberryField:
        type_ = self._connections.of(projection)

        def prepare(asked: Asked) -> Read:
            wants = PageWants.of(projection, asked.wanted(connection_name(projection)))
            pages = PageRead(asked.name, projection)

            async def read(context: RequestContext, given: Given) -> Any:
                services = context.services
                request = page_request(projection, given, wants)
                page = await pages.page(context, request, Demand.of(context, given))
                return Shared(page.rendered, lambda: connection(projection, request, wants, page, services.log.positions))

            return read

        return root(name, type_, self._connections.arguments(projection), prepare)

    def _finder(self, projection: AnyProjection, asked: Asked, beside: Wanted | None = None) -> "_Find":
        """The read of what is asked for of a document, and of what is wanted `beside` that."""
        wanted = {**asked.wanted(projection.spec.name), **(beside or {})}
        one = DocumentRead(asked.name, projection, fields_of(projection.document, wanted))

        async def find(context: RequestContext, given: Given, key: Key) -> Stored | None:
            demand = Demand.of(context, given)
            if demand is not None and demand.min_version is not None:
                demand = await demand.located(context.services, self._streams.name(projection, key))
            return await one.find(context, key, demand)

        return find


_Find = Callable[[RequestContext, Given, Key], Awaitable[Stored | None]]
"""Reads the part of one document that was asked for."""
