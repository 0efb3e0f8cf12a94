"""Rows of the log as events: for a decision, which needs every event of a stream, and for who reads the log on and on."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from write_side.kernel.append import Head, Past, Snapshot
from write_side.kernel.codec import Codec
from write_side.kernel.events import Metadata, Recorded, StreamName, Unreadable
from write_side.kernel.ids import CommandId

Row = Iterable[Any]
"""A row as the driver has it: position, event id, stream, version, type, schema version, data, metadata, and both times.

One without a position is a snapshot: its type is the digest, its data the state.
"""

AT_ONCE = 500
"""Events of streams that are decoded at one go: of a long stream without a snapshot they take some milliseconds."""

UNREAD = Metadata(CommandId(""), "", "", "")
"""Who and what caused an event that could not be read."""


def decoded(row: Row, codec: Codec) -> Recorded:
    """The event. Raises `UnknownEvent`, and whatever else the codec raises for what it cannot read."""
    position, event_id, stream, version, name, schema, data, metadata, occurred_at, recorded_at = row
    by = orjson.loads(metadata)
    return Recorded(
        position,
        event_id,
        stream,
        version,
        codec.decode(name, schema, data),
        # By their names: code of a later version may store more of them.
        Metadata(by["command_id"], by["correlation_id"], by["causation_id"], by["actor"]),
        occurred_at,
        recorded_at,
    )


async def pasts(rows: Iterable[Row], codec: Codec) -> dict[StreamName, Past]:
    """Streams, of rows in the order of versions. Lets others go on meanwhile. Raises as `decoded` does."""
    snapshots: dict[StreamName, Snapshot] = {}
    events: dict[StreamName, list[Recorded]] = {}
    for number, row in enumerate(rows, 1):
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)
        position, event_id, stream, version, digest, _, state, *_ = row
        if position is None:
            snapshots[stream] = Snapshot(stream, digest, Head(version, event_id), state)
        else:
            events.setdefault(stream, []).append(decoded(row, codec))
    return {stream: Past(snapshots.get(stream), events.get(stream, ())) for stream in snapshots | events}


def read(rows: Sequence[Row], codec: Codec) -> list[Recorded]:
    """The events; in the place of one that cannot be read stands `Unreadable`, and keeps no other from being read."""
    return [_read(row, codec) for row in rows]


def _read(row: Row, codec: Codec) -> Recorded:
    try:
        return decoded(row, codec)
    except Exception as error:  # any: an upcaster is code of an area
        position, event_id, stream, version, name, schema, _, _, occurred_at, recorded_at = row
        unread = Unreadable(stored_name=name, stored_schema=schema, error=type(error).__name__)
        return Recorded(position, event_id, stream, version, unread, UNREAD, occurred_at, recorded_at)
