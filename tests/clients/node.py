"""Programs for Node.js with the clients of package.json: installed once, and run against an API."""

import asyncio
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / "build" / "clients"
NODE, NPM = shutil.which("node"), shutil.which("npm")
PATIENCE = 30.0
INSTALL_SECONDS = 120
INSTALL = (
    "install",
    "--loglevel=error",
    "--no-package-lock",
    "--no-audit",
    "--no-fund",
    "--ignore-scripts",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=2000",
    "--fetch-timeout=20000",
)


def install() -> Path:
    """A folder of `node_modules` with what package.json names, made when there is none for it as it is now.

    Skips where the packages cannot be had.
    """
    package = (HERE / "package.json").read_bytes()
    folder = INSTALLED / hashlib.sha256(package).hexdigest()[:16]
    if folder.is_dir():
        return folder
    INSTALLED.mkdir(parents=True, exist_ok=True)
    assert NPM is not None
    with tempfile.TemporaryDirectory(dir=INSTALLED) as scratch:
        fresh = Path(scratch) / "whole"
        fresh.mkdir()
        (fresh / "package.json").write_bytes(package)
        try:
            subprocess.run([NPM, *INSTALL], cwd=fresh, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"npm could not install the clients: {error.stderr.strip()[:300]}")
        except subprocess.TimeoutExpired:
            pytest.skip(f"npm did not install the clients in {INSTALL_SECONDS} s")
        # Of two sessions at once the other may have been faster.
        with suppress(OSError):
            fresh.rename(folder)
    return folder


class Program:
    """A program that runs. It tells by lines of JSON, and waits for lines where it has to."""

    def __init__(self, name: str, process: asyncio.subprocess.Process) -> None:
        self._name = name
        self._process = process

    async def told(self) -> Any:
        """What it tells next. It fails with what the program complains of when it tells nothing."""
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        except TimeoutError:
            self._process.kill()
            line = b""
        if not line:
            raise AssertionError(f"{self._name} told nothing: {await self._complaint()}")
        return json.loads(line)

    async def go_on(self) -> None:
        """Lets it go on from where it waits."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self._process.stdin.drain()

    async def ended(self) -> None:
        """Waits for its end, which has to be a good one."""
        async with asyncio.timeout(PATIENCE):
            complaint = await self._complaint()
        assert self._process.returncode == 0, f"{self._name}: {complaint}"

    async def _complaint(self) -> str:
        assert self._process.stderr is not None
        complaint = await self._process.stderr.read()
        await self._process.wait()
        return complaint.decode()


class Programs:
    """The programs in `cases`, as copied to a folder where they find what they import."""

    def __init__(self, folder: Path) -> None:
        for part in ("recipes", "cases"):
            shutil.copytree(HERE / part, folder / part)
        (folder / "node_modules").symlink_to(install() / "node_modules")
        self._folder = folder

    @asynccontextmanager
    async def started(self, program: str, url: str, **given: Any) -> AsyncIterator[Program]:
        """A program that knows where the API is served, and what it was given. It has to end well by itself."""
        assert NODE is not None
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            NODE,
            str(self._folder / "cases" / f"{program}.mjs"),
            f"{url}/graphql",
            json.dumps(given),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )
        try:
            running = Program(program, process)
            yield running
            await running.ended()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    @asynccontextmanager
    async def together(self, programs: Iterable[str], url: str, **given: Any) -> AsyncIterator[list[Program]]:
        """Several programs at the same time, as `started`."""
        async with AsyncExitStack() as stack:
            yield [await stack.enter_async_context(self.started(program, url, **given)) for program in programs]

    async def run(self, program: str, url: str, **given: Any) -> Any:
        """What a program tells that tells one thing, and needs nothing."""
        async with self.started(program, url, **given) as running:
            return await running.told()
