"""Projectors beside an API that has none of its own: started and stopped at will."""

from contextlib import AsyncExitStack

from server.embedded import DatabaseUrls
from server.settings import Settings
from server.wiring import open_backend


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
