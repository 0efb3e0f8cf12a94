"""What operators do while the shop is open: rebuild, go back, prune, verify, look, and see to parked documents."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from projections.kernel.errors import NotReady
from projections.kernel.generations import Generation, Purpose, State
from projections.kernel.projection import AnyProjection, Projection
from projections.read_models.customers import CUSTOMERS
from projections.read_models.orders import ORDERS
from projections.read_models.products import PRODUCTS
from server.cli import app
from server.embedded import DatabaseUrls
from server.runs import UnknownProjection, named, prune, rebuild, verify
from server.settings import Settings
from server.shop import DOMAIN, PROJECTIONS
from server.watching import show_status
from server.wiring import Backend, Stores, migrate, open_backend, open_stores
from tests.system.orders import a_customer, a_product, accepted
from tests.system.paper import Paper
from tests.system.shopping import shopping
from tests.system.verify import assert_documents_equal_the_log, caught_up


@pytest.fixture
def paper() -> Paper:
    return Paper()


@pytest.fixture
async def stores(backend: Backend, settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Stores]:
    """The databases of the open shop, as a command opens them."""
    async with open_stores(settings, urls) as opened:
        yield opened


@pytest.fixture
def command(settings: Settings, urls: DatabaseUrls) -> Iterator[Callable[..., Awaitable[Result]]]:
    """Runs `oneread` with some arguments on the databases of the test."""
    given = {"POSTGRES_URL": urls.postgres, "MONGO_URL": urls.mongo, "MONGO_DATABASE": settings.mongo_database}
    env = {f"ONEREAD_{name}": value for name, value in given.items()}
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    async def run(*arguments: str) -> Result:
        # It has an event loop of its own.
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=env)

    yield run
    root.handlers = handlers
    root.setLevel(level)


async def numbers(stores: Stores, projection: AnyProjection) -> tuple[int | None, int | None, int | None]:
    """Which generations are served, being built, and to go back to."""
    alias = await stores.generations.alias(projection)
    assert alias is not None
    return alias.serving, alias.building, alias.former


async def test_read_models_are_rebuilt_while_the_shop_is_open(backend: Backend, stores: Stores, paper: Paper) -> None:
    async with shopping(backend):
        await caught_up(backend)
        assert await rebuild(stores, PROJECTIONS, paper.console, back=False, force=False), paper.text
        assert [await numbers(stores, one) for one in PROJECTIONS] == [(2, None, 1)] * len(PROJECTIONS)
        assert "differ" not in paper.text.replace("no difference", "")

        # The old one has stood still since.
        assert await rebuild(stores, [ORDERS], paper.console, back=True, force=False), paper.text
        assert await numbers(stores, ORDERS) == (1, None, 2)
        assert await verify(stores, [ORDERS, CUSTOMERS], paper.console, paper.console), paper.text

    await assert_documents_equal_the_log(backend)

    assert await prune(stores, PROJECTIONS, paper.console)
    left = await stores.generations.standings(PROJECTIONS)
    assert {one.state for one in left} == {State.SERVED}
    assert len(left) == len(PROJECTIONS)
    assert not await rebuild(stores, [ORDERS], paper.console, back=True, force=False)
    assert "orders has no generation of this version to go back to" in paper.text


async def test_a_damaged_document_is_found_and_the_event_that_should_have_made_it(
    backend: Backend, stores: Stores, paper: Paper
) -> None:
    customer, product = await a_customer(backend), await a_product(backend, 10)
    items = [{"productId": product, "quantity": 1}]
    order = (await accepted(backend, "PlaceOrder", customerId=customer, items=items)).key
    await accepted(backend, "RenameCustomer", customerId=customer, name="Berta")
    renamed = await backend.log.head()
    await accepted(backend, "PayOrder", orderId=order, method="CARD")
    await caught_up(backend)
    documents = stores.collections.documents(Generation(ORDERS, 1))
    await documents.update_one({"_id": order}, {"$set": {"customer.name": "Damaged"}})

    assert not await verify(stores, [ORDERS], paper.console, paper.console)

    [line] = [line for line in paper.text.splitlines() if "customer.name" in line]
    for told in (order, '"Damaged"', '"Berta"', f"{renamed} customer-renamed"):
        assert told in line
    assert "1 document at" in paper.text
    assert "1 differs" in paper.text
    assert [one.generation.number for one in await stores.generations.standings([ORDERS])] == [1]

    assert await rebuild(stores, [ORDERS], paper.console, back=False, force=False)
    assert await verify(stores, [ORDERS], paper.console, paper.console)


async def test_commands_tell_programs_how_it_came_out(
    backend: Backend, stores: Stores, command: Callable[..., Awaitable[Result]]
) -> None:
    await a_customer(backend)
    await caught_up(backend)

    clean = await command("verify", "Customer")
    await stores.collections.documents(Generation(CUSTOMERS, 1)).update_many({}, {"$set": {"name": "Damaged"}})
    damaged = await command("verify")
    status = await command("status", "--json")
    unknown = await command("dead-letters", "retry", "cus_1")
    none = await command("dead-letters", "list")
    pruned = await command("prune")

    assert (clean.exit_code, clean.stdout) == (0, "")
    assert "customers: 1 document at" in clean.stderr
    assert damaged.exit_code == 1
    assert '"Damaged"' in damaged.stdout
    assert "`oneread rebuild customers`" in damaged.stderr.replace("\n", " ")
    assert (status.exit_code, json.loads(status.stdout)["head"]) == (0, await backend.log.head())
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "no dead letter has the key cus_1" in unknown.stderr
    assert (none.exit_code, none.stdout, "no document is parked" in none.stderr) == (0, "", True)
    assert (pruned.exit_code, "nothing to drop" in pruned.stderr) == (0, True)


async def test_after_a_restore_all_is_rebuilt(settings: Settings, urls: DatabaseUrls, paper: Paper) -> None:
    await migrate(settings, urls)
    async with open_backend(settings, urls, project=True) as backend:
        await a_product(backend, 10)
        await caught_up(backend)
    await migrate(settings, urls, renew_log_id=True)
    async with open_backend(settings, urls, project=True) as backend, open_stores(settings, urls) as stores:
        with pytest.raises(NotReady, match="made for another log: `oneread rebuild products`"):
            backend.serving.generation(PRODUCTS)
        assert not await verify(stores, [PRODUCTS], paper.console, paper.console)
        assert "`oneread rebuild products`" in paper.text
        status = await backend.statuses.look()
        assert {one.state for one in status.generations} == {State.OTHER_LOG}
        assert len(status.unserved) == len(PROJECTIONS)

        assert await rebuild(stores, PROJECTIONS, paper.console, back=False, force=False), paper.text

        # Projectors begin by themselves, too, as soon as there is something to build.
        for _ in range(200):
            if len(backend.serving.generations) == len(PROJECTIONS):
                break
            await asyncio.sleep(0.05)
        assert 1 not in [one.number for one in backend.serving.generations]
        await assert_documents_equal_the_log(backend)


async def test_an_idle_shop_is_projected_and_pruned_after_a_rebuild(backend: Backend, stores: Stores, paper: Paper) -> None:
    assert await rebuild(stores, [ORDERS], paper.console, back=False, force=False)
    served, abandoned = Generation(ORDERS, 2), await stores.generations.begin(ORDERS, Purpose.SERVING)

    async def owner() -> str | None:
        standings = await stores.generations.standings([ORDERS])
        return next(one.owner for one in standings if one.generation == served)

    for _ in range(200):
        if await owner() is not None:
            break
        await asyncio.sleep(0.05)

    assert await owner() is not None
    assert await prune(stores, [ORDERS], paper.console)
    assert [one.generation for one in await stores.generations.standings([ORDERS])] == [served, abandoned]
    assert await prune(stores, [ORDERS], paper.console, unfinished=True)
    assert [one.generation for one in await stores.generations.standings([ORDERS])] == [served]


async def test_what_a_killed_verify_has_left_is_dropped_by_the_next(stores: Stores, paper: Paper) -> None:
    left = await stores.generations.begin(ORDERS, Purpose.VERIFYING)

    assert await verify(stores, [ORDERS], paper.console, paper.console)

    assert left not in [one.generation for one in await stores.generations.standings([ORDERS])]


async def test_versions_that_nobody_works_on_are_dropped_on_demand(stores: Stores, paper: Paper) -> None:
    old = Projection(ORDERS.document, version=99)
    await stores.generations.prepare(old, await stores.log.head())

    await prune(stores, PROJECTIONS, paper.console)
    assert f"kept {old.version_id}" in paper.text
    assert not await rebuild(stores, [ORDERS], paper.console, back=True, force=False)
    assert f"once it is deployed again: {old.version_id}" in paper.text

    await prune(stores, PROJECTIONS, paper.console, other_versions=True)
    assert await stores.other_versions.find(PROJECTIONS) == []


async def test_the_status_as_a_table_and_as_json(backend: Backend, stores: Stores, paper: Paper) -> None:
    await a_customer(backend)
    await caught_up(backend)
    await stores.generations.begin(ORDERS, Purpose.SERVING)

    await show_status(stores, DOMAIN.reactions, paper.console, as_json=True, watch=False)
    told = json.loads(paper.text)
    await show_status(stores, DOMAIN.reactions, paper.console, as_json=False, watch=False)

    head = await backend.log.head()
    assert told["head"] == head
    lines = {(one["name"], one["state"]): one for one in told["generations"]}
    assert len(lines) == len(PROJECTIONS) + 1
    served, building = lines["orders", "SERVED"], lines["orders", "BUILDING"]
    assert (served["checkpoint"], served["behind"], served["eventsPerSecond"], served["workedOn"]) == (head, 0, 0.0, True)
    assert (building["checkpoint"], building["behind"], building["workedOn"]) == (0, head, False)
    assert building["oldestPendingSeconds"] > 0
    assert "stopped 0%" in paper.text
    assert [(one["name"], one["behind"], one["off"]) for one in told["reactions"]] == [
        ("cancel-unpaid", head, False),
        ("review-stock", head, False),
    ]
    assert "cancel-unpaid" in paper.text


def test_names_are_those_of_collections_and_of_documents_in_any_case() -> None:
    assert named(["Order", "orders", "customers"], PROJECTIONS) == [ORDERS, CUSTOMERS]
    with pytest.raises(UnknownProjection, match=r"'nobody': there are .*orders"):
        named(["nobody"], PROJECTIONS)
