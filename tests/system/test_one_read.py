"""Each root field of a query is one MongoDB command at most, whatever it nests."""

from collections.abc import AsyncIterator, Iterable

import pytest
from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLNamedType, GraphQLObjectType, get_named_type
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.documents import MongoDocuments
from server.api import graphql_schema
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import PROJECTIONS
from server.wiring import Backend, shared
from tests.system.client import Client, client_of
from tests.system.orders import a_customer, a_product, accepted
from tests.system.verify import caught_up


class Listener(CommandListener):
    """Notes the commands that a client sends."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest."""


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def client(backend: Backend, urls: DatabaseUrls, settings: Settings, listener: Listener) -> AsyncIterator[Client]:
    """A client whose reads go through a connection of their own, which `listener` hears."""
    mongo = open_client(urls.mongo, listeners=[listener])
    collections = Collections(open_database(mongo, settings.mongo_database))
    heard = Backend(
        backend.log,
        backend.bus,
        backend.collections,
        backend.checkpoints,
        shared(MongoDocuments(collections, backend.checkpoints.checkpoint)),
        backend.store,
    )
    async with client_of(heard, settings) as client:
        yield client
    await close(mongo)


def everything(type_: GraphQLNamedType) -> str:
    """A selection of every field below a type."""
    if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return ""
    return "{ " + " ".join(f"{n} {everything(get_named_type(f.type))}" for n, f in type_.fields.items()) + " }"


def nested_in_node() -> str:
    """Every field of every document, under aliases, so that equal names of other types do not meet."""
    schema = graphql_schema()._schema
    parts: Iterable[str] = (
        f"... on {projection.spec.name} {{ {_aliased(schema.type_map[projection.spec.name], projection.spec.name)} }}"
        for projection in PROJECTIONS
    )
    return "{ __typename " + " ".join(parts) + " }"


def _aliased(type_: GraphQLNamedType, prefix: str) -> str:
    assert isinstance(type_, GraphQLObjectType)
    return " ".join(
        f"{prefix}_{name}: {name} {everything(get_named_type(field.type))}" for name, field in type_.fields.items()
    )


async def test_every_root_field_is_one_command(backend: Backend, client: Client, listener: Listener) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10)
    items = [{"productId": product, "quantity": 2}]
    order = (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key
    await accepted(backend, "PayOrder", orderId=order, method="CARD")
    await caught_up(backend)
    ids = {"order": order, "customer": customer, "product": product, "orderHistory": order, "node": order}
    ids["shippingTask"] = f"shp_{order.removeprefix('ord_')}"
    query = graphql_schema()._schema.query_type
    assert query is not None
    at_least = backend.log.positions.token(await backend.log.head())

    seen = 0
    for name, field in query.fields.items():
        arguments = [f'{"orderId" if name == "orderHistory" else "id"}: "{ids[name]}"'] if name in ids else []
        if "atLeast" in field.args:
            arguments.append(f'atLeast: "{at_least}"')
        if "search" in field.args:
            arguments.append('search: "teapot"')
        selected = nested_in_node() if name == "node" else everything(get_named_type(field.type))
        listener.commands.clear()
        given = f"({', '.join(arguments)})" if arguments else ""

        data = await client.data(f"{{ {name}{given} {selected} }}")

        assert data[name] is not None, name
        assert listener.commands in (["find"], ["aggregate"]), f"{name}: {listener.commands}"
        seen += 1
    assert seen == 13


async def test_every_filter_and_order_is_one_command(client: Client, listener: Listener) -> None:
    schema = graphql_schema()._schema
    for projection in PROJECTIONS:
        if projection.spec.many is None:
            continue
        orders = schema.type_map[f"{projection.spec.name}OrderBy"]
        assert isinstance(orders, GraphQLEnumType)
        for order in orders.values:
            listener.commands.clear()
            await client.data(f"{{ {projection.spec.many}(orderBy: {order}) {{ totalCount nodes {{ id }} }} }}")
            assert listener.commands == ["aggregate"]


async def test_what_is_not_selected_is_not_read(backend: Backend, client: Client, listener: Listener) -> None:
    listener.commands.clear()

    await client.data('mutation { registerCustomer(input: {name: "A", email: "a@shop.test"}) { version } }')

    assert listener.commands == []


async def test_a_payload_is_one_read(backend: Backend, client: Client, listener: Listener) -> None:
    listener.commands.clear()

    selected = "customer { id recentOrders { orderId } }"

    await client.data(f'mutation {{ registerCustomer(input: {{name: "A", email: "a@shop.test"}}) {{ {selected} }} }}')

    assert listener.commands == ["find"]
