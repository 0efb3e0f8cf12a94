"""Who runs the servers of a data directory: one owner, and any number of processes that join it.

    owner.lock    locked (flock) by the owner while it lives
    servers.lock  locked by the servers themselves, which inherit it: free once the last of them has ended
    servers.json  where the servers are, there while both run

Locks end with their processes, so that nothing here can be stale but `servers.json`, which names its owner.
"""

import fcntl
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from server.embedded.errors import EmbeddedServerError

POLL_SECONDS = 0.05


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the databases are: a PostgreSQL URL and a MongoDB URL."""

    postgres: str
    mongo: str


class Ownership:
    """The claim of this process on the servers of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._state = data_dir / "servers.json"
        self._owner_lock: int | None = None

    def claim(self) -> bool:
        """Become the owner; False when someone else is.

        Raises EmbeddedServerError when the directory cannot be written.
        """
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._data_dir / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise EmbeddedServerError(
                f"The data directory {self._data_dir} cannot be used: {error.strerror}.",
                advice="Name another one (--data-dir, or ONEREAD_DATA_DIR), or make it writable.",
            ) from error
        if not _locked(lock):
            os.close(lock)
            return False
        self._owner_lock = lock
        self._state.unlink(missing_ok=True)
        return True

    def lease(self, patience: float) -> int:
        """Return a descriptor for the servers to inherit, once those of an earlier owner have ended.

        Raises EmbeddedServerError when they still run after `patience` seconds.
        """
        lease = os.open(self._data_dir / "servers.lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + patience
        while not _locked(lease):
            if time.monotonic() > deadline:
                os.close(lease)
                raise EmbeddedServerError(
                    f"Servers of an earlier process still run on {self._data_dir}.",
                    advice="Wait for them to shut down, or end the postgres and mongod that name this "
                    "directory in their command line; then start again.",
                )
            time.sleep(POLL_SECONDS)
        return lease

    def announce(self, urls: DatabaseUrls) -> None:
        """Tell those who join where the servers are."""
        state = {"owner": os.getpid(), "postgres": urls.postgres, "mongo": urls.mongo}
        fresh = self._state.with_suffix(".new")
        # Private: an URL that was given may hold a password.
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(state, indent=2) + "\n")
        fresh.replace(self._state)

    def announced(self) -> DatabaseUrls | None:
        """Return where the owner's servers are, or None when they are not up (yet, or any more)."""
        try:
            state = json.loads(self._state.read_text())
            # A new owner holds the lock a moment before it has removed a dead one's state.
            os.kill(state["owner"], 0)
            return DatabaseUrls(postgres=state["postgres"], mongo=state["mongo"])
        except PermissionError:
            raise EmbeddedServerError(
                f"The servers of {self._data_dir} belong to another user.",
                advice="Run as that user, or name another directory (--data-dir, or ONEREAD_DATA_DIR).",
            ) from None
        except (FileNotFoundError, ProcessLookupError):
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise EmbeddedServerError(
                f"{self._state} is not what this version writes: {error!r}.",
                advice="Stop the process that runs on this directory and start again.",
            ) from error

    def withdraw(self) -> None:
        """Let nobody join any more: the servers are about to stop."""
        self._state.unlink(missing_ok=True)

    def release(self) -> None:
        """Give the directory up."""
        if self._owner_lock is not None:
            os.close(self._owner_lock)
            self._owner_lock = None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
