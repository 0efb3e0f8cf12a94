"""What the bus is told beside a command, and what it answers."""

from dataclasses import dataclass
from datetime import datetime

from write_side.kernel.ids import CommandId, Id
from write_side.kernel.positions import LogPosition
from write_side.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a command, and as part of what. `occurred_at` (UTC) only for imported history: else it is now.

    `causation_id` is the event that the command answers, if it answers one: else it is caused by nothing but itself.
    """

    actor: str
    correlation_id: str
    occurred_at: datetime | None = None
    causation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command took effect, now or when it came first.

    `key` is the target stream's, `version` the stream's version after the command, `position` the place in the log of the
    command's last event; for a command that changed nothing, that of the target's last event.
    """

    command_id: CommandId
    key: Id
    version: int
    position: LogPosition


@dataclass(frozen=True, slots=True)
class Refused:
    """The command did not take effect, and its id is still free."""

    command_id: CommandId
    refusals: tuple[Refusal, ...]


Outcome = Accepted | Refused
