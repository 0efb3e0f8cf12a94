"""The collections of a projection: their names, and the validator and indexes that its document class asks for."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pymongo
from pymongo import IndexModel
from pymongo.errors import CollectionInvalid, DuplicateKeyError

from projections.kernel.documents import field_type, stored_path
from projections.kernel.mongo.client import Collection, Database, translated
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import Positions

GENERATION = 1
"""The generation of a version that is made and served: there is one."""


class Collections:
    """Finds the collections of each projection in one database, and makes them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.checkpoints: Collection = database["checkpoints"]
        self.leases: Collection = database["leases"]

    async def held(self) -> frozenset[str]:
        """The ids of the checkpoints that a projector holds the lease of, by the database's clock.

        Raises `StoreUnavailable`.
        """
        holding = {"owner": {"$ne": None}, "$expr": {"$gte": ["$until", "$$NOW"]}}
        with translated():
            return frozenset([lease["_id"] async for lease in self.leases.find(holding, {"_id": True})])

    def documents(self, projection: AnyProjection) -> Collection:
        """The served generation's documents."""
        return self.database[f"{projection.version_id}.g{GENERATION}"]

    def checkpoint_id(self, projection: AnyProjection) -> str:
        """The id of the served generation's checkpoint."""
        return f"{projection.version_id}.g{GENERATION}"

    async def prepare(self, projection: AnyProjection, positions: Positions, born: Mapping[Key, Stored]) -> None:
        """See `ProjectionStore.prepare`. May be run again, and by several at once."""
        documents = self.documents(projection)
        with translated():
            try:
                validator = {"$jsonSchema": projection.shape.schema()}
                await self.database.create_collection(documents.name, validator=validator)
            except CollectionInvalid:
                pass  # another process, or an earlier run, has made it
            if indexes := list(_indexes(projection)):
                await documents.create_indexes(indexes)
            for stored in born.values():
                await _insert(documents, stored)
            checkpoint_id = self.checkpoint_id(projection)
            await _insert(
                self.checkpoints,
                {
                    "_id": checkpoint_id,
                    "log": positions.log_id.hex,
                    "position": 0,
                    "eventId": None,
                    "partial": None,
                    "owner": None,
                },
            )
            await _insert(self.leases, {"_id": checkpoint_id, "owner": None, "until": None, "sessions": []})


async def _insert(collection: Collection, stored: Stored) -> None:
    try:
        await collection.insert_one(dict(stored))
    except DuplicateKeyError:
        return


def _indexes(projection: AnyProjection) -> Iterator[IndexModel]:
    """One per order; per filter one for each order, which finds equal values in that order; one for what is searched.

    One of positions where many documents are watched together: who resumes reads what is past a position.

    `_id` ends each, since it breaks ties. Moments are only ever asked for by the range, which is not found in another order
    whatever the index: one is enough.
    """
    compare = projection.shape.compare_path
    sorts = list(dict.fromkeys(compare(order.path) for order in projection.spec.orders))
    for sort in sorts:
        yield _ascending(sort, "_id")
    for declared in projection.spec.filters:
        path = compare(declared.path)
        if field_type(projection.document, declared.path).base is not datetime:
            yield from (_ascending(path, sort, "_id") for sort in sorts if sort != path)
        elif path not in sorts:
            yield _ascending(path, "_id")
    if "many" in projection.spec.watch:
        yield _ascending("position", "_id")
    if projection.spec.search:
        words: list[tuple[str, Any]] = [(stored_path(path), pymongo.TEXT) for path in projection.spec.search]
        yield IndexModel(words, name="search", default_language="none", language_override="_language")


def _ascending(*paths: str) -> IndexModel:
    return IndexModel([(path, pymongo.ASCENDING) for path in paths])
