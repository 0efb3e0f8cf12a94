"""Holds docs/importing.md to the code: its lines can be imported."""

import re
from pathlib import Path

from server.importing.lines import Line, Reading
from server.shop import COMMANDS
from server.wiring import now

GUIDE = (Path(__file__).parents[2] / "docs/importing.md").read_text()


def test_its_lines_are_commands() -> None:
    [block] = re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    reading = Reading("guide", COMMANDS, now())

    entries = [reading.entry(Line(number, text.encode(), 0)) for number, text in enumerate(block.splitlines(), 1)]

    assert [type(entry.command).__name__ for entry in entries] == ["RegisterCustomer", "CreditWallet"]
    assert entries[1].occurred_at is not None
