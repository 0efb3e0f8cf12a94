import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.embedded.account import account_for
from server.embedded.postgres import socket_folder


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory that is not there yet, on a path with a space in it and longer than a socket's may be."""
    # Not pytest's own folder: that is kept for three runs, and databases are large.
    base = Path(tempfile.mkdtemp(prefix="oneread-tests-"))
    data_dir = base / "a folder" / ("deep" * 25) / "data"
    yield data_dir
    # A killed server leaves the folder of its socket, for the next start on the same directory.
    sockets = socket_folder(data_dir / "postgres", account_for(data_dir / "postgres"))
    shutil.rmtree(sockets)
    shutil.rmtree(base, ignore_errors=True)
