"""What clients note: each time that a command was sent, and what came of it."""

from dataclasses import dataclass

from write_side.kernel.commands import Command
from write_side.kernel.positions import LogPosition


@dataclass(frozen=True, slots=True)
class Done:
    """It was accepted: the target's version, and where the log has the last of it."""

    version: int
    position: LogPosition


@dataclass(frozen=True, slots=True)
class Denied:
    """It was refused, for the reason of this code."""

    code: str


@dataclass(frozen=True, slots=True)
class Told:
    """A command, which has an id, was sent; `answer` is None where it is not known what came of it.

    `since` is a place in the log that was reached before it was sent; `until` one that was not passed when the answer came.
    """

    command: Command
    since: LogPosition
    until: LogPosition
    answer: Done | Denied | None
