import base64
import hashlib
from pathlib import Path

import pytest

from server.graphiql.files import ASSETS, FILES, installed
from server.graphiql.install import FetchError, fetch


def npm(folder: Path, script: str) -> str:
    """A program that stands in for npm."""
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_when_npm_fails_the_reason_is_told_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="no registry in reach"):
        fetch(npm(tmp_path, "echo no registry in reach >&2; exit 1"), tmp_path / "assets")
    assert not (tmp_path / "assets").exists()


def test_without_such_a_program_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="npm pack failed"):
        fetch(str(tmp_path / "nothing"), tmp_path / "assets")


def test_a_package_that_did_not_come_is_named(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=FILES[0].spec):
        fetch(npm(tmp_path, "exit 0"), tmp_path / "assets")


def test_a_file_that_is_not_the_published_one_is_refused(tmp_path: Path) -> None:
    file = FILES[0]
    forged = (
        f"mkdir -p $(dirname package/{file.path}) && echo forged > package/{file.path} && "
        f"tar czf {file.package}-{file.version}.tgz package"
    )
    with pytest.raises(FetchError, match="is not the file that was published"):
        fetch(npm(tmp_path, forged), tmp_path / "assets")
    assert not installed(tmp_path / "assets")


@pytest.mark.skipif(not installed(), reason="npm was not there when the project was set up")
def test_what_the_set_up_fetched_is_what_was_published() -> None:
    for file in FILES:
        digest = base64.b64encode(hashlib.sha384((ASSETS / file.name).read_bytes()).digest()).decode()
        assert file.integrity == f"sha384-{digest}"
