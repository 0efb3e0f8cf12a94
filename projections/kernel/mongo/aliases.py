"""Aliases: which generations of a projection's version count. The numbers of generations are given out here."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from projections.kernel.generations import Alias, Generation
from projections.kernel.mongo.client import Session
from projections.kernel.mongo.collections import Collections
from projections.kernel.projection import AnyProjection
from write_side.kernel.positions import LogId

_NOTHING = {"serving": None, "building": None, "former": None}


def decode_alias(stored: Mapping[str, Any]) -> Alias:
    """A stored alias."""
    return Alias(LogId(UUID(stored["log"])), stored["serving"], stored["building"], stored["former"])


class Aliases:
    """The stored aliases, for one log. `last` in each is the highest number that a generation was given.

    All raise PyMongo's errors.
    """

    def __init__(self, collections: Collections, log: LogId) -> None:
        self._aliases = collections.aliases
        self._log = log

    async def find(self, projection: AnyProjection, session: Session | None = None) -> Alias | None:
        """The alias of a version, if it has one."""
        stored = await self._aliases.find_one({"_id": projection.version_id}, session=session)
        return None if stored is None else decode_alias(stored)

    async def made(self, projection: AnyProjection) -> Alias:
        """The alias of a version, which is made where there is none."""
        fresh = {"log": self._log.hex, **_NOTHING, "last": 0}
        with suppress(DuplicateKeyError):  # somebody was faster
            await self._aliases.update_one({"_id": projection.version_id}, {"$setOnInsert": fresh}, upsert=True)
        alias = await self.find(projection)
        assert alias is not None  # nobody takes one away
        return alias

    async def next_number(self, projection: AnyProjection) -> int:
        """A number that no generation of the version has had."""
        await self.made(projection)
        change = [{"$set": {"last": {"$add": ["$last", 1]}}}]
        counted = await self._aliases.find_one_and_update(
            {"_id": projection.version_id}, change, return_document=ReturnDocument.AFTER
        )
        assert counted is not None  # nobody takes one away
        number: int = counted["last"]
        return number

    async def building(self, projection: AnyProjection) -> int:
        """The number of the generation that is being built for this log: a new one, if there is none yet.

        An alias of another log is this one's then, and serves nothing.
        """
        await self.made(projection)
        number = await self._noted({"_id": projection.version_id})
        assert number is not None  # nobody takes an alias away
        return number

    async def first(self, projection: AnyProjection) -> int | None:
        """As `building`, where nothing is served; None where something is by now."""
        return await self._noted({"_id": projection.version_id, "serving": None})

    async def _noted(self, which: dict[str, Any]) -> int | None:
        cleared = {"$mergeObjects": ["$$ROOT", {"log": self._log.hex, **_NOTHING}]}
        following = {"$add": ["$last", 1]}
        number = {"$ifNull": ["$building", following]}
        noted: Mapping[str, Any] | None = await self._aliases.find_one_and_update(
            which,
            [
                {"$replaceWith": {"$cond": [{"$eq": ["$log", self._log.hex]}, "$$ROOT", cleared]}},
                {"$set": {"building": number, "last": {"$max": ["$last", number]}}},
            ],
            return_document=ReturnDocument.AFTER,
        )
        return None if noted is None else int(noted["building"])

    async def serve_first(self, generation: Generation) -> None:
        """Serves the generation that is being built, where none is served."""
        number = generation.number
        first = {"_id": generation.projection.version_id, "log": self._log.hex, "serving": None, "building": number}
        await self._aliases.update_one(first, {"$set": {"serving": number, "building": None}})

    async def serve(self, generation: Generation, alias: Alias, session: Session) -> None:
        """Serves a generation from now on; `alias` is what there is now."""
        number = generation.number
        former = alias.serving if alias.log == self._log else None
        building = alias.building if alias.log == self._log and alias.building != number else None
        switched = {"log": self._log.hex, "serving": number, "former": former, "building": building}
        await self._aliases.update_one({"_id": generation.projection.version_id}, {"$set": switched}, session=session)

    async def forget(self, generation: Generation, session: Session) -> None:
        """Takes a generation that is not served out of its alias."""
        for name in ("building", "former"):
            noted = {"_id": generation.projection.version_id, name: generation.number}
            await self._aliases.update_one(noted, {"$set": {name: None}}, session=session)
