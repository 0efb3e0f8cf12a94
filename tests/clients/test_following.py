"""Subscriptions of real clients, over WebSocket and as server-sent events: pushed, and resumed after a restart."""

from typing import Any

from server.wiring import Backend
from tests.clients.api import Api
from tests.clients.node import Program, Programs
from tests.system.orders import a_customer, accepted
from tests.system.verify import caught_up

BY_SOCKET = ("following-ws", "following-apollo", "following-urql")
BY_EVENTS = ("following-sse", "following-source")


async def told_by_each(programs: list[Program]) -> list[Any]:
    """The next change that each of them tells."""
    return [await program.told() for program in programs]


def seen(changes: list[Any]) -> set[tuple[str, str]]:
    """Kinds and names."""
    return {(change["kind"], change["customer"]["name"]) for change in changes}


async def test_subscriptions_go_on_where_they_were(programs: Programs, backend: Backend, api: Api) -> None:
    customer = await a_customer(backend)
    await caught_up(backend)

    async def rename(name: str) -> None:
        await accepted(backend, "RenameCustomer", customerId=customer, name=name)

    async with programs.together((*BY_SOCKET, *BY_EVENTS), api.url, id=customer) as clients:
        first = await told_by_each(clients)
        assert seen(first) == {("SNAPSHOT", "Ann")}
        await rename("Berta")
        second = await told_by_each(clients)
        assert seen(second) == {("UPDATED", "Berta")}

        # Nothing happens while they are away: nothing is told twice.
        await api.stop()
        await api.start()
        await api.watched_by(len(clients))
        await rename("Carla")
        third = await told_by_each(clients)
        # Whoever only just came back may find it there.
        assert seen(third) <= {("UPDATED", "Carla"), ("SNAPSHOT", "Carla")}

        # Things happen while they are away: they hear of the latest.
        await api.stop()
        await rename("Dora")
        await rename("Emma")
        await caught_up(backend)
        await api.start()
        fourth = await told_by_each(clients)
        assert seen(fourth) == {("SNAPSHOT", "Emma")}
        await rename("Frida")
        fifth = await told_by_each(clients)
        assert seen(fifth) == {("UPDATED", "Frida")}
        for client in clients:
            await client.go_on()

    for changes in zip(first, second, third, fourth, fifth, strict=True):
        positions = [change["position"] for change in changes]
        assert positions == sorted(set(positions))


async def test_a_network_that_is_gone_is_found_out(programs: Programs, backend: Backend, api: Api) -> None:
    customer = await a_customer(backend)
    await caught_up(backend)

    async with programs.started("silenced-ws", api.url, id=customer) as client:
        first = await client.told()
        await accepted(backend, "RenameCustomer", customerId=customer, name="Berta")
        second = await client.told()
        await client.go_on()

    assert seen([first, second]) == {("SNAPSHOT", "Ann"), ("SNAPSHOT", "Berta")}


async def test_a_source_that_a_proxy_has_answered_for_the_server_goes_on(
    programs: Programs, backend: Backend, api: Api
) -> None:
    customer = await a_customer(backend)
    await caught_up(backend)

    async with programs.started("refused-source", api.url, id=customer) as client:
        first = await client.told()
        await client.go_on()
        assert await client.told() == "cut"
        await accepted(backend, "RenameCustomer", customerId=customer, name="Berta")
        second = await client.told()
        await client.go_on()
        asked = await client.told()

    assert [first["customer"]["name"], second["customer"]["name"]] == ["Ann", "Berta"]
    # The source itself tells its position by a header.
    assert asked == [None, None, first["position"]]


async def test_urql_alone_takes_events_beside_answers_and_the_servers_stop_for_the_end(
    programs: Programs, backend: Backend, api: Api
) -> None:
    customer = await a_customer(backend)
    await caught_up(backend)

    async with programs.started("fetching-urql", api.url, id=customer) as client:
        told = await client.told()
        await api.stop()
        await client.go_on()
        ended = await client.told()

    assert seen([told["first"], told["second"]]) == {("SNAPSHOT", "Ann"), ("UPDATED", "Berta")}
    assert told["read"]["name"] == "Berta"
    # It says so by telling the last change a second time.
    assert ended == {"hasNext": [True, True, False], "last": told["second"]}
