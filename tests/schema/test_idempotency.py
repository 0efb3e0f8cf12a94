"""Idempotency keys: one for a request, an id for each of its commands."""

from itertools import islice

import pytest

from schema.idempotency import command_ids


@pytest.mark.parametrize("line", ["k-1", '"k-1"'])
def test_the_first_command_has_the_key_and_the_others_a_number_too(line: str) -> None:
    assert list(islice(command_ids(line), 3)) == ["k-1", "k-1/2", "k-1/3"]


def test_without_a_key_there_are_none() -> None:
    assert list(command_ids(None)) == []


@pytest.mark.parametrize("line", ["", '"'])
def test_what_is_no_key_is_left_to_the_commands_to_refuse(line: str) -> None:
    assert next(command_ids(line)) == line
