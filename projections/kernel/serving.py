"""What this process knows of which generations are served, and what of them is parked. Pure: no I/O. The port `Served`."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from projections.kernel.errors import NotReady
from projections.kernel.generations import Alias, Generation, serving
from projections.kernel.projection import AnyProjection, Key
from write_side.kernel.positions import LogId, LogPosition

Parked = Mapping[Key, LogPosition]
"""Documents that are behind, by key, each with the first position that is not in it."""


class Serving:
    """Which generation each of `projections` serves. `log_id` is the log whose documents this process may serve."""

    def __init__(self, projections: Iterable[AnyProjection], log_id: LogId) -> None:
        self.projections = tuple(projections)
        self._log_id = log_id
        self._aliases: dict[AnyProjection, Alias | None] = {}
        self._served: dict[AnyProjection, Generation] = {}
        self._parked: dict[Generation, dict[Key, LogPosition]] = {}
        self._told: list[Callable[[AnyProjection], None]] = []
        self._heard: Counter[Generation] = Counter()

    def generation(self, projection: AnyProjection) -> Generation:
        """See `Served.generation`."""
        if (served := self._served.get(projection)) is not None:
            return served
        return serving(projection, self._aliases.get(projection), self._log_id)

    @property
    def generations(self) -> tuple[Generation, ...]:
        """All that are served."""
        return tuple(self._served.values())

    def parked(self, projection: AnyProjection) -> Parked:
        """See `Served.parked`."""
        return self._parked[self.generation(projection)]

    def letters_heard(self, generation: Generation) -> int:
        """So often a document of it was heard to be parked or not: who reads that sees by it whether it is still so."""
        return self._heard[generation]

    def on_switch(self, told: Callable[[AnyProjection], None]) -> None:
        """`told` is called whenever another generation of a projection is served from now on, or none."""
        self._told.append(told)

    def meant(self, projection: AnyProjection, alias: Alias | None) -> Generation | None:
        """The generation that `take` would serve."""
        try:
            return serving(projection, alias, self._log_id)
        except NotReady:
            return None

    def take(self, projection: AnyProjection, alias: Alias | None, parked: Parked) -> None:
        """Serves what the alias says from now on. `parked` is what is parked of that generation.

        Where a generation stands is to be known before it is served.
        """
        self._aliases[projection] = alias
        before, after = self._served.pop(projection, None), self.meant(projection, alias)
        if after is not None:
            self._served[projection] = after
        if before == after:
            return
        if before is not None:
            del self._parked[before]
        if after is not None:
            self._parked[after] = dict(parked)
        for told in self._told:
            told(projection)

    def park(self, generation: Generation, parked: Parked) -> None:
        """These are all that are parked of a generation. Nothing is kept of one that is not served."""
        if generation in self._parked:
            self._parked[generation] = dict(parked)

    def heard(self, generation: Generation, key: Key, position: LogPosition | None) -> None:
        """A document is parked, from this position on, or is not any more. Nothing is kept of what is not served."""
        self._heard[generation] += 1
        if (parked := self._parked.get(generation)) is None:
            return
        if position is None:
            parked.pop(key, None)
        else:
            parked[key] = position

    def told(self, generation: Generation, parked: Parked) -> None:
        """These are parked, as its projector in this process has just committed: nobody knows it sooner."""
        known = self._parked.get(generation)
        if known is not None and known != parked:
            self._heard[generation] += 1
            self._parked[generation] = dict(parked)
