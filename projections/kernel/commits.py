"""Commits: what one transaction of a projector has changed, as whoever follows the documents is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition


@dataclass(frozen=True, slots=True)
class Written:
    """One document that was written. `born` says that it was not there before.

    `read` gives it as it is stored since, or None if it was deleted. It takes time: only who needs the document reads it.
    """

    key: Key
    read: Callable[[], Stored | None]
    born: bool = False


@dataclass(frozen=True, slots=True)
class Commit:
    """What a projection has written, and the checkpoint that it has reached by that.

    `position` is None where the checkpoint has not moved: the documents are a part of those that one event fans out over,
    and it stands just before that event. `mended` says that it stands where it was: documents were repaired that had been
    left behind, and their own positions may be before what was told of others long ago.
    """

    projection: AnyProjection
    position: LogPosition | None
    written: Sequence[Written]
    mended: bool = False


class Audience(Protocol):
    """Whoever is told of commits, each projection's in their order."""

    def committed(self, commit: Commit) -> None:
        """A commit to the generation that is served."""
        ...

    def missed(self) -> None:
        """Some may have been missed."""
        ...

    def switched(self, projection: AnyProjection) -> None:
        """Another generation is served from now on, or none; of its own commits those before that are missed."""
        ...
