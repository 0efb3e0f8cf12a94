"""The one codec between events and what the log stores, shared by the bus, the projections and whatever reads the log.

Old schema versions are lifted on read: an upcaster takes the stored data of one version to the next, as plain JSON, until
the version that the class has now.

    @upcasts("product-added", 1)
    def tags_are_a_list(data: Json) -> Json: ...      # from version 1 to 2
"""

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from write_side.kernel.errors import UnknownEvent
from write_side.kernel.events import Event

Json = dict[str, Any]
"""A JSON object as it was stored; upcasters are the only code that sees one."""

Upcaster = Callable[[Json], Json]

_upcasters: dict[tuple[str, int], Upcaster] = {}


def upcasts(name: str, schema: int) -> Callable[[Upcaster], Upcaster]:
    """Declares a function that lifts the data of event `name` from version `schema` to the next one."""

    def declare(upcaster: Upcaster) -> Upcaster:
        if _upcasters.setdefault((name, schema), upcaster) is not upcaster:
            raise ValueError(f"{name} has two upcasters from version {schema}")
        return upcaster

    return declare


def upcasters_of(event: type[Event]) -> list[Upcaster]:
    """The functions that lift stored data of an event to the shape that its class has now."""
    return [
        _upcasters[event.event_name, schema]
        for schema in range(1, event.schema_version)
        if (event.event_name, schema) in _upcasters
    ]


def encode(event: Event) -> str:
    """The event's data as JSON, in the schema version that its class has now."""
    return event.model_dump_json(by_alias=True)


class Codec:
    """Decodes the events it was given. Raises `ValueError` when two of them share a stored name."""

    def __init__(self, events: Iterable[type[Event]]) -> None:
        self._classes: dict[str, type[Event]] = {}
        for event in events:
            if self._classes.setdefault(event.event_name, event) is not event:
                raise ValueError(f"two events are stored as {event.event_name}")

    @property
    def classes(self) -> tuple[type[Event], ...]:
        """Every event class that it reads."""
        return tuple(self._classes.values())

    def decode(self, name: str, schema: int, data: str) -> Event:
        """The event that was stored under `name` in version `schema`.

        Raises `UnknownEvent` for a name, or a version, that no class here reads, pydantic's `ValidationError` for data that
        does not fit, and whatever an upcaster raises.
        """
        cls = self._classes.get(name)
        if cls is None or schema > cls.schema_version:
            raise UnknownEvent(name, schema)
        if schema == cls.schema_version:
            return cls.model_validate_json(data)
        lifted: Json = orjson.loads(data)
        for version in range(schema, cls.schema_version):
            upcaster = _upcasters.get((name, version))
            if upcaster is None:
                raise UnknownEvent(name, schema)
            lifted = upcaster(lifted)
        return cls.model_validate_json(orjson.dumps(lifted))
