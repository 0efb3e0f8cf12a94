"""An API that is stopped and started, always on the same port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from projections.kernel.hub import Hub
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import open_backend
from tests.system.serving import served

PATIENCE = 30.0


class Api:
    """The API of a shop whose databases are migrated. To be left with `stop`."""

    def __init__(self, settings: Settings, urls: DatabaseUrls) -> None:
        self._settings = settings
        self._urls = urls
        self._running = AsyncExitStack()
        self.url = ""
        self._hub: Hub

    async def start(self) -> None:
        """Serves, with nothing in memory from before."""
        backend = await self._running.enter_async_context(open_backend(self._settings, self._urls, project=False))
        self._hub = backend.hub
        site = served(backend, self._settings, port=urlsplit(self.url).port or 0, stopping=backend.hub.close)
        self.url = await self._running.enter_async_context(site)

    async def watched_by(self, clients: int) -> None:
        """Waits until so many subscriptions are under way."""
        for _ in range(int(PATIENCE * 100)):
            if sum(len(room.mailboxes) for _, room in self._hub.rooms) >= clients:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"not all of {clients} have come back")

    async def stop(self) -> None:
        """Tells all clients to come back, and serves no more."""
        await self._running.aclose()


@asynccontextmanager
async def opened_api(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Api]:
    """An API that serves."""
    api = Api(settings, urls)
    await api.start()
    try:
        yield api
    finally:
        await api.stop()
