"""Processes: the API, the projectors, and the demo, which is both and fills an example shop first."""

import asyncio
import gc
import socket
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.api import build_app
from server.demo.fill import fill
from server.demo.history import Step, history
from server.embedded import DatabaseUrls
from server.settings import Settings
from server.shop import COMMANDS
from server.sockets import Server, ServerConfig
from server.storefront import storefront
from server.wiring import Backend, migrate, now, open_backend, reacting
from write_side.kernel.errors import OnereadError
from write_side.kernel.ids import CommandId
from write_side.orders.reactions import CANCEL_UNPAID


class CannotListen(OnereadError):
    """The address to listen on is not to be had. Carries host and port."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}; choose another --port")
        self.host = host
        self.port = port


async def run_demo(settings: Settings, urls: DatabaseUrls, console: Console, *, example: bool = True) -> None:
    """Migrates, fills the example shop unless that was done before, and serves it with its projectors.

    Without `example` nothing is filled, and the shop is served as it is.
    """
    # Before the minute that filling may take: a port that is taken is told at once.
    with _listen(settings) as listening:
        with console.status("bringing the databases up to date"):
            await migrate(settings, urls)
        async with open_backend(settings, urls, project=True) as backend:
            if example:
                await _fill(backend, console)
            async with reacting(backend, settings):
                await _serve(backend, settings, listening, console)


async def run_api(settings: Settings, urls: DatabaseUrls, console: Console) -> None:
    """Serves the API on migrated databases."""
    with _listen(settings) as listening:
        async with open_backend(settings, urls, project=False) as backend:
            await _serve(backend, settings, listening, console)


async def run_projectors(settings: Settings, urls: DatabaseUrls, console: Console) -> None:
    """Keeps the read models up with the log, and has the shop's reactions run, until it is stopped."""
    async with open_backend(settings, urls, project=True, serve=False) as backend, reacting(backend, settings):
        console.print("projecting; Ctrl-C stops it")
        await asyncio.Event().wait()


async def _fill(backend: Backend, console: Console) -> None:
    steps = history(now())
    last = CommandId(steps[-1].input["commandId"])
    if await backend.log.find_command(last) is not None:
        console.print("the shop is as you left it")
    else:
        await _fill_now(backend, console, steps)
    if (filled := await backend.log.find_command(last)) is not None:
        # Its orders are months old, and some wait for their money so that there are such.
        await backend.places.skip(CANCEL_UNPAID.name, filled.position)


async def _fill_now(backend: Backend, console: Console, steps: Sequence[Step]) -> None:
    columns = (TextColumn("filling the example shop"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("fill", total=len(steps))
        await fill(backend.bus, COMMANDS, steps, lambda: progress.advance(task))


async def _serve(backend: Backend, settings: Settings, listening: socket.socket, console: Console) -> None:
    host, port = listening.getsockname()[:2]
    server = Server(ServerConfig(build_app(backend, settings), settings), stopping=backend.hub.close)
    # What is there now stays: the garbage collector need not look through it again and again.
    gc.collect()
    gc.freeze()
    if storefront():
        console.print(f"storefront: [bold]http://{host}:{port}/[/]")
    console.print(f"GraphiQL:   [bold]http://{host}:{port}/graphql[/]")
    console.print(f"health:     http://{host}:{port}/health")
    console.print("Ctrl-C stops everything.")
    await server.serve(sockets=[listening])
    # Uvicorn passes the interruption on when it has stopped: it is to come here, and not where things are put away.
    await asyncio.sleep(0)


def _listen(settings: Settings) -> socket.socket:
    """The socket to serve on, ours from now on: who connects early waits. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise CannotListen(settings.host, settings.port, error.strerror or str(error)) from error
    return listening
