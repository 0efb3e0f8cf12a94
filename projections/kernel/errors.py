"""The error tree of the projections' kernel.

OnereadError
├── MissingDocument          an event should change a document that is not there
├── UnreadableEvent          a projection declares an event that no code here reads
├── DocumentRefused          the store does not take a document: its validator, or its size
├── Fenced                   another projector owns the checkpoint now
├── NotCaughtUp              a generation is behind the one that it should replace
├── NoFormer                 there is no generation to go back to
├── HasDeadLetters           a generation with parked documents should be served
├── InUse                    a generation that is served, or worked on, should be dropped or replaced
├── StoreUnavailable         the document store cannot be reached just now; try again
├── ReadTimeout              a read took longer than it may
├── NotReady                 a projection has no generation to serve yet
├── TooFarBehind             more events are pending than are folded for one read
└── BadPlace                 a place in an order that cannot be one: a cursor that was not made here
"""

from projections.kernel.texts import counted
from write_side.kernel.errors import OnereadError
from write_side.kernel.events import Unreadable
from write_side.kernel.positions import LogPosition


class MissingDocument(OnereadError):
    """An event should change a document that is not there. Carries the projection's name and the key."""

    def __init__(self, projection: str, key: str) -> None:
        super().__init__(f"{projection} has no document {key}")
        self.projection = projection
        self.key = key


class UnreadableEvent(OnereadError):
    """The log holds an event that a projection declares and no code here reads: nobody knows which documents it touches.

    Carries the projection's name, what the log has the event as, and its position.
    """

    def __init__(self, projection: str, event: Unreadable, position: LogPosition) -> None:
        super().__init__(
            f"{projection} cannot read the event {event.stored_name} (schema version {event.stored_schema}) at {position}: "
            f"{event.error}"
        )
        self.projection = projection
        self.event_name = event.stored_name
        self.schema_version = event.stored_schema
        self.position = position


class Fenced(OnereadError):
    """Another projector owns the checkpoint, or has moved it: this one has to step back."""


class DocumentRefused(OnereadError):
    """A document may not be stored. Carries the name of its collection and, where it is known, its key."""

    def __init__(self, collection: str, key: str | None) -> None:
        super().__init__(f"{collection} does not take {key or 'a document'}")
        self.collection = collection
        self.key = key


class NotCaughtUp(OnereadError):
    """A generation is behind the one that it should replace: a read would go back in time. Carries both positions."""

    def __init__(self, generation: str, position: int, served: int) -> None:
        super().__init__(f"{generation} is at {position}, what is served at {served}")
        self.position = position
        self.served = served


class NoFormer(OnereadError):
    """There is no generation of this version to go back to. Carries the projection's name."""

    def __init__(self, projection: str) -> None:
        super().__init__(f"{projection} has no generation of this version to go back to")
        self.projection = projection


class HasDeadLetters(OnereadError):
    """A generation with parked documents should be served. Carries how many there are."""

    def __init__(self, generation: str, count: int) -> None:
        letters = counted(count, "dead letter")
        super().__init__(f"{generation} has {letters}: see `oneread dead-letters list`; --force serves it all the same")
        self.count = count


class InUse(OnereadError):
    """A generation that is served, or that somebody works on, should be dropped, or another be put in its place."""


class StoreUnavailable(OnereadError):
    """The document store cannot be reached, or does not answer, just now."""


class ReadTimeout(OnereadError):
    """A read took longer than it may: ask for less, or for something that an index answers."""


class NotReady(OnereadError):
    """A projection has no generation to serve yet: none was made, or it is still being built."""


class TooFarBehind(OnereadError):
    """More events are pending than are folded for one read. Carries how many."""

    def __init__(self, pending: int) -> None:
        super().__init__(f"{pending} events are pending")
        self.pending = pending


class BadPlace(OnereadError):
    """A place in an order that cannot be one: a cursor that was not made here."""
