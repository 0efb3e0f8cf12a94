"""Projectors beside an API that has none of its own: started and stopped at will."""

import os
import sys
from contextlib import AsyncExitStack
from functools import partial

from server.cli import main
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import open_backend
from tests.system.children import Child


class Projectors:
    """All of a shop's projectors. To be left with `stop`."""

    def __init__(self, settings: Settings, urls: DatabaseUrls) -> None:
        self._settings = settings
        self._urls = urls
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Has them work."""
        await self._running.enter_async_context(open_backend(self._settings, self._urls, project=True))

    async def stop(self) -> None:
        """Has them stop; they give up their leases."""
        await self._running.aclose()


def a_process(settings: Settings, urls: DatabaseUrls, lease: float) -> Child:
    """A process that does what `oneread project` does."""
    env = {
        "ONEREAD_POSTGRES_URL": urls.postgres,
        "ONEREAD_MONGO_URL": urls.mongo,
        "ONEREAD_MONGO_DATABASE": settings.mongo_database,
        "ONEREAD_LEASE": str(lease),
    }
    return Child(partial(_project, env))


def _project(env: dict[str, str]) -> None:
    os.environ.update(env)
    sys.argv = ["oneread", "project"]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    main()
