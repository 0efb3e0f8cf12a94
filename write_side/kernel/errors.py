"""The error tree of the write side's kernel.

    OnereadError                    everything that the project raises on purpose
    ├── Refusal                     a command is refused; answered to the client (see `refusals`)
    ├── LogUnavailable              the event store cannot be reached just now; try again
    ├── Busy                        too many commands wait already; try again later
    ├── Contention                  decided again too often; try again later
    ├── OutcomeUnknown              it takes too long to know, or the log fell silent; try again under the same command id
    ├── UnknownEvent                the log holds an event that no code here reads
    └── LogMismatch                 a position or checkpoint belongs to another log

Errors carry data; only the edge makes text for a client of them.
"""

from write_side.kernel.ids import CommandId


class OnereadError(Exception):
    """Root of everything that the project raises on purpose."""


class LogUnavailable(OnereadError):
    """The event store cannot be reached or does not answer just now. Nothing is known to be wrong with the request."""


class Busy(OnereadError):
    """As many commands wait as may. Nothing was done about this one. `waiting` is the bound."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} commands wait already")
        self.waiting = waiting


class OutcomeUnknown(OnereadError):
    """A command has no outcome yet, and its client need not wait longer. A retry under `command_id` tells the outcome."""

    def __init__(self, command_id: CommandId) -> None:
        super().__init__(f"the outcome of {command_id} is not known yet")
        self.command_id = command_id


class Contention(OnereadError):
    """A command was decided again as often as allowed and met a conflict each time. `attempts` says how often."""

    def __init__(self, attempts: int) -> None:
        super().__init__(f"gave up after {attempts} conflicts")
        self.attempts = attempts


class UnknownEvent(OnereadError):
    """The log holds an event type or schema version that no code of this process reads."""

    def __init__(self, event_type: str, schema_version: int) -> None:
        super().__init__(f"no event class reads {event_type!r} in schema version {schema_version}")
        self.event_type = event_type
        self.schema_version = schema_version


class LogMismatch(OnereadError):
    """Something was made for another log than the one that is open: a restored backup, or a wrong database."""

    def __init__(self, expected: str, found: str) -> None:
        super().__init__(
            f"made for the log {found}, but this is the log {expected}: "
            "check the database URLs; after a restore from backup rebuild the projections"
        )
        self.expected = expected
        self.found = found
