"""What the schema stands on: the ports that a server hands in, and the context of one request."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from projections.kernel.changes import Changes
from projections.kernel.reading import Documents, Freshness, Replays, Served
from projections.kernel.status import Statuses
from schema.extensions import Noted
from write_side.kernel.commands import Command
from write_side.kernel.events import StreamName
from write_side.kernel.outcomes import Caller, Outcome
from write_side.kernel.positions import LogPosition, Position, Positions


class Commands(Protocol):
    """Executes commands."""

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        """The outcome of a valid command. Raises `LogUnavailable`, `Busy`, `Contention`, `OutcomeUnknown`."""
        ...


class LogPlaces(Protocol):
    """Where things are in the log. All but `positions` raise `LogUnavailable`."""

    @property
    def positions(self) -> Positions:
        """The tokens of the log's positions."""
        ...

    async def head(self) -> LogPosition:
        """The last position; 0 for an empty log."""
        ...

    async def position_of(self, stream: StreamName, version: int) -> LogPosition | None:
        """Where the log has version `version` of a stream; None when it has not."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The ports behind the API. `patience` is how long a read waits at most to be as fresh as it must, in seconds."""

    commands: Commands
    log: LogPlaces
    documents: Documents
    freshness: Freshness
    replays: Replays
    changes: Changes
    served: Served
    statuses: Statuses
    patience: float


class RequestContext(NamedTuple):
    """One request: who sends it, and what stands behind it.

    `at_least` is the position that the request's header demands of reads, `wait` how long its header lets them wait for it;
    `last_event_id` is what an EventSource that connects again has seen last. `appended` gathers what the request's commands
    wrote, for the response's header, `noted` what its extensions are to say, by the names of root fields. `command_ids` are
    for the commands whose input gives none.
    """

    services: Services
    caller: Caller
    request_id: str
    at_least: str | None
    wait: str | None
    last_event_id: str | None
    appended: list[Position]
    noted: dict[str, Noted]
    command_ids: Iterator[str]
