"""The servers that the benchmarks bring themselves: `python -m bench.launch constant|ordinary|pushing|profiled|together`.

Each is one process, on uvicorn with the settings of `oneread serve`, on a free port, which it prints. Each command imports
what it runs, so that its memory is its own.
"""

import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
import uvicorn
from starlette.types import ASGIApp

from bench.wire.loop import run

if TYPE_CHECKING:
    from server.embedded import DatabaseUrls
    from server.settings import Settings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def constant(answers: Path) -> None:
    """Serve the answers in a folder, each at the name of its file."""
    from bench.ceiling import constant_app

    _run(_serve(constant_app({path.stem: path.read_bytes() for path in answers.glob("*.json")})))


@app.command()
def ordinary(mongo_url: str, database: str, collection: str) -> None:
    """Serve strawberry's ordinary execution over a collection of orders."""
    from motor.motor_asyncio import AsyncIOMotorClient

    from bench.ordinary import OrdinaryApp

    async def serve() -> None:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_url)
        await _serve(OrdinaryApp(client[database][collection]))

    _run(serve())


@app.command()
def pushing(orders: Path) -> None:
    """Serve strawberry's own subscriptions of the orders in a file."""
    import orjson

    from bench.pushing import PushingApp

    stored = {order["id"]: order for order in orjson.loads(orders.read_bytes())}
    _run(_serve(PushingApp(stored), ws="websockets-sansio", ws_per_message_deflate=False))


@app.command()
def profiled(output: Path) -> None:
    """Serve the API on the databases of its environment, and write a profile when it ends: see `bench.profiling`."""
    from rich.console import Console

    from bench.profiling import profiled_until_stopped
    from server.serving import run_api

    with _databases() as (settings, urls), profiled_until_stopped(output):
        _run(run_api(settings, urls, Console()))


@app.command()
def together() -> None:
    """Serve the API with its projectors, as the demo does, on the databases of its environment as they are."""
    from rich.console import Console

    from server.serving import run_demo

    with _databases() as (settings, urls):
        _run(run_demo(settings, urls, Console(), example=False))


@contextmanager
def _databases() -> Iterator["tuple[Settings, DatabaseUrls]"]:
    """The settings of the environment, and the databases that they name."""
    from server.embedded import embedded_servers
    from server.settings import Settings

    settings = Settings(port=0)
    with embedded_servers(settings.data_dir, postgres_url=settings.postgres_url, mongo_url=settings.mongo_url) as urls:
        yield settings, urls


async def _serve(served: ASGIApp, **config: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print("http://{}:{}".format(*listening.getsockname()), flush=True)
        server = uvicorn.Server(uvicorn.Config(served, log_config=None, access_log=False, **config))
        await server.serve(sockets=[listening])


def _run(main: Coroutine[Any, Any, None]) -> None:
    # As in the command line: what was opened is closed in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        run(main)


if __name__ == "__main__":
    app()
