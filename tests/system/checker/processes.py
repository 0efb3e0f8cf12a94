"""The shop as it is run: two APIs and two projectors, each a process that can be ended, held up and begun again."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from server.embedded import DatabaseUrls
from server.embedded.mongo import free_port
from server.settings import Settings

ROOT = Path(__file__).parents[3]
PROGRAM = "from server.cli import main; main()"
PATIENCE = 30.0


class Process:
    """One `oneread` process. What it says goes to a file."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], log: Path) -> None:
        self._command = [sys.executable, "-c", PROGRAM, *arguments]
        self._environment = environment
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Begins it, unless it runs."""
        if self._process is None:
            with self._log.open("ab") as log:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=log
                )

    async def end(self, how: signal.Signals) -> None:
        """Ends it, and waits until it has ended. Raises `AssertionError` when it had ended by itself."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.returncode is None, f"a process ended by itself:\n{self.said}"
        process.send_signal(how)
        async with asyncio.timeout(PATIENCE):
            await process.wait()

    def signal(self, what: signal.Signals) -> None:
        """Sends a signal that does not end it."""
        if self._process is not None:
            self._process.send_signal(what)

    @property
    def said(self) -> str:
        """The end of what it has said."""
        return self._log.read_text()[-4_000:]


class Api(Process):
    """A process that serves, at the same port each time."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._port = free_port()
        super().__init__(["serve", "--port", str(self._port)], environment, log)
        self.place = f"127.0.0.1:{self._port}"

    async def serves(self) -> None:
        """Waits until it serves."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as http:
            while True:
                try:
                    if (await http.get(f"http://{self.place}/health")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)


class Processes:
    """All of them."""

    def __init__(self, settings: Settings, urls: DatabaseUrls, folder: Path) -> None:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ONEREAD_")},
            "ONEREAD_POSTGRES_URL": urls.postgres,
            "ONEREAD_MONGO_URL": urls.mongo,
            "ONEREAD_MONGO_DATABASE": settings.mongo_database,
            "ONEREAD_FRESH_WAIT": str(settings.fresh_wait),
            "ONEREAD_LEASE": str(settings.lease),
        }
        self.apis = [Api(environment, folder / f"api-{number}.log") for number in (1, 2)]
        self.projectors = [Process(["project"], environment, folder / f"projector-{number}.log") for number in (1, 2)]

    async def start(self) -> None:
        """Begins those that do not run, lets go of those that are held up, and waits until the APIs serve."""
        for process in (*self.projectors, *self.apis):
            process.signal(signal.SIGCONT)
            await process.start()
        await asyncio.gather(*(api.serves() for api in self.apis))

    async def stop(self) -> None:
        """Ends them all."""
        for process in (*self.apis, *self.projectors):
            process.signal(signal.SIGCONT)
        await asyncio.gather(*(process.end(signal.SIGKILL) for process in (*self.apis, *self.projectors)))


@asynccontextmanager
async def running(settings: Settings, urls: DatabaseUrls, folder: Path) -> AsyncIterator[Processes]:
    """All processes, serving, on migrated databases."""
    processes = Processes(settings, urls, folder)
    try:
        await processes.start()
        yield processes
    finally:
        await processes.stop()
