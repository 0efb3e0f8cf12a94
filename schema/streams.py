"""Own streams: which stream's version a document shows."""

from projections.kernel.projection import AnyProjection, Key
from write_side.kernel.domain import Domain
from write_side.kernel.events import StreamName
from write_side.kernel.ids import Id


class OwnStreams:
    """The stream whose version a document shows, by the document's id."""

    def __init__(self, domain: Domain) -> None:
        self._kinds = {kind.name: kind for kind in domain.kinds}

    def check(self, projection: AnyProjection) -> None:
        """Raises `ValueError` when a document is declared to be of a stream that no kind is named for."""
        stream = projection.spec.stream
        if stream is not None and stream not in self._kinds:
            raise ValueError(f"{projection.spec.name} is of the stream {stream}, which the domain does not have")

    def name(self, projection: AnyProjection, key: Key) -> StreamName | None:
        """The name of a document's own stream; None for a document of no single stream."""
        if projection.spec.stream is None:
            return None
        kind = self._kinds[projection.spec.stream]
        return kind.of(kind.key.of(Id(key))).name
