"""The collections: one of documents per generation, and those that all generations share. Finds and makes them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from pymongo.errors import DuplicateKeyError, OperationFailure

from projections.kernel.generations import Generation, Purpose
from projections.kernel.mongo.client import Collection, Database, translated
from projections.kernel.mongo.indexes import ascending, indexes_of
from projections.kernel.projection import Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogId

EXISTS = 48
"""The code of MongoDB's error for a collection that is there already."""


class Collections:
    """Finds the collections in one database, and makes them. What waits for MongoDB raises PyMongo's errors."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.checkpoints: Collection = database["checkpoints"]
        self.leases: Collection = database["leases"]
        self.dead_letters: Collection = database["dead_letters"]
        self.aliases: Collection = database["aliases"]
        self._looked_for: set[tuple[str, str]] = set()

    async def held(self) -> frozenset[str]:
        """The ids of the generations that a projector holds the lease of, by the database's clock.

        Raises `StoreUnavailable`.
        """
        holding = {"owner": {"$ne": None}, "$expr": {"$gte": ["$until", "$$NOW"]}}
        with translated():
            return frozenset([lease["_id"] async for lease in self.leases.find(holding, {"_id": True})])

    def documents(self, generation: Generation) -> Collection:
        """The documents of a generation."""
        return self.database[generation.id]

    async def share(self) -> None:
        """Makes the indexes of what all generations share. May be run again."""
        await self.checkpoints.create_indexes([ascending("version", "generation")])
        await self.dead_letters.create_indexes([ascending("generation", "key"), ascending("version", "key")])

    async def make(self, generation: Generation, purpose: Purpose, log: LogId, born: Mapping[Key, Stored]) -> None:
        """Makes what is lacking of a generation, with the documents that it is born with. May be run again.

        The checkpoint comes first: what has one is found, and dropped if it is left half made. The lease comes last: what
        has one may be claimed, and a transaction that came before the collection would make it without its validator.
        """
        projection, documents = generation.projection, self.documents(generation)
        fresh = {"purpose": purpose.value, "log": log.hex, "position": 0, "eventId": None, "partial": None}
        fresh |= {"owner": None, "movedAt": None, "repairs": 0, "mended": None}
        name = {"projection": projection.name, "version": projection.version_id, "generation": generation.number}
        if await self._is_whole(generation, fresh.keys() | name.keys()):
            return  # nothing is written then: somebody's transaction may hold the checkpoint
        # What one lacks that is of before there were generations to choose from, too.
        whole = [{"$replaceWith": {"$mergeObjects": [fresh, "$$ROOT", name]}}]
        await self.checkpoints.update_one({"_id": generation.id}, whole, upsert=True)
        validator = {"$jsonSchema": projection.shape.schema()}
        try:
            await self.database.create_collection(documents.name, check_exists=False, validator=validator)
        except OperationFailure as error:
            if error.code != EXISTS:  # made by another process, or an earlier run
                raise
        for stored in born.values():
            await _insert(documents, stored)
        await _insert(self.leases, {"_id": generation.id, "owner": None, "until": None, "sessions": [], "failure": None})

    async def _is_whole(self, generation: Generation, fields: Iterable[str]) -> bool:
        checkpoint = {"_id": generation.id, **{name: {"$exists": True} for name in fields}}
        found = await self.checkpoints.find_one(checkpoint), await self.leases.find_one({"_id": generation.id})
        return None not in found

    async def index(self, generation: Generation) -> None:
        """Makes the indexes that readers need. May be run again."""
        if indexes := list(indexes_of(generation.projection)):
            await self.documents(generation).create_indexes(indexes)

    async def index_for(self, generation: Generation, path: str) -> None:
        """Makes an index for what a condition looks at, unless one begins with that path. Asks MongoDB once."""
        if (generation.id, path) in self._looked_for:
            return
        documents = self.documents(generation)
        there = await documents.index_information()
        if not any(index["key"][0][0] == path for index in there.values()):
            await documents.create_indexes([ascending(path, "_id")])
        self._looked_for.add((generation.id, path))


async def _insert(collection: Collection, stored: Stored) -> None:
    with suppress(DuplicateKeyError):
        await collection.insert_one(dict(stored))
