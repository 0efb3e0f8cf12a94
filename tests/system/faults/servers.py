"""Servers that nobody else uses: they are killed and started again, and MongoDB fails where it is told to."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from server.embedded import DatabaseUrls, EmbeddedServers

ELSEWHERE = DatabaseUrls(postgres="postgresql://elsewhere", mongo="mongodb://elsewhere")
"""Stands for the server that is another's affair."""


class Server:
    """One server on its folder, made anew by `make` each time it is started."""

    def __init__(self, folder: Path, make: Callable[[Path], EmbeddedServers]) -> None:
        self._folder = folder
        self._make = make
        self._servers = make(folder)
        self.runs = False
        self.urls: DatabaseUrls

    def start(self) -> None:
        """Starts it, unless it runs, and waits until it is up."""
        if not self.runs:
            self.urls = self._servers.__enter__()
            self.runs = True

    def kill(self) -> None:
        """Ends it at once, with all of its processes. It can be started again."""
        for server in psutil.Process().children():
            if any(str(self._folder) in part for part in server.cmdline()):
                for process in (server, *server.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        process.kill()
        self.stop()
        self._servers = self._make(self._folder)

    def stop(self) -> None:
        """Stops it, if it runs."""
        self._servers.__exit__(None, None, None)
        self.runs = False


def postgres_server(folder: Path) -> Server:
    """A PostgreSQL on its folder."""
    return Server(folder, lambda data: EmbeddedServers(data, mongo_url=ELSEWHERE.mongo))


class Servers:
    """Both, each on a folder of its own below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.postgres = postgres_server(folder / "a")
        self.mongo = Server(
            folder / "b",
            lambda data: EmbeddedServers(
                data, postgres_url=ELSEWHERE.postgres, mongo_parameters={"enableTestCommands": "1"}
            ),
        )

    @property
    def urls(self) -> DatabaseUrls:
        """Where they are now."""
        return DatabaseUrls(postgres=self.postgres.urls.postgres, mongo=self.mongo.urls.mongo)

    def start(self) -> None:
        """Starts those that do not run."""
        self.mongo.start()
        self.postgres.start()

    def stop(self) -> None:
        """Ends both. Nobody wants to see again what they have."""
        self.mongo.kill()
        self.postgres.kill()
