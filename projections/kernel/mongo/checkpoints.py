"""What this process knows of the projections' checkpoints. The port `Freshness`.

The feed tells of each move. A poll is the safety net.
"""

import asyncio
import logging
from collections.abc import Iterable

from pymongo.errors import PyMongoError

from projections.kernel.errors import NotReady, StoreUnavailable
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.projection import AnyProjection
from write_side.kernel.positions import LogId, LogPosition
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)
POLL = 1.0
"""How often the checkpoints are read, in seconds."""


class Checkpoints:
    """How far each projection is known to have come. `run` is the task that polls."""

    def __init__(self, collections: Collections, projections: Iterable[AnyProjection], log_id: LogId) -> None:
        self._collections = collections
        self._log_id = log_id
        self._known: dict[str, LogPosition | None] = {collections.checkpoint_id(one): None for one in projections}
        self._signals = {checkpoint_id: Signal() for checkpoint_id in self._known}

    def checkpoint(self, projection: AnyProjection) -> LogPosition:
        """See `Freshness.checkpoint`. Raises `NotReady` for one that was not made, or was made for another log."""
        known = self.known(projection)
        if known is None:
            raise NotReady(f"{projection.name} was not made for this log: run `oneread migrate`")
        return known

    def known(self, projection: AnyProjection) -> LogPosition | None:
        """How far a projection of this log is known to have come; None when there is none."""
        return self._known[self._collections.checkpoint_id(projection)]

    async def reached(self, projection: AnyProjection, position: LogPosition, seconds: float) -> bool:
        """See `Freshness.reached`. Woken by what is heard, never polling."""
        checkpoint_id = self._collections.checkpoint_id(projection)
        deadline = asyncio.get_running_loop().time() + seconds
        while self.checkpoint(projection) < position:
            ticket = self._signals[checkpoint_id].ticket()
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            await Signal.wait(ticket, left)
        return True

    def heard(self, checkpoint_id: str, position: LogPosition) -> None:
        """Notes how far a generation has come. What is older than what is known changes nothing."""
        known = self._known.get(checkpoint_id)
        if known is None or position > known:
            self._known[checkpoint_id] = position
            self._signals[checkpoint_id].set()

    async def run(self) -> None:
        """Reads them again and again, for ever: what is heard may get lost."""
        while True:
            try:
                await self.refresh()
            except (StoreUnavailable, PyMongoError) as error:
                _log.warning("reading the checkpoints failed", extra={"reason": str(error)})
            await asyncio.sleep(POLL)

    async def refresh(self) -> None:
        """Reads all checkpoints once. Raises `StoreUnavailable`."""
        with translated():
            async for stored in self._collections.checkpoints.find({"_id": {"$in": list(self._known)}}):
                if stored["log"] == self._log_id.hex:
                    self.heard(stored["_id"], LogPosition(stored["position"]))
