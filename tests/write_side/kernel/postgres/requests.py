"""Requests to append, in few words."""

from datetime import UTC, datetime

from write_side.kernel.append import EMPTY, Append, Head, NewEvent
from write_side.kernel.events import Event, Metadata, StreamName
from write_side.kernel.ids import CommandId, new_command_id, new_event_id

AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
A = StreamName("sku-clm_a")
B = StreamName("sku-clm_b")
C = StreamName("sku-clm_c")


def request(
    stream: StreamName,
    *events: Event,
    head: Head = EMPTY,
    command_id: str | None = None,
    digest: bytes = b"digest",
    binds: bool = True,
    also: dict[StreamName, Head] | None = None,
) -> Append:
    """A request to append to one stream, having read others also."""
    new = tuple(NewEvent(new_event_id(), stream, head.version + number, event) for number, event in enumerate(events, 1))
    by = CommandId(command_id) if command_id else new_command_id()
    return Append(stream, {stream: head, **(also or {})}, new, digest, binds, Metadata(by, "c", by, "test"), AT)


def head_after(made: Append) -> Head:
    """The head of the stream that a request writes to last, once it is appended."""
    return Head(made.events[-1].version, made.events[-1].event_id)
