"""The composition root: which implementation stands behind which port, and which tasks keep them going."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from projections.kernel.checkpoints import Checkpoints
from projections.kernel.claim import Claim
from projections.kernel.hub import Hub
from projections.kernel.mongo.client import close, open_client, open_database
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dead_letters import MongoDeadLetters
from projections.kernel.mongo.documents import MongoDocuments
from projections.kernel.mongo.drivers import Driver
from projections.kernel.mongo.excerpts import MongoExcerpts
from projections.kernel.mongo.feed import Feed
from projections.kernel.mongo.generations import MongoGenerations
from projections.kernel.mongo.other_versions import MongoOtherVersions
from projections.kernel.mongo.poll import Poll
from projections.kernel.mongo.store import MongoProjectionStore
from projections.kernel.projection import AnyProjection
from projections.kernel.projector import Pace, Projector
from projections.kernel.reading import Reads
from projections.kernel.replaying import MOST_PENDING, LogReplays
from projections.kernel.serving import Serving
from projections.kernel.sharing import SharedDocuments
from projections.kernel.status import Statuses
from projections.kernel.statuses import LoggedStatuses
from projections.kernel.steps import Steps, unwatched
from projections.kernel.tail import Tail
from projections.kernel.watching import LiveChanges
from server.embedded import DatabaseUrls
from server.reactions import reactions
from server.settings import Settings
from server.shop import CODEC, DOMAIN, PROJECTIONS
from write_side.kernel.bus import CommandBus, Limits
from write_side.kernel.committer import GroupCommit
from write_side.kernel.postgres.connections import open_pool
from write_side.kernel.postgres.listener import listen
from write_side.kernel.postgres.migrate import migrate as migrate_log
from write_side.kernel.postgres.places import PostgresPlaces
from write_side.kernel.postgres.store import PostgresLog
from write_side.kernel.reactor import Reactor

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backend:
    """Everything behind the API in one process: the log and its bus, the documents, and the projectors if it has any.

    Whoever watches documents does so until `hub` is closed: a server does that before it waits for its last answers.
    """

    log: PostgresLog
    bus: CommandBus
    places: PostgresPlaces
    collections: Collections
    serving: Serving
    checkpoints: Checkpoints
    documents: SharedDocuments
    replays: LogReplays
    hub: Hub
    changes: LiveChanges
    statuses: Statuses
    projectors: list[Projector] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WriteSide:
    """The log and its bus."""

    log: PostgresLog
    bus: CommandBus


@dataclass(frozen=True, slots=True)
class Stores:
    """Both databases, and what is kept in them, without anything that runs."""

    log: PostgresLog
    places: PostgresPlaces
    collections: Collections
    store: MongoProjectionStore
    generations: MongoGenerations
    dead_letters: MongoDeadLetters
    excerpts: MongoExcerpts
    other_versions: MongoOtherVersions


def shared(reads: Reads, driver: Driver) -> SharedDocuments:
    """The reads of one process, shared by those who wait.

    Tuned with 64 readers, by what a read takes. By id, a second command under way keeps the process busy while MongoDB
    works on the first; with Motor it is one more thread that wants the interpreter, and costs more than it brings. Of
    pages, two commands with up to eight pages each keep MongoDB busy; with three or four a page takes a tenth more time.
    """
    return SharedDocuments(reads, ids_in_flight=1 if driver == "motor" else 2, pages_in_flight=2)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


async def migrate(settings: Settings, urls: DatabaseUrls, *, renew_log_id: bool = False) -> list[str]:
    """Brings both databases up to date. Returns the names of the migrations that it ran.

    Raises `LogUnavailable` and `StoreUnavailable`.
    """
    ran = await migrate_log(urls.postgres, renew_log_id=renew_log_id)
    async with open_stores(settings, urls) as stores:
        for reaction in DOMAIN.reactions:
            await stores.places.begin(reaction.name)
        head = await stores.log.head()
        for projection in PROJECTIONS:
            await stores.generations.prepare(projection, head)
    return ran


@asynccontextmanager
async def open_backend(
    settings: Settings,
    urls: DatabaseUrls,
    *,
    project: bool,
    serve: bool = True,
    projections: Sequence[AnyProjection] = PROJECTIONS,
    pace: Pace | None = None,
    steps: Steps = unwatched,
) -> AsyncIterator[Backend]:
    """The backend on migrated databases, with the tasks running that requests need, and those that `project`.

    Without `serve` nobody is to send it requests: following what is committed costs the database, too. `pace` is how its
    projectors work, with the settings' lease unless it is given.

    Raises `NotMigrated`, `LogUnavailable`, `StoreUnavailable`.
    """
    async with open_stores(settings, urls, steps) as stores:
        log, collections = stores.log, stores.collections
        committer = GroupCommit(log)
        serving = Serving(projections, log.positions.log_id)
        checkpoints = Checkpoints(serving)
        poll = Poll(collections, serving, checkpoints)
        await poll.refresh()
        documents = shared(MongoDocuments(collections, serving, checkpoints), settings.mongo_driver)
        # As many events as a read may want to fold: who is behind is so for many reads.
        tail = Tail(log, kept=MOST_PENDING)
        hub = Hub(log.positions)
        changes = LiveChanges(hub, documents, checkpoints, log.positions)
        backend = Backend(
            log,
            CommandBus(log, committer, now, Limits(settings.command_queue, settings.command_timeout)),
            stores.places,
            collections,
            serving,
            checkpoints,
            documents,
            LogReplays(documents, checkpoints, tail, log.positions),
            hub,
            changes,
            LoggedStatuses(projections, stores.generations, log, log.positions),
        )
        feed = Feed(collections, serving, checkpoints, changes, poll.soon)

        def moved(claim: Claim) -> None:
            # Before the position: whoever is woken by it is to know what is not in the documents.
            serving.told(claim.generation, {key: letter.position for key, letter in claim.parked.items()})
            checkpoints.heard(claim.generation, claim.checkpoint.position)

        tasks = [listen(urls.postgres, log.appended), committer.run()]
        if serve:
            tasks += [poll.run(), feed.run(), changes.run()]
        if project:
            owner = secrets.token_hex(8)
            backend.projectors.extend(
                Projector(
                    projection,
                    log,
                    tail,
                    stores.store,
                    stores.generations,
                    owner,
                    now,
                    pace=pace or Pace(lease=settings.lease),
                    moved=moved,
                    steps=steps,
                )
                for projection in projections
            )
            tasks += [projector.run() for projector in backend.projectors]
        try:
            async with _running(tasks):
                try:
                    yield backend
                finally:
                    hub.close()
        finally:
            await backend.documents.close()


@asynccontextmanager
async def open_write_side(urls: DatabaseUrls) -> AsyncIterator[WriteSide]:
    """The log with its bus running, and no documents: what sends commands and reads nothing needs no more.

    Raises `NotMigrated`, `LogUnavailable`.
    """
    pool = await open_pool(urls.postgres)
    try:
        log = await PostgresLog.open(pool, CODEC)
        committer = GroupCommit(log)
        async with _running([committer.run()]):
            yield WriteSide(log, CommandBus(log, committer, now))
    finally:
        await _close_pool(pool)


@asynccontextmanager
async def reacting(backend: Backend, settings: Settings) -> AsyncIterator[None]:
    """Has the shop's reactions run on a backend, as the settings have them."""
    bus, log = backend.bus, backend.log
    reactors = [Reactor(reaction, backend.places, log, log.appended, bus) for reaction in reactions(settings)]
    async with _running([reactor.run() for reactor in reactors]):
        yield


@asynccontextmanager
async def open_stores(settings: Settings, urls: DatabaseUrls, steps: Steps = unwatched) -> AsyncIterator[Stores]:
    """Both databases, migrated. Raises `NotMigrated`, `LogUnavailable`, `StoreUnavailable`."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(urls.postgres)
        stack.push_async_callback(_close_pool, pool)
        client = open_client(urls.mongo, settings.mongo_driver)
        stack.push_async_callback(close, client)
        collections = Collections(open_database(client, settings.mongo_database))
        log = await PostgresLog.open(pool, CODEC)
        yield Stores(
            log,
            PostgresPlaces(pool, CODEC),
            collections,
            MongoProjectionStore(client, collections, settings.lease, steps),
            MongoGenerations(client, collections, log.positions, log.created_at, steps),
            MongoDeadLetters(collections),
            MongoExcerpts(client, collections),
            MongoOtherVersions(client, collections, steps),
        )


async def _close_pool(pool: Any) -> None:
    try:
        await asyncio.wait_for(pool.close(), 3)
    except TimeoutError:
        pool.terminate()


@asynccontextmanager
async def _running(coroutines: list[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Keeps tasks running. One that ends by itself is a bug, and is said so loudly."""
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    for task in tasks:
        task.add_done_callback(_report)
    try:
        yield
    finally:
        going = set(tasks)
        while going:
            # Again and again: a driver may take a cancellation for a connection that failed, and be asked to try once more.
            for task in going:
                task.cancel()
            _, going = await asyncio.wait(going, timeout=1)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.critical("a background task ended", exc_info=error)
