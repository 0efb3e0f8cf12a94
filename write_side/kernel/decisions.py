"""What most decisions begin with: that what a command names exists, or that it does not exist yet."""

from typing import TypeVar

from write_side.kernel.refusals import AlreadyExists, NotFound
from write_side.kernel.streams import Loaded, Stream

S = TypeVar("S")


def existing(loaded: Loaded, stream: Stream[S | None], *path: str) -> S:
    """The state of a stream that must have begun. Raises `NotFound` with `path`, the input's part that names it."""
    state = loaded[stream]
    if state is None:
        raise NotFound(f"there is no {stream.kind.name} {stream.key}", *path)
    return state


def not_yet(loaded: Loaded, stream: Stream[S | None]) -> Stream[S | None]:
    """The stream that a command starts. Raises `AlreadyExists` with the path `id` when it has begun before."""
    if loaded[stream] is not None:
        raise AlreadyExists(f"the id {stream.key} is taken", "id")
    return stream
