"""`oneread import`: what it takes, and what it says of what it cannot import."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.cli import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments], env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lines.ndjson"
    path.write_text("{}\n")
    return path


def test_it_has_help() -> None:
    told = run("--help")

    assert told.exit_code == 0
    for option in ("--name", "--refused", "--data-dir"):
        assert option in told.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    told = run(str(tmp_path / "lines.ndjson"))

    assert told.exit_code == 2
    assert "does not exist" in told.output


def test_a_pipe_cannot_be_read_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    told = run(str(tmp_path / "pipe"))

    assert told.exit_code == 2
    assert "must be a file that stays" in " ".join(told.output.split())


def test_the_file_is_not_overwritten_with_what_was_refused(file: Path) -> None:
    told = run(str(file), "--refused", f"{file.parent}/../{file.parent.name}/{file.name}")

    assert told.exit_code == 2
    assert "would overwrite the file" in " ".join(told.output.split())
    assert file.read_text() == "{}\n"


def test_a_mistyped_directory_stays_as_it_is(file: Path, tmp_path: Path) -> None:
    mistyped = tmp_path / "oneraed"

    told = run(str(file), "--data-dir", str(mistyped))

    assert told.exit_code == 1
    assert "There are no databases in" in " ".join(told.output.split())
    assert not mistyped.exists()
