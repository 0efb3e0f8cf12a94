"""A process of its own that holds the embedded servers of a data directory, for tests that end it."""

import contextlib
import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from server.embedded import DatabaseUrls
from server.embedded.servers import STOP_PATIENCE

END_PATIENCE = 2 * STOP_PATIENCE
"""In seconds: it kills servers that are slow to stop, and ends itself then."""

PROGRAM = """
import json, sys
from pathlib import Path
from server.embedded import embedded_servers

with embedded_servers(Path(sys.argv[1])) as urls:
    print(json.dumps([urls.postgres, urls.mongo]), flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        pass
"""


@dataclass
class Owner:
    """The process, and every process below it that was seen; it ends with the test that began it."""

    process: subprocess.Popen[str]
    below: set[psutil.Process] = field(default_factory=set)

    @classmethod
    def begin(cls, data_dir: Path) -> "Owner":
        command = [sys.executable, "-c", PROGRAM, str(data_dir)]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def __enter__(self) -> "Owner":
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.end(signal.SIGKILL)

    def urls(self) -> DatabaseUrls:
        """Wait until both servers are up."""
        assert self.process.stdout is not None
        postgres, mongo = json.loads(self.process.stdout.readline())
        self.look()
        return DatabaseUrls(postgres=postgres, mongo=mongo)

    def look(self) -> set[psutil.Process]:
        """Note the processes that are below it now."""
        self.below |= set(psutil.Process(self.process.pid).children(recursive=True))
        return self.below

    def end(self, how: signal.Signals) -> int:
        """Send a signal, wait for the process alone, and return its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(END_PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        return code

    def kill_servers(self) -> None:
        """Kill every process below it, as a power cut would."""
        for process in self.look():
            # The workers end with the server above them, which may come first.
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def left_behind(self, patience: float = 0) -> list[psutil.Process]:
        """Return which of the processes below it still run after `patience` seconds at most."""
        deadline = time.monotonic() + patience
        while (alive := [process for process in self.below if _runs(process)]) and time.monotonic() < deadline:
            time.sleep(0.05)
        return alive


def _runs(process: psutil.Process) -> bool:
    try:
        # An orphan that has ended waits for the system's first process to take note.
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
