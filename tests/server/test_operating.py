"""The commands of operators: what they take, and what they say of what they do not."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli import app

COMMANDS = [
    ["status"],
    ["rebuild"],
    ["verify"],
    ["prune"],
    *(["dead-letters", one] for one in ("list", "show", "retry", "discard")),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_has_help_and_takes_a_data_directory(command: list[str]) -> None:
    told = CliRunner().invoke(app, [*command, "--help"], env={"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"})

    assert told.exit_code == 0
    assert "--data-dir" in told.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rebuild"], "name the read models to rebuild, or say --all"),
        (["rebuild", "orders", "--all"], "name the read models to rebuild, or say --all"),
        (["rebuild", "oders"], "there is no read model 'oders': there are"),
        (["verify", "oders"], "there is no read model 'oders': there are"),
        (["prune", "oders"], "there is no read model 'oders': there are"),
        (["dead-letters", "list", "--projection", "oders"], "there is no read model 'oders': there are"),
        (["dead-letters", "retry"], "name the document to retry, or say --all"),
        (["dead-letters", "retry", "ord_1", "--all"], "name the document to retry, or say --all"),
    ],
)
def test_what_cannot_be_meant_is_said_before_a_database_is_opened(arguments: list[str], told: str) -> None:
    answered = CliRunner().invoke(app, arguments)

    assert answered.exit_code == 2
    assert told in answered.output.replace("\n", " ")


@pytest.mark.parametrize(
    "command", [["status"], ["rebuild", "--all"], ["verify"], ["prune"], ["dead-letters", "list"]], ids=" ".join
)
def test_a_mistyped_directory_stays_as_it_is(command: list[str], tmp_path: Path) -> None:
    mistyped = tmp_path / "oneraed"

    answered = CliRunner().invoke(app, [*command, "--data-dir", str(mistyped)])

    assert answered.exit_code == 1
    told = " ".join(answered.output.split())
    assert "There are no databases in" in told
    assert "`oneread migrate`" in told
    assert not mistyped.exists()
