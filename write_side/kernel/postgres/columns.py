"""A batch of requests as the arguments of the append function: columns, since one statement takes them all."""

from collections.abc import Mapping, Sequence

import orjson

from write_side.kernel.append import Append, Head
from write_side.kernel.events import StreamName


def columns(batch: Sequence[Append]) -> tuple[object, ...]:
    """The arguments in their order, as `functions.sql` tells them.

    Raises `ValueError` for a request whose events do not follow on the heads that it names.
    """
    made: dict[StreamName, Head] = {}
    in_line = len({request.metadata.command_id for request in batch}) == len(batch)
    here: list[bool] = []
    versions: list[int] = []
    ends: list[int] = []
    head_ends: list[int] = []
    metadata: list[str] = []
    for request in batch:
        for name, head in request.heads.items():
            before = made.get(name)
            here.append(before is not None)
            in_line = in_line and before in (None, head)
        written = _written(request)
        made.update(written)
        versions.append(written.get(request.target, request.heads[request.target]).version)
        metadata += [orjson.dumps(request.metadata._asdict()).decode()] * len(request.events)
        ends.append(len(metadata))
        head_ends.append(len(here))
    heads = [item for request in batch for item in request.heads.items()]
    events = [event for request in batch for event in request.events]
    return (
        [request.metadata.command_id for request in batch],
        [request.digest for request in batch],
        [request.binds for request in batch],
        [request.target for request in batch],
        versions,
        [bool(request.events) for request in batch],
        ends,
        head_ends,
        in_line,
        [name for name, _ in heads],
        [head.version for _, head in heads],
        [head.event_id for _, head in heads],
        here,
        [event.event_id for event in events],
        [event.stream for event in events],
        [event.version for event in events],
        [event.event.event_name for event in events],
        [event.event.schema_version for event in events],
        [event.data for event in events],
        metadata,
        [request.occurred_at for request in batch for _ in request.events],
    )


def _written(request: Append) -> Mapping[StreamName, Head]:
    """The heads of the streams that a request writes, after it."""
    written: dict[StreamName, Head] = {}
    for event in request.events:
        before = written.get(event.stream) or request.heads.get(event.stream)
        if before is None or event.version != before.version + 1:
            raise ValueError(f"version {event.version} of {event.stream} does not follow on what the request names")
        written[event.stream] = Head(event.version, event.event_id)
    return written
