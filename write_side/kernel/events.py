"""Events: what happened, named for ever, and how they stand in the log.

    class ProductRenamed(Event, name="product-renamed"):
        name: ProductName

The stored name is explicit, so that renaming the class breaks nothing; a changed shape gets the next `schema` number and
an upcaster (see `codec`). An event says nothing of when or by whom: that is the record around it.
"""

from datetime import datetime
from typing import Any, ClassVar, Generic, NamedTuple, NewType

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from typing_extensions import TypeVar

from write_side.kernel.ids import CommandId, EventId
from write_side.kernel.positions import LogPosition

StreamName = NewType("StreamName", str)
"""A stream as the log stores it: kind, a dash, key: `order-ord_0190...`."""


class Event(BaseModel):
    """Base of all events: immutable, JSON in the log under camel-case keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    event_name: ClassVar[str]
    schema_version: ClassVar[int]

    def __init_subclass__(cls, *, name: str, schema: int = 1, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.event_name = name
        cls.schema_version = schema

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Takes the class arguments, which `__init_subclass__` has read."""


class Unreadable(Event, name="unreadable"):
    """In the place of an event that the log holds and no code here reads: nobody stores one.

    Carries what the log has it as, and the kind of error that reading it raised; never its data, which may be personal.
    """

    stored_name: str
    stored_schema: int
    error: str


E = TypeVar("E", bound=Event, covariant=True, default=Event)


class Metadata(NamedTuple):
    """Who and what caused an event: the command, the chain that it belongs to, and the actor's name."""

    command_id: CommandId
    correlation_id: str
    causation_id: str
    actor: str


# Tuples, both: who reads the log makes millions, and a frozen dataclass takes three times as long to make.
class Recorded(NamedTuple, Generic[E]):
    """An event as it stands in the log.

    `version` counts the events of its stream from 1. `occurred_at` is when it happened in the business (UTC),
    `recorded_at` when it was committed; they differ only for imported history.
    """

    position: LogPosition
    event_id: EventId
    stream: StreamName
    version: int
    event: E
    metadata: Metadata
    occurred_at: datetime
    recorded_at: datetime

    @property
    def key(self) -> str:
        """The stream's key: the id of what the stream is about."""
        return self.stream.partition("-")[2]

    @property
    def kind(self) -> str:
        """The name of the stream's kind."""
        return self.stream.partition("-")[0]
