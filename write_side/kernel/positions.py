"""Places in the log, and the tokens that clients hold for them.

A position is the number of an event, from 1, gapless and in the order of commits; 0 is before the first. A token is what
leaves the process: the log's tag and the position in fixed width, so that within one log the later token is the greater
string, and a token of another log is recognised.
"""

import re
from typing import NewType
from uuid import UUID

from write_side.kernel.errors import OnereadError

LogPosition = NewType("LogPosition", int)
"""Number of an event in the log, from 1; 0 is before the first."""

Position = NewType("Position", str)
"""A log position as clients hold it: 12 hexadecimal digits of the log's id, a dash, 16 decimal digits."""

LogId = NewType("LogId", UUID)
"""Identity of a log: made at its first migration, and new after a restore from backup."""

START = LogPosition(0)

_TOKEN = re.compile(r"([0-9a-f]{12})-([0-9]{16})")


class MalformedPosition(OnereadError):
    """A text that is no position token."""

    def __init__(self, text: str) -> None:
        super().__init__("not a position")
        self.text = text[:80]


class ForeignPosition(OnereadError):
    """A position token that another log gave out."""

    def __init__(self, token: Position) -> None:
        super().__init__("the position belongs to another log")
        self.token = token


class Positions:
    """Turns the positions of one log into tokens and back."""

    def __init__(self, log_id: LogId) -> None:
        self.log_id = log_id
        self._tag = log_id.hex[-12:]

    def token(self, position: LogPosition) -> Position:
        """The token for `position`."""
        return Position(f"{self._tag}-{position:016d}")

    def parse(self, text: str) -> LogPosition:
        """The position that a token of this log stands for. Raises `MalformedPosition`, `ForeignPosition`."""
        match = _TOKEN.fullmatch(text)
        if match is None:
            raise MalformedPosition(text)
        if match[1] != self._tag:
            raise ForeignPosition(Position(text))
        return LogPosition(int(match[2]))
