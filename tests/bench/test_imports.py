"""What is imported to measure it."""

import orjson

from bench.imports import line
from server.shop import COMMANDS
from write_side.customers.commands import RegisterCustomer


def test_every_line_registers_a_customer_of_its_own() -> None:
    told = [orjson.loads(line(number)) for number in range(3)]

    commands = [COMMANDS[one["type"]].model_validate(one["input"]) for one in told]

    assert all(isinstance(command, RegisterCustomer) for command in commands)
    assert len({command.email for command in commands if isinstance(command, RegisterCustomer)}) == 3
