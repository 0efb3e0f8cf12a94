"""Both embedded servers of a data directory, run by one process and shared with those who join it."""

import atexit
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from server.embedded.errors import EmbeddedServerError
from server.embedded.mongo import EmbeddedMongo
from server.embedded.ownership import POLL_SECONDS, DatabaseUrls, Ownership
from server.embedded.postgres import EmbeddedPostgres

logger = logging.getLogger(__name__)

START_PATIENCE = 120.0
STOP_PATIENCE = 30.0


class EmbeddedServers:
    """The servers of a data directory, as a context manager that gives their URLs.

    The first process to enter starts them and stops them when it leaves; those who enter meanwhile join
    them and leave them running. Enter from the main thread: the servers end with the thread that started
    them. A database whose URL is given is used as it is, and no server started in its place; with both
    given the directory is not touched. Unless `make`, one that has no databases is refused.
    `mongo_parameters` are `EmbeddedMongo`'s; `start_patience` and `stop_patience` are in seconds.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        postgres_url: str | None = None,
        mongo_url: str | None = None,
        make: bool = True,
        mongo_parameters: Mapping[str, str] | None = None,
        start_patience: float = START_PATIENCE,
        stop_patience: float = STOP_PATIENCE,
    ) -> None:
        # A path through a link would be another name for the same servers.
        self.data_dir = data_dir.expanduser().resolve()
        self._postgres_url = postgres_url
        self._mongo_url = mongo_url
        self._make = make
        self._mongo_parameters = mongo_parameters
        self._ownership = Ownership(self.data_dir)
        self._start_patience = start_patience
        self._stop_patience = stop_patience
        self._servers: list[EmbeddedMongo | EmbeddedPostgres] = []
        self._owner: int | None = None

    @property
    def joined(self) -> bool:
        """Whether the servers are another process's."""
        return self._owner is None

    def __enter__(self) -> DatabaseUrls:
        """Start the servers or join them; raises EmbeddedServerError when neither can be done."""
        if self._postgres_url is not None and self._mongo_url is not None:
            return DatabaseUrls(postgres=self._postgres_url, mongo=self._mongo_url)
        if not self._make:
            self._demand_databases()
        deadline = time.monotonic() + self._start_patience
        while not self._ownership.claim():
            if urls := self._ownership.announced():
                logger.info("joined the embedded databases of another process")
                return DatabaseUrls(postgres=self._postgres_url or urls.postgres, mongo=self._mongo_url or urls.mongo)
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"Another process holds {self.data_dir}, and its servers did not come up.",
                    advice="Look at what it prints, or end it and start again.",
                )
            time.sleep(POLL_SECONDS)
        self._owner = os.getpid()
        atexit.register(self._stop)
        try:
            return self._start()
        except BaseException:
            self._stop()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _demand_databases(self) -> None:
        wanted = {"postgres": self._postgres_url, "mongo": self._mongo_url}
        if not all((self.data_dir / name).exists() for name, url in wanted.items() if url is None):
            raise EmbeddedServerError(
                f"There are no databases in {self.data_dir}.",
                advice="Name the one that has them (--data-dir, or ONEREAD_DATA_DIR); `oneread migrate` makes new ones.",
            )

    def _start(self) -> DatabaseUrls:
        began = time.monotonic()
        deadline = began + self._start_patience
        lease = self._ownership.lease(self._start_patience)
        try:
            mongo = None
            if not self._mongo_url:
                mongo = EmbeddedMongo(self.data_dir, lease=lease, parameters=self._mongo_parameters)
            postgres = None if self._postgres_url else EmbeddedPostgres(self.data_dir, lease=lease)
            self._servers = [server for server in (mongo, postgres) if server is not None]
            # Both before waiting for either: a new cluster is made while MongoDB wakes up.
            for server in self._servers:
                server.start()
            for server in self._servers:
                server.wait(deadline - time.monotonic())
        finally:
            os.close(lease)
        urls = DatabaseUrls(postgres=_url(postgres, self._postgres_url), mongo=_url(mongo, self._mongo_url))
        self._ownership.announce(urls)
        logger.info("embedded databases are up", extra={"seconds": round(time.monotonic() - began, 2)})
        return urls

    def _stop(self) -> None:
        atexit.unregister(self._stop)
        # A process forked from the owner's runs its exit functions as well, and owns nothing.
        if self._owner != os.getpid():
            return
        self._ownership.withdraw()
        for server in self._servers:
            server.ask_to_stop()
        for server in self._servers:
            server.stop(self._stop_patience)
        self._servers = []
        self._owner = None
        self._ownership.release()


def embedded_servers(
    data_dir: Path, *, postgres_url: str | None = None, mongo_url: str | None = None, make: bool = True
) -> EmbeddedServers:
    """Return the servers of a data directory, to be entered: they give their URLs, and the given ones as they are."""
    return EmbeddedServers(data_dir, postgres_url=postgres_url, mongo_url=mongo_url, make=make)


def _url(server: EmbeddedPostgres | EmbeddedMongo | None, given: str | None) -> str:
    if server is not None:
        return server.url
    assert given is not None, "a server is started unless its URL is given"
    return given
