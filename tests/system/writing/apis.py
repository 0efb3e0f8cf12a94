"""APIs, each a process that does what `oneread serve` does, at the same port each time that it is begun."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx

from server.cli import main
from server.embedded import DatabaseUrls
from server.embedded.mongo import free_port
from server.settings import Settings
from tests.system.children import PATIENCE, Child


class Api:
    """One of them. What it says goes to a file in `folder`."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        port = free_port()
        self._log = folder / f"api-{port}.log"
        self._work = partial(_serve, dict(environment), port, self._log)
        self._child: Child | None = None
        self.place = f"127.0.0.1:{port}"
        self.begun = 0
        """How often it was begun."""

    def keep_up(self) -> None:
        """Begins it, unless it runs."""
        if self._child is not None and not self._child.is_alive:
            self.kill()
        if self._child is None:
            self._child = Child(self._work)
            self.begun += 1

    def kill(self) -> None:
        """Ends it at once, if it runs."""
        if self._child is not None:
            with self._child:
                self._child = None

    async def serves(self) -> None:
        """Waits until it does."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
            while True:
                with suppress(httpx.TransportError):
                    await http.get(f"http://{self.place}/graphql", params={"query": "{ __typename }"})
                    return
                await asyncio.sleep(0.05)

    @property
    def pid(self) -> int:
        """The number of its process."""
        assert self._child is not None
        return self._child.pid

    @property
    def said(self) -> str:
        """What it has said, each time that it ran."""
        return self._log.read_text()


@contextmanager
def apis(settings: Settings, urls: DatabaseUrls, folder: Path, number: int = 2, **more: str) -> Iterator[list[Api]]:
    """So many of them, begun. `more` are further variables of the environment."""
    environment = {
        "ONEREAD_POSTGRES_URL": urls.postgres,
        "ONEREAD_MONGO_URL": urls.mongo,
        "ONEREAD_MONGO_DATABASE": settings.mongo_database,
        **more,
    }
    made = [Api(environment, folder) for _ in range(number)]
    try:
        for api in made:
            api.keep_up()
        yield made
    finally:
        for api in made:
            api.kill()


def _serve(environment: Mapping[str, str], port: int, said: Path) -> None:
    os.environ.update(environment)
    sys.argv = ["oneread", "serve", "--port", str(port)]
    with said.open("ab") as log:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(log.fileno(), stream.fileno())
    main()
