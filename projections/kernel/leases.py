"""Leases: kept while somebody works under them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from projections.kernel.blame import kind_of
from projections.kernel.claim import Claim
from projections.kernel.storing import ProjectionStore

_log = logging.getLogger(__name__)

LEASE = 3.0
"""How long an owner that says nothing keeps its lease, in seconds."""


class Keeping:
    """Renews the leases of claims `every` so many seconds. `run` is its task; `kept` is called for each that is kept."""

    def __init__(
        self,
        store: ProjectionStore,
        claims: Sequence[Claim],
        every: float,
        kept: Callable[[Claim], Awaitable[None]] | None = None,
    ) -> None:
        self._store = store
        self._claims = claims
        self._every = every
        self._kept = kept
        self.lost = False
        """Whether somebody else has taken one of them over."""

    async def run(self) -> None:
        """Keeps them for ever."""
        while True:
            await asyncio.sleep(self._every)
            for claim in tuple(self._claims):  # some may be left meanwhile
                # To the end: PyMongo's locks may not survive a call that is cancelled while it looks for a server.
                await asyncio.shield(self._renew(claim))

    async def _renew(self, claim: Claim) -> None:
        try:
            if not await self._store.renew(claim.generation, claim.owner):
                self.lost = True
            elif self._kept is not None:
                await self._kept(claim)
        except Exception as error:  # any: it is tried again, and losing it is found out at the next commit
            _log.warning("the lease was not renewed", extra={"reason": kind_of(error)})
