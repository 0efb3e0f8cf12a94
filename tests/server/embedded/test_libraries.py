"""A mongod on a system without libcurl."""

import subprocess
import sys
from pathlib import Path

import pytest

from server.embedded.libraries import with_libraries
from server.embedded.mongo import program

COMMAND: list[str | Path] = ["mongod", "--version"]


def test_a_system_that_has_it_is_left_alone(tmp_path: Path) -> None:
    assert with_libraries(COMMAND, tmp_path / "lib", found=lambda _: True) == COMMAND
    assert not (tmp_path / "lib").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the wheels of mongod and pycurl are for Linux")
def test_a_system_that_lacks_it_gets_the_one_of_a_wheel(tmp_path: Path) -> None:
    command = with_libraries([program(), "--version"], tmp_path / "lib", found=lambda _: False)
    again = with_libraries([program(), "--version"], tmp_path / "lib", found=lambda _: False)

    ran = subprocess.run(command, capture_output=True, text=True, check=True)

    assert command[0] == "env"
    assert again == command
    assert "db version" in ran.stdout
    # The loader says that it took the wheel's, which has no version of its own written in it.
    assert str(tmp_path / "lib") in ran.stderr
