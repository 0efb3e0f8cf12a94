"""Projections: how events fold into the documents of one read model. Pure: no I/O, the document given left as it was.

    ORDERS = Projection(Order, version=1)

    @ORDERS.starts(OrderPlaced)
    def placed(event: Recorded[OrderPlaced]) -> Order: ...

    @ORDERS.on(OrderShipped)
    def shipped(order: Order, event: Recorded[OrderShipped]) -> Order: ...

    @ORDERS.on(CustomerRenamed, where=lambda event: Condition.equal("customer.customerId", event.key))
    def customer_renamed(order: Order, event: Recorded[CustomerRenamed]) -> Order: ...

An event touches documents by key: the one with the digits of the event's stream, or those that `keys` names; or by a
condition: every document that meets `where`. A key that is named twice is touched once. A projection with `initial` makes
a document that is touched first of all, and those in `seeds` at the first migration. `position` and `version` are set by
the kernel.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, NewType, TypeVar, cast

import orjson

from projections.kernel.conditions import Condition
from projections.kernel.documents import Document, StreamDocument
from projections.kernel.errors import MissingDocument, UnreadableEvent
from projections.kernel.replacing import replace
from projections.kernel.shapes import Shape
from write_side.kernel.events import Event, Recorded, Unreadable
from write_side.kernel.ids import Id
from write_side.kernel.positions import Position

D = TypeVar("D", bound=Document)
E = TypeVar("E", bound=Event)
Key = NewType("Key", str)
"""A document's id, as it is stored in `_id`."""

Touched = tuple[Key, ...] | Condition
"""What an event touches: documents by key, or all that meet a condition."""


@dataclass(frozen=True, slots=True)
class Handler(Generic[D]):
    """What a projection does with one event class. `fold` gets None for a document that the event starts."""

    touches: Callable[[Recorded[Any]], Touched]
    fold: Callable[[D | None, Recorded[Any]], D]
    starts: bool
    optional: bool


class Projection(Generic[D]):
    """One read model: a document class, a version that is raised when folds change, and a handler per event class."""

    def __init__(
        self,
        document: type[D],
        *,
        version: int,
        initial: Callable[[Key, datetime], D] | None = None,
        seeds: tuple[Id, ...] = (),
    ) -> None:
        self.document = document
        self.spec = document.spec
        self.shape = Shape(document)
        self.id_type: type[Id] = self.shape.id_type
        self._prefix = f"{self.id_type.prefix}_"
        self.version = version
        self.initial = initial
        self.seeds = tuple(Key(seed) for seed in seeds)
        self._handlers: dict[type[Event], Handler[D]] = {}

    @property
    def name(self) -> str:
        """Its name for people and in the database: that of the collection."""
        return self.spec.collection

    @cached_property
    def digest(self) -> str:
        """Eight hexadecimal digits that change with the stored shape, the filters, the orders and what is searched."""
        # Not the spec's repr: it holds a set of texts, whose order is another in every process.
        indexed = [self.spec.filters, self.spec.orders, self.spec.search]
        shape = orjson.dumps([self.shape.schema(), *indexed], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(shape).hexdigest()[:8]

    @cached_property
    def version_id(self) -> str:
        """What checkpoint, lease and alias belong to: the declared version and the digest of the document's shape."""
        return f"{self.name}.v{self.version}-{self.digest}"

    @property
    def events(self) -> tuple[type[Event], ...]:
        """The event classes that it knows; it skips all others."""
        return tuple(self._handlers)

    def starts(self, event: type[E]) -> Callable[[Callable[[Recorded[E]], D]], Callable[[Recorded[E]], D]]:
        """Declares the fold that makes a document: the one with the digits of the event's stream."""

        def declare(fold: Callable[[Recorded[E]], D]) -> Callable[[Recorded[E]], D]:
            self._add(event, Handler(self._own, lambda _, recorded: fold(recorded), starts=True, optional=False))
            return fold

        return declare

    def on(
        self,
        event: type[E],
        *,
        keys: Callable[[Recorded[E]], Iterable[str]] | None = None,
        where: Callable[[Recorded[E]], Condition] | None = None,
        optional: bool = False,
    ) -> Callable[[Callable[[D, Recorded[E]], D]], Callable[[D, Recorded[E]], D]]:
        """Declares the fold of `event` into each document that it touches.

        `optional`: a document that is not there is left out; else it is an error, unless the projection has `initial`.
        """
        touches: Callable[[Recorded[Any]], Touched] = self._own
        if where is not None:
            touches = where
        elif keys is not None:
            by_key = keys
            touches = lambda recorded: tuple(Key(key) for key in dict.fromkeys(by_key(recorded)))  # noqa: E731

        def declare(fold: Callable[[D, Recorded[E]], D]) -> Callable[[D, Recorded[E]], D]:
            stored = cast("Callable[[D | None, Recorded[Any]], D]", fold)
            self._add(event, Handler(touches, stored, starts=False, optional=optional))
            return fold

        return declare

    def touches(self, recorded: Recorded) -> Touched:
        """The documents that an event touches; none for an event that the projection does not know.

        Raises `UnreadableEvent` for one that it knows and that could not be read, and whatever `keys` or `where` raises.
        """
        handler = self._handlers.get(type(recorded.event))
        if handler is not None:
            return handler.touches(recorded)
        unread = recorded.event
        # Asked of most events of a log, by each projection: of a class of pydantic's `isinstance` takes long to say no.
        if type(unread) is not Unreadable:
            return ()
        if any(unread.stored_name == event.event_name for event in self._handlers):
            raise UnreadableEvent(self.name, unread, recorded.position)
        return ()

    def is_started_by(self, recorded: Recorded) -> bool:
        """Whether an event that touches documents makes them, whatever was there before."""
        return self._handlers[type(recorded.event)].starts

    def fold(self, key: Key, document: D | None, recorded: Recorded, position: Position) -> D | None:
        """The document `key` after an event that touches it; None when there is none and none is made.

        Raises `MissingDocument` when there should be one, and whatever the fold raises.
        """
        folded = self.unstamped(key, document, recorded)
        return None if folded is None else self.stamped(folded, position, self.version_by(recorded))

    def unstamped(self, key: Key, document: D | None, recorded: Recorded) -> D | None:
        """The same, with the position and the version of before: who folds many events stamps what comes out of them."""
        handler = self._handlers[type(recorded.event)]
        if document is None and not handler.starts:
            if self.initial is not None:
                document = self.initial(key, recorded.occurred_at)
            elif handler.optional:
                return None
            else:
                raise MissingDocument(self.name, key)
        return handler.fold(document, recorded)

    def version_by(self, recorded: Recorded) -> int | None:
        """The version that an event gives the documents that it touches; None if it is not of the stream they count."""
        return recorded.version if self.spec.stream == recorded.kind else None

    def stamped(self, document: D, position: Position, version: int | None) -> D:
        """A document that reflects the log up to a position, and its stream up to a version, unless that is None."""
        if version is not None and isinstance(document, StreamDocument):
            return cast("D", replace(document, position=position, version=version))
        return replace(document, position=position)

    def _own(self, recorded: Recorded[Any]) -> Touched:
        key = recorded.key
        return (Key(key if key.startswith(self._prefix) else self._prefix + key.partition("_")[2]),)

    def _add(self, event: type[Event], handler: Handler[D]) -> None:
        if self._handlers.setdefault(event, handler) is not handler:
            raise ValueError(f"{self.name} folds {event.__name__} twice")

    def __repr__(self) -> str:
        return f"Projection({self.name}, version {self.version}, {self.digest})"


AnyProjection = Projection[Any]
