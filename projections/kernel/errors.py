"""The error tree of the projections' kernel.

OnereadError
├── MissingDocument          an event should change a document that is not there
├── Fenced                   another projector owns the checkpoint now
├── StoreUnavailable         the document store cannot be reached just now; try again
├── ReadTimeout              a read took longer than it may
├── NotReady                 a projection's collection has not been made: migrate first
├── TooFarBehind             more events are pending than are folded for one read
└── BadPlace                 a place in an order that cannot be one: a cursor that was not made here
"""

from write_side.kernel.errors import OnereadError


class MissingDocument(OnereadError):
    """An event should change a document that is not there. Carries the projection's name and the key."""

    def __init__(self, projection: str, key: str) -> None:
        super().__init__(f"{projection} has no document {key}")
        self.projection = projection
        self.key = key


class Fenced(OnereadError):
    """Another projector owns the checkpoint, or has moved it: this one has to step back."""


class StoreUnavailable(OnereadError):
    """The document store cannot be reached, or does not answer, just now."""


class ReadTimeout(OnereadError):
    """A read took longer than it may: ask for less, or for something that an index answers."""


class NotReady(OnereadError):
    """A projection has no collection to serve yet: `oneread migrate` makes it."""


class TooFarBehind(OnereadError):
    """More events are pending than are folded for one read. Carries how many."""

    def __init__(self, pending: int) -> None:
        super().__init__(f"{pending} events are pending")
        self.pending = pending


class BadPlace(OnereadError):
    """A place in an order that cannot be one: a cursor that was not made here."""
