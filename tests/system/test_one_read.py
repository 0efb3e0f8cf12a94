"""Each root field of a query is one MongoDB command at most, whatever it nests, and an index answers it."""

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
)
from hypothesis import HealthCheck, given, settings

from projections.kernel.mongo.commands import READ_LIMIT_MS
from server.api import graphql_schema
from server.shop import DOMAIN, PROJECTIONS
from server.wiring import Backend
from tests.schema.operations.operations import Request, requests
from tests.schema.operations.vocabulary import vocabulary
from tests.system.client import Client
from tests.system.listener import Awaited, Listener, plan_of
from tests.system.orders import a_customer, a_product, accepted
from tests.system.selecting import everything, nested_in_node
from tests.system.verify import caught_up


async def test_every_root_field_is_one_command(backend: Backend, heard: Client, listener: Listener) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10)
    items = [{"productId": product, "quantity": 2}]
    order = (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key
    await accepted(backend, "PayOrder", orderId=order, method="CARD")
    await accepted(backend, "SetReorderLevel", productId=product, level=10)
    await accepted(backend, "ReviewStock", productId=product)
    await caught_up(backend)
    ids = {"order": order, "customer": customer, "product": product, "orderHistory": order, "node": order}
    ids["shippingTask"] = f"shp_{order.removeprefix('ord_')}"
    ids["reorder"] = f"reo_{product.removeprefix('prd_')}"
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

        data = await heard.data(f"{{ {name}{given} {selected} }}")

        assert data[name] is not None, name
        [command] = listener.commands
        assert command["maxTimeMS"] == READ_LIMIT_MS
        plan = await plan_of(backend.collections.database, command)
        assert plan.uses_an_index, (name, plan)
        seen += 1
    assert seen == 16


async def test_what_waits_together_is_one_command(backend: Backend, heard: Client, listener: Listener) -> None:
    products = [await a_product(backend, 1) for _ in range(5)]
    await caught_up(backend)
    fields = " ".join(f'p{number}: product(id: "{key}") {{ id name }}' for number, key in enumerate(products))
    pages = " ".join(f"a{number}: products(first: 2) {{ nodes {{ id name }} }}" for number in range(5))

    data = await heard.data(f"{{ {fields} {pages} }}")

    assert [data[f"p{number}"]["id"] for number in range(5)] == products
    assert listener.names == ["find", "find"]


def most_root_fields(text: str) -> int:
    """How many names the answer has at its root, of whichever of the operations has most."""
    definitions = parse(text).definitions
    fragments = {node.name.value: node for node in definitions if isinstance(node, FragmentDefinitionNode)}

    def names(selected: SelectionSetNode) -> set[str]:
        found: set[str] = set()
        for node in selected.selections:
            if isinstance(node, FieldNode):
                found.add((node.alias or node.name).value)
            elif isinstance(node, InlineFragmentNode):
                found |= names(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                found |= names(fragments[node.name.value].selection_set)
        return found

    return max(len(names(node.selection_set)) for node in definitions if isinstance(node, OperationDefinitionNode))


# The drivers' threads choose servers at random while an operation is drawn.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(requests(graphql_schema()._schema, vocabulary(DOMAIN, PROJECTIONS), "query"))
async def test_any_operation_is_at_most_as_many_commands_as_it_has_root_fields(
    backend: Backend, heard: Client, reads: Awaited, listener: Listener, sent: tuple[Request, Request]
) -> None:
    for request in sent:
        listener.commands.clear()
        asked = {"query": request.query, "variables": request.variables, "operationName": request.operation_name}

        await heard.http.post("/graphql", json=asked)

        await reads.idle()
        assert len(listener.commands) <= most_root_fields(request.query)
        for command in listener.commands:
            plan = await plan_of(backend.collections.database, command)
            assert plan.uses_an_index, (command, plan)


async def test_what_is_not_selected_is_not_read(backend: Backend, heard: Client, listener: Listener) -> None:
    listener.commands.clear()

    await heard.data('mutation { registerCustomer(input: {name: "A", email: "a@shop.test"}) { version } }')

    assert listener.commands == []


async def test_a_payload_is_one_read(backend: Backend, heard: Client, listener: Listener) -> None:
    listener.commands.clear()

    selected = "customer { id recentOrders { orderId } }"

    await heard.data(f'mutation {{ registerCustomer(input: {{name: "A", email: "a@shop.test"}}) {{ {selected} }} }}')

    assert listener.names == ["find"]
