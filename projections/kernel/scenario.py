"""Scenarios: events and documents in memory, without a log and without a database.

    log = Recorder()
    placed = log.record("order", order_id, OrderPlaced(...))
    order = given(ORDERS, placed).when(log.record("order", order_id, OrderShipped(...))).document(order_id)
    assert order.status is OrderStatus.SHIPPED

`fold_all` is what every other way of projecting is held against: one event after the other, nothing batched, nothing kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from projections.kernel.conditions import Condition, holds
from projections.kernel.documents import Document
from projections.kernel.projection import Key, Projection
from projections.kernel.seeding import born
from write_side.kernel.events import Event, Metadata, Recorded, StreamName
from write_side.kernel.ids import CommandId, EventId, Id
from write_side.kernel.positions import LogId, LogPosition, Positions

D = TypeVar("D", bound=Document)
E = TypeVar("E", bound=Event)

OPENED = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
"""When the log of a scenario begins."""

POSITIONS = Positions(LogId(UUID(int=1)))
"""The positions of the log of a scenario."""


def fold_all(projection: Projection[D], events: Iterable[Recorded], positions: Positions, opened: datetime) -> dict[Key, D]:
    """Every document after `events`, which are a log from its beginning; `opened` is when that log was made.

    Raises `MissingDocument`, and whatever a fold raises.
    """
    documents = {key: projection.shape.decode(stored) for key, stored in born(projection, positions, opened).items()}
    for event in events:
        fold_one(projection, documents, event, positions)
    return documents


def fold_one(projection: Projection[D], documents: dict[Key, D], event: Recorded, positions: Positions) -> None:
    """Changes `documents` by one event. Raises `MissingDocument`, and whatever the fold raises."""
    touched = projection.touches(event)
    if isinstance(touched, Condition):
        shape = projection.shape
        touched = tuple(key for key, document in documents.items() if holds(touched, shape.encode(document)))
    for key in touched:
        folded = projection.fold(key, documents.get(key), event, positions.token(event.position))
        if folded is not None:
            documents[key] = folded


class Recorder:
    """A log in memory: numbers positions from 1, and versions from 1 in each stream. An event a minute, unless told."""

    def __init__(self) -> None:
        self.events: list[Recorded] = []
        """Everything recorded so far."""
        self._versions: dict[StreamName, int] = {}

    def record(self, kind: str, key: Id, event: E, *, at: datetime | None = None, actor: str = "someone") -> Recorded[E]:
        """`event` as it stands in the log, as the next one of the stream of that kind about `key`."""
        stream = StreamName(f"{kind}-{key}")
        position = len(self.events) + 1
        version = self._versions[stream] = self._versions.get(stream, 0) + 1
        moment = at or OPENED + timedelta(minutes=position)
        command = CommandId(f"command-{position}")
        recorded = Recorded(
            position=LogPosition(position),
            event_id=EventId(UUID(int=position)),
            stream=stream,
            version=version,
            event=event,
            metadata=Metadata(command_id=command, correlation_id=command, causation_id=command, actor=actor),
            occurred_at=moment,
            recorded_at=moment,
        )
        self.events.append(recorded)
        return recorded


@dataclass(frozen=True, slots=True)
class Scenario(Generic[D]):
    """A read model, and its documents after the events so far."""

    projection: Projection[D]
    documents: Mapping[Key, D]

    def when(self, *events: Recorded) -> "Scenario[D]":
        """The scenario after more events. Raises `MissingDocument`, and whatever a fold raises."""
        documents = dict(self.documents)
        for event in events:
            fold_one(self.projection, documents, event, POSITIONS)
        return Scenario(self.projection, MappingProxyType(documents))

    def document(self, key: str) -> D:
        """The document with that id. Raises `KeyError` when there is none."""
        return self.documents[Key(key)]


def given(projection: Projection[D], *events: Recorded[Any]) -> Scenario[D]:
    """The scenario in which `events` are all that has happened."""
    return Scenario(projection, MappingProxyType(fold_all(projection, events, POSITIONS, OPENED)))
