"""A batch of requests as the arguments of the append function: columns, since one statement takes them all."""

from collections.abc import Iterator, Mapping, Sequence

import orjson

from write_side.kernel.append import Append, Head
from write_side.kernel.events import StreamName
from write_side.kernel.ids import CommandId


class Columns:
    """The columns of requests that one call may append: those that fit to what the ones before them make."""

    def __init__(self) -> None:
        self.batch: list[Append] = []
        self._ids: set[CommandId] = set()
        self._heads: dict[StreamName, tuple[int, Head]] = {}
        self._makers: list[int] = []
        self._versions: list[int] = []

    def add(self, request: Append) -> bool:
        """Adds a request, unless it has to wait until it is known what became of those that are here.

        Raises `ValueError` when its events do not follow on the heads that it names.
        """
        made = [self._heads.get(name, (0, head)) for name, head in request.heads.items()]
        if request.metadata.command_id in self._ids or [head for _, head in made] != [*request.heads.values()]:
            return False
        written = _written(request)
        self.batch.append(request)
        self._ids.add(request.metadata.command_id)
        self._makers += [maker for maker, _ in made]
        self._versions.append(written.get(request.target, request.heads[request.target]).version)
        self._heads.update((name, (len(self.batch), head)) for name, head in written.items())
        return True

    def arguments(self) -> tuple[object, ...]:
        """The arguments in their order, as `functions.sql` tells them."""
        batch = self.batch
        heads = [(number, name, head) for number, request in enumerate(batch, 1) for name, head in request.heads.items()]
        events = [(number, event) for number, request in enumerate(batch, 1) for event in request.events]
        return (
            [request.metadata.command_id for request in batch],
            [request.digest for request in batch],
            [request.binds for request in batch],
            [request.target for request in batch],
            self._versions,
            [len(request.events) for request in batch],
            [number for number, _, _ in heads],
            self._makers,
            [name for _, name, _ in heads],
            [head.version for _, _, head in heads],
            [head.event_id for _, _, head in heads],
            [number for number, _ in events],
            [number for request in batch for number in range(1, len(request.events) + 1)],
            [event.event_id for _, event in events],
            [event.stream for _, event in events],
            [event.version for _, event in events],
            [event.event.event_name for _, event in events],
            [event.event.schema_version for _, event in events],
            [event.data for _, event in events],
            [text for request in batch for text in [_metadata(request)] * len(request.events)],
            [request.occurred_at for request in batch for _ in request.events],
        )


def calls(batch: Sequence[Append]) -> Iterator[Columns]:
    """The calls that append a batch: one, unless its requests contradict one another. Raises as `Columns.add` does."""
    columns = Columns()
    for request in batch:
        if not columns.add(request):
            yield columns
            columns = Columns()
            columns.add(request)
    if columns.batch:
        yield columns


def _metadata(request: Append) -> str:
    return orjson.dumps(request.metadata._asdict()).decode()


def _written(request: Append) -> Mapping[StreamName, Head]:
    """The heads of the streams that a request writes, after it."""
    written: dict[StreamName, Head] = {}
    for event in request.events:
        before = written.get(event.stream) or request.heads.get(event.stream)
        if before is None or event.version != before.version + 1:
            raise ValueError(f"version {event.version} of {event.stream} does not follow on what the request names")
        written[event.stream] = Head(event.version, event.event_id)
    return written
