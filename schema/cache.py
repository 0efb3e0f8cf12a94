"""A cache of what is costly to make, bounded twice: in entries and in bytes. What was not used for longest goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by key. `entries` and `size` are the most that it holds; `size` is in bytes."""

    def __init__(self, entries: int, size: int) -> None:
        self._entries = entries
        self._size = size
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.weight = 0
        """Bytes of all that is held."""

    def __len__(self) -> int:
        return len(self._held)

    def find(self, key: K, make: Callable[[], tuple[V, int]]) -> V:
        """The value of a key. `make` makes it, and tells its weight in bytes, unless it is held. Raises what `make` does.

        A value that is heavier than all may be together is not held.
        """
        held = self._held
        if (found := held.get(key)) is not None:
            held.move_to_end(key)
            return found[0]
        made = make()
        if made[1] > self._size:
            return made[0]
        held[key] = made
        self.weight += made[1]
        while self.weight > self._size or len(held) > self._entries:
            self.weight -= held.popitem(last=False)[1][1]
        return made[0]
