"""The servers that the benchmark brings itself, each one process: `python -m bench.launch constant|ordinary|profiled`.

On uvicorn with the settings of `oneread serve`, on a free port, which they print. Each command imports what it runs, so
that its memory is its own.
"""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer
import uvicorn
import uvloop
from starlette.types import ASGIApp

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
def profiled(output: Path) -> None:
    """Serve the API on the databases of its environment, and write a profile of what it did after SIGUSR1 when it ends."""
    from rich.console import Console

    from bench.profiling import profiled_until_stopped
    from server.embedded import embedded_servers
    from server.serving import run_api
    from server.settings import Settings

    settings = Settings(port=0)
    databases = embedded_servers(settings.data_dir, postgres_url=settings.postgres_url, mongo_url=settings.mongo_url)
    with databases as urls, profiled_until_stopped(output):
        _run(run_api(settings, urls, Console()))


async def _serve(served: ASGIApp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print("http://{}:{}".format(*listening.getsockname()), flush=True)
        config = uvicorn.Config(served, log_config=None, access_log=False)
        await uvicorn.Server(config).serve(sockets=[listening])


def _run(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, suppress(KeyboardInterrupt):
        runner.run(main)


if __name__ == "__main__":
    app()
