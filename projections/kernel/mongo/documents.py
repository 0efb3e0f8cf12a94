"""Reads for queries: one command each. The port `Reads`."""

from collections.abc import Callable, Mapping, Sequence

from projections.kernel.fields import Fields
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import find, results
from projections.kernel.mongo.pages import PageRead, apart, together
from projections.kernel.mongo.projecting import projected
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Page
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition


class MongoDocuments:
    """Reads of the served generations. `checkpoint` tells how far a projection is known to have come."""

    def __init__(self, collections: Collections, checkpoint: Callable[[AnyProjection], LogPosition]) -> None:
        self._collections = collections
        self._checkpoint = checkpoint

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        """See `Reads.many`."""
        self._checkpoint(projection)  # raises where there is nothing to serve
        collection = self._collections.documents(projection)
        wanted = {"_id": keys[0] if len(keys) == 1 else {"$in": keys}}
        command = find(collection.name, wanted, projected(projection, fields), len(keys))
        with translated():
            found = await results(self._collections.database, command)
        return {stored["_id"]: stored for stored in found}

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        """See `Reads.pages`. Raises `BadPlace` for a cursor that was not made here."""
        reads = [
            PageRead(self._collections.documents(projection).name, projection, request, self._checkpoint(projection))
            for projection, request in asked
        ]
        command = together(reads)
        with translated():
            return apart(reads, await results(self._collections.database, command))
