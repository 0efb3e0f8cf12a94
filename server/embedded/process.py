"""A server as a child process that cannot outlive us.

On Linux the kernel itself signals the child when its parent ends, however it ends (PR_SET_PDEATHSIG, see
prctl(2)). "Parent" there is the thread that started the child: start servers from the main thread only.
Elsewhere an ordinary exit stops them, and a SIGKILL of ours leaves them running.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from server.embedded.account import Account
from server.embedded.errors import EmbeddedServerError

PR_SET_PDEATHSIG = 1


def start(
    command: Sequence[str | Path],
    *,
    lease: int,
    output: IO[bytes],
    last_signal: signal.Signals,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that ends when we do.

    `lease` is a file descriptor that it and its children hold open while they live; `output` takes
    what they print; `last_signal` is what the kernel sends it when we end. Raises
    EmbeddedServerError when not called from the main thread, OSError when there is no such program.
    """
    if threading.current_thread() is not threading.main_thread():
        raise EmbeddedServerError(
            "Embedded servers were started outside the main thread.",
            advice="Start them in the main thread: they end with the thread that started them.",
        )
    # A session of its own, or the terminal's Ctrl-C would reach it before those who still use it.
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=[lease],
        start_new_session=True,
        preexec_fn=_end_with_parent(last_signal),
        user=account.user if account else None,
        group=account.group if account else None,
        extra_groups=[] if account else None,
    )


def run(command: Sequence[str | Path], *, lease: int, log: Path, account: Account | None = None) -> None:
    """Run a program to its end, its output added to `log`.

    Raises EmbeddedServerError when it fails.
    """
    with log.open("ab") as output:
        child = start(command, lease=lease, output=output, last_signal=signal.SIGTERM, account=account)
        try:
            code = child.wait()
        except BaseException:
            child.kill()
            raise
    if code:
        raise EmbeddedServerError(
            f"{Path(command[0]).name} failed with exit code {code}.",
            advice="Its own words, below, say why.",
            log=log,
        )


class ServerProcess:
    """A running server: its process, its log, and the signal that asks it to shut down cleanly."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        lease: int,
        log: Path,
        stop_signal: signal.Signals,
        account: Account | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with log.open("ab") as output:
            self._child = start(command, lease=lease, output=output, last_signal=stop_signal, account=account)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._child.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._child.poll()

    def ask_to_stop(self) -> None:
        """Ask for a clean shutdown, and do not wait for it."""
        if self.exit_code is None:
            self._child.send_signal(self._stop_signal)

    def stop(self, patience: float) -> None:
        """Shut down cleanly; after `patience` seconds, kill."""
        self.ask_to_stop()
        try:
            self._child.wait(patience)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _end_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    # Loaded here, since between fork and exec as little as possible may happen.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def end_with_parent() -> None:
        # After the change of account, which would clear it: subprocess calls this last.
        prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return end_with_parent
