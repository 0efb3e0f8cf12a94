"""The queries: per document one by id, its pages, and `node` for any of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from strawberry.types.field import StrawberryField

from projections.kernel.errors import NotReady
from projections.kernel.projection import AnyProjection, Key
from schema.connections import ConnectionTypes, at_least, identifier, min_version
from schema.errors import BadUserInput
from schema.names import described, lower_first
from schema.objects import ObjectTypes
from schema.pages import connection, page_request
from schema.reading import Demand, OwnStreams, read_one, read_page
from schema.types import Call, nullable, root
from write_side.kernel.ids import Id, MalformedId


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
        by_prefix = {projection.id_type.prefix: projection for projection in self._projections}

        async def resolve(call: Call) -> Any:
            projection = by_prefix.get(call.given["id"].partition("_")[0])
            if projection is None:
                raise BadUserInput("id", "is not the id of a document")
            return await self._read(call, projection, _key(projection.id_type, call, "id"))

        arguments = [identifier("id"), min_version(), at_least()]
        return root("node", nullable(self._objects.node), arguments, resolve, "Any document, by its id alone.")

    def _one(self, projection: AnyProjection) -> StrawberryField:
        spec = projection.spec
        own, given_as = projection.id_type, spec.key or projection.id_type
        name = "id" if spec.key is None else lower_first(spec.key.__name__)

        async def resolve(call: Call) -> Any:
            return await self._read(call, projection, Key(own.of(Id(_key(given_as, call, name)))))

        versioned = [min_version()] if spec.stream is not None else []
        return root(
            lower_first(spec.name),
            nullable(self._objects.of(projection.document)),
            [identifier(name), *versioned, at_least()],
            resolve,
            described(projection.document),
        )

    def _singleton(self, projection: AnyProjection, key: Key) -> StrawberryField:
        async def resolve(call: Call) -> Any:
            if (stored := await self._read(call, projection, key)) is None:
                raise NotReady
            return stored

        return root(
            lower_first(projection.spec.name),
            self._objects.of(projection.document),
            [at_least()],
            resolve,
            described(projection.document),
        )

    def _many(self, projection: AnyProjection, name: str) -> StrawberryField:
        async def resolve(call: Call) -> Any:
            services = call.context.services
            request = page_request(projection, call.given, with_total=call.selects("totalCount"))
            page = await read_page(services, projection, request, Demand.of(call.context, call.given))
            return connection(projection, request, page, services.log.positions)

        return root(name, self._connections.of(projection), self._connections.arguments(projection), resolve)

    async def _read(self, call: Call, projection: AnyProjection, key: Key) -> Any:
        demand = Demand.of(call.context, call.given)
        return await read_one(call.context.services, projection, key, demand, self._streams.name(projection, key))


def _key(id_type: type[Id], call: Call, argument: str) -> Key:
    try:
        return Key(id_type.parse(call.given[argument]))
    except MalformedId as error:
        raise BadUserInput(argument, str(error)) from None
