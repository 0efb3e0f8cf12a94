"""The poll: reads again and again which generations are served, where they stand, and what of them is parked.

The feed tells of the same, and what it hears may get lost. That another generation is served is learnt here only: it is
served here from the moment on that its place is known.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from projections.kernel.checkpoints import Checkpoints, Place
from projections.kernel.errors import StoreUnavailable
from projections.kernel.generations import Generation
from projections.kernel.mongo.aliases import decode_alias
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.projection import Key
from projections.kernel.serving import Parked, Serving
from write_side.kernel.positions import LogPosition
from write_side.kernel.signals import Signal

_log = logging.getLogger(__name__)
POLL = 1.0
"""How often it reads, in seconds."""


class Poll:
    """Tells `serving` and `checkpoints` what it reads. `run` is its task."""

    def __init__(self, collections: Collections, serving: Serving, checkpoints: Checkpoints) -> None:
        self._collections = collections
        self._serving = serving
        self._checkpoints = checkpoints
        self._wanted = Signal()

    def soon(self) -> None:
        """Something has changed: it is read at once."""
        self._wanted.set()

    async def run(self) -> None:
        """Reads for ever."""
        while True:
            ticket = self._wanted.ticket()
            try:
                if await self.refresh():
                    continue  # what was parked since, of what is served now, nobody may have heard
            except (StoreUnavailable, PyMongoError) as error:
                _log.warning("reading what is served failed", extra={"reason": str(error)})
            except Exception:
                # Others still rely on it: what this process believes to be served may be dropped one day.
                _log.exception("reading what is served failed")
            await Signal.wait(ticket, POLL)

    async def refresh(self) -> bool:
        """Reads once; whether to read again at once: something else is served by that, or changed while it was read.

        One at a time. Raises `StoreUnavailable`.
        """
        before, overtaken = self._serving.generations, False
        with translated():
            # In this order: where a generation stands is past where it was switched to, and all that is parked up to there
            # is read.
            versions = {"_id": {"$in": [projection.version_id for projection in self._serving.projections]}}
            aliases = {each["_id"]: decode_alias(each) async for each in self._collections.aliases.find(versions)}
            meant = {one: aliases.get(one.version_id) for one in self._serving.projections}
            found = [self._serving.meant(projection, alias) for projection, alias in meant.items()]
            served = [generation for generation in found if generation is not None]
            heard = {generation: self._serving.letters_heard(generation) for generation in served}
            places = await self._places(served)
            parked = await self._parked(served)
        for projection, alias in meant.items():
            generation = self._serving.meant(projection, alias)
            if generation is None:
                self._serving.take(projection, alias, {})
            elif self._serving.letters_heard(generation) != heard[generation]:
                # What was read of its letters may be older than what was heard, and newer: nobody is to be told that it
                # stands somewhere before what is parked up to there is known.
                overtaken = True
            elif (place := places.get(generation)) is not None and self._is_not_behind(generation, place):
                self._checkpoints.stands(generation, place)
                self._serving.take(projection, alias, parked[generation])
                self._serving.park(generation, parked[generation])
        return overtaken or self._serving.generations != before

    def _is_not_behind(self, generation: Generation, place: Place) -> bool:
        """Whether nobody here has seen more than is in it. The switch makes sure of that; where not, nothing goes back."""
        known = self._checkpoints.known(generation.projection)
        if generation in self._serving.generations or known is None or known <= place.position:
            return True
        _log.error("what should be served is behind", extra={"generation": generation.id, "position": place.position})
        return False

    async def _places(self, generations: Sequence[Generation]) -> Mapping[Generation, Place]:
        by_id = {generation.id: generation for generation in generations}
        found = self._collections.checkpoints.find({"_id": {"$in": list(by_id)}})
        return {by_id[stored["_id"]]: _place(stored) async for stored in found}

    async def _parked(self, generations: Sequence[Generation]) -> Mapping[Generation, Parked]:
        parked: dict[str, dict[Key, LogPosition]] = {generation.id: {} for generation in generations}
        wanted = {"generation": {"$in": list(parked)}}
        fields = {"_id": False, "generation": True, "key": True, "position": True}
        async for letter in self._collections.dead_letters.find(wanted, fields):
            parked[letter["generation"]][Key(letter["key"])] = LogPosition(letter["position"])
        return {generation: parked[generation.id] for generation in generations}


def _place(stored: Mapping[str, Any]) -> Place:
    mended = None if stored["mended"] is None else LogPosition(stored["mended"])
    return Place(LogPosition(stored["position"]), mended, stored["repairs"])
