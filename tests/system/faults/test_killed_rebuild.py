"""A rebuild under load that is killed again and again ends as one that never was, and nobody who reads is told of it."""

import asyncio
import signal
from collections.abc import Mapping, Sequence
from functools import partial

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from projections.kernel.comparing import Comparing
from projections.kernel.errors import InUse
from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection
from projections.kernel.rebuilding import Builds, Rebuilding
from projections.kernel.steps import unwatched
from projections.read_models.customers import CUSTOMERS
from projections.read_models.orders import ORDERS
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import Backend, now, open_stores
from tests.system.children import PATIENCE, Child
from tests.system.client import Client, client_of
from tests.system.faults.processes import Fate
from tests.system.faults.works import Unobserved
from tests.system.orders import accepted
from tests.system.serving import served
from tests.system.shopping import shopping
from tests.system.verify import assert_documents_equal_the_log, caught_up
from tests.system.watchers import Watcher, by_socket

REBUILT = (ORDERS, CUSTOMERS)
BATCH = 50
BEFORE = 500
"""So many events there are before the first rebuild."""

FATES = (
    Fate("build: batch committed", 5),
    Fate("build: batch committed", 15),
    Fate("build: completed"),
    Fate("build: compared"),
    Fate("switch: alias written"),
)
READ = """query($id: ID!) {
    orders(first: 3) { position totalCount nodes { id customer { name } } } customer(id: $id) { name orderCount } }"""
WATCH = "subscription($id: ID!) { customerChanged(id: $id) { kind position customer { name orderCount } } }"


@pytest.fixture
def settings(mongo_database: str) -> Settings:
    """Whoever is killed is replaced soon."""
    return Settings(mongo_database=mongo_database, lease=0.5)


async def rebuild(settings: Settings, urls: DatabaseUrls, fate: Fate | None = None) -> None:
    """Rebuilds, once nobody else does."""
    steps = unwatched if fate is None else fate.steps()
    async with open_stores(settings, urls, steps) as stores:
        left: Sequence[AnyProjection] = REBUILT
        while left:
            builds = Builds(stores.log, stores.store, now, settings.lease, BATCH, steps)
            rebuilding = Rebuilding(stores.generations, builds, Comparing(stores.excerpts, stores.log))
            outcomes = await rebuilding.rebuild(left, Unobserved())
            left = [one for one, outcome in outcomes.items() if isinstance(outcome, InUse)]
            for outcome in outcomes.values():
                if isinstance(outcome, Exception) and not isinstance(outcome, InUse):
                    raise outcome
            await asyncio.sleep(0.05)


def rebuild_in_a_process(settings: Settings, urls: DatabaseUrls, fate: Fate | None) -> None:
    asyncio.run(rebuild(settings, urls, fate))


class Reader:
    """Reads all the time. Whatever it reads is later than what it has read before."""

    def __init__(self, client: Client, customer: str) -> None:
        self._client = client
        self._customer = customer
        self.reads = 0

    async def run(self) -> None:
        """Reads until it is cancelled; an answer with errors ends it."""
        before = ("", 0, 0)
        while True:
            found = await self._client.data(READ, {"id": self._customer})
            now = (found["orders"]["position"], found["orders"]["totalCount"], found["customer"]["orderCount"])
            assert all(one <= other for one, other in zip(before, now, strict=True)), (before, now)
            before = now
            self.reads += 1
            await asyncio.sleep(0.01)


async def watch(watcher: Watcher, last: str) -> None:
    """Watches a customer until it has its last name: nothing goes back."""
    before = ("", 0)
    while True:
        change = await watcher.change()
        now = (change["position"], change["customer"]["orderCount"])
        assert all(one <= other for one, other in zip(before, now, strict=True)), (before, now)
        if change["customer"]["name"] == last:
            return
        before = now


async def contents(backend: Backend, generation: Generation) -> Mapping[str, bytes]:
    """The bytes of every document."""
    raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    documents = backend.collections.documents(generation).with_options(codec_options=raw)
    return {found["_id"]: bytes(found.raw) async for found in documents.find()}


async def test_killed_five_times(backend: Backend, settings: Settings, urls: DatabaseUrls) -> None:
    async with (
        served(backend, settings, stopping=backend.hub.close) as site,
        client_of(backend, settings) as client,
        shopping(backend, shoppers=2) as customers,
    ):
        async with asyncio.timeout(PATIENCE):
            while await backend.log.head() < BEFORE:  # noqa: ASYNC110 (nobody tells)
                await asyncio.sleep(0.05)
        async with by_socket(site, WATCH, {"id": customers[0]}) as watcher:
            reader = Reader(client, customers[0])
            reading = asyncio.create_task(reader.run())
            watching = asyncio.create_task(watch(watcher, "Zoe"))
            for fate in (*FATES, None):
                with Child(partial(rebuild_in_a_process, settings, urls, fate)) as rebuilding:
                    assert await rebuilding.ended() == (0 if fate is None else -signal.SIGKILL), fate
                assert not reading.done()
                assert not watching.done()
            reads = reader.reads
            await accepted(backend, "RenameCustomer", customerId=customers[0], name="Zoe")
            await watching
            async with asyncio.timeout(PATIENCE):
                while reader.reads == reads:  # noqa: ASYNC110 (nobody tells)
                    await asyncio.sleep(0.01)
            reading.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled(), reading.exception()

    await assert_documents_equal_the_log(backend)
    killed = [backend.serving.generation(projection) for projection in REBUILT]
    await rebuild(settings, urls)
    await caught_up(backend)
    for before in killed:
        after = backend.serving.generation(before.projection)
        assert before.number < after.number
        assert await contents(backend, before) == await contents(backend, after)
