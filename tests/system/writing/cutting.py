"""What PostgreSQL and its client say to each other, and connections that end in the middle of it."""

from collections import defaultdict

from tests.system.proxy import Way


class Listener:
    """Lets everything through, and knows it."""

    def __init__(self) -> None:
        self._said: defaultdict[Way, bytes] = defaultdict(bytes)

    def passes(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """See `Guard.passes`."""
        self._said[way] += data
        return data, False

    def forget(self) -> None:
        """Begins anew, between two messages."""
        self._said.clear()

    def points(self, way: Way, every: int) -> list[int]:
        """Where it could be cut: after so many bytes there are as many again, or a message is over."""
        said = self._said[way]
        ends, end = [0], 0
        while end < len(said):
            # A letter that says what it is, and its length without that letter.
            end += 1 + int.from_bytes(said[end + 1 : end + 5], "big")
            ends.append(end)
        assert end == len(said), "it does not end with a message"
        return sorted({*ends, *range(0, end, every)})


class Knife:
    """Ends connections after `after` bytes one way, so often; `times` says how often still. It is to be `drawn` first."""

    def __init__(self, way: Way, after: int, times: int) -> None:
        self._way = way
        self._after = after
        self._left = after
        self.times = times
        self.drawn = False

    def passes(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """See `Guard.passes`."""
        if not self.drawn or not self.times or way is not self._way:
            return data, False
        if len(data) < self._left:
            self._left -= len(data)
            return data, False
        through, self._left = data[: self._left], self._after
        self.times -= 1
        return through, True
