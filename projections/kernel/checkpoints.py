"""What this process knows of how far the served generations have come. Pure: no I/O. The port `Freshness`.

The feed tells of each move. A poll is the safety net.
"""

import asyncio
from dataclasses import dataclass

from projections.kernel.errors import NotReady
from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection
from projections.kernel.serving import Serving
from write_side.kernel.positions import LogPosition
from write_side.kernel.signals import Signal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a generation stands: every event up to `position` is in it.

    `repairs` counts how often documents were changed without that moving on, `mended` is where it stood when they last
    were, None if they never were.
    """

    position: LogPosition
    mended: LogPosition | None = None
    repairs: int = 0

    def later(self, other: "Place") -> "Place":
        """What is known of both together: nothing goes back."""
        mended = max((at for at in (self.mended, other.mended) if at is not None), default=None)
        return Place(max(self.position, other.position), mended, max(self.repairs, other.repairs))


class Checkpoints:
    """How far each projection is known to have come, in the generation that `serving` says is served."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._places: dict[Generation, Place] = {}
        self._signals = {projection: Signal() for projection in serving.projections}
        serving.on_switch(self._switched)

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        """See `Freshness.checkpoint`."""
        return self.place(projection).position

    def mended(self, projection: AnyProjection) -> LogPosition | None:
        """See `Freshness.mended`."""
        return self.place(projection).mended

    def place(self, projection: AnyProjection) -> Place:
        """Where the generation that is served is known to stand. Raises `NotReady`."""
        return self._places[self._serving.generation(projection)]

    def known(self, projection: AnyProjection) -> LogPosition | None:
        """How far the projection is known to have come; None where nothing is served."""
        try:
            return self.checkpoint(projection)
        except NotReady:
            return None

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        """See `Freshness.reached`. Woken by what is heard, never polling."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.checkpoint(projection) < position:
            ticket = self._signals[projection].ticket()
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await Signal.wait(ticket, left)
        return True

    def heard(self, generation: Generation, position: LogPosition) -> None:
        """Notes how far a generation has come. Nothing is kept of one that is not served."""
        if generation in self._places:
            self.stands(generation, Place(position))

    def stands(self, generation: Generation, place: Place) -> None:
        """Notes where a generation stands that is served, or is about to be. What is older changes nothing."""
        known = self._places.get(generation)
        later = place if known is None else known.later(place)
        if later != known:
            self._places[generation] = later
            self._signals[generation.projection].set()

    def _switched(self, projection: AnyProjection) -> None:
        served = [one for one in self._serving.generations if one.projection is projection]
        for generation in [one for one in self._places if one.projection is projection and one not in served]:
            del self._places[generation]
        self._signals[projection].set()
