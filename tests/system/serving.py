"""An application served as `oneread serve` does, in the test's own process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from server.api import build_app
from server.settings import Settings
from server.sockets import Server, ServerConfig
from server.storefront import BUILT
from server.wiring import Backend


@asynccontextmanager
async def served(
    backend: Backend,
    settings: Settings,
    *,
    port: int = 0,
    built: Path = BUILT,
    stopping: Callable[[], None] = lambda: None,
) -> AsyncIterator[str]:
    """Where the API is served, over real HTTP. The backend goes on afterwards, except for what `stopping` ends."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        server = Server(ServerConfig(build_app(backend, settings, built=built), settings), stopping)
        # Signals are pytest's.
        serving = asyncio.create_task(server._serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving
