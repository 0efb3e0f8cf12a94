import socket
from pathlib import Path

import pytest

from server.embedded import EmbeddedServerError
from server.embedded.mongo import free_port, program


def test_a_mongod_on_the_path_comes_first(tmp_path: Path) -> None:
    own = tmp_path / "mongod"
    own.write_text("")
    own.chmod(0o755)
    assert program(path=str(tmp_path)) == own


def test_else_the_wheels_which_can_be_run(tmp_path: Path) -> None:
    assert program(path=str(tmp_path)).stat().st_mode & 0o100


def test_without_either_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="There is no mongod here") as failure:
        program(path=str(tmp_path), package="no_such_package")
    assert "ONEREAD_MONGO_URL" in failure.value.advice


def test_a_free_port_is_the_preferred_one_unless_that_is_taken() -> None:
    preferred = free_port()
    assert free_port(preferred) == preferred
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) != port
