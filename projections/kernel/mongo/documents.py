"""Reads for queries: one command each. The port `Reads`."""

from collections.abc import Mapping, Sequence

from projections.kernel.fields import Fields
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import find, results
from projections.kernel.mongo.pages import PageRead, apart, together
from projections.kernel.mongo.projecting import projected
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Freshness, Page, PageRequest, Served
from projections.kernel.shapes import Stored


class MongoDocuments:
    """Reads of the generations that are `served` when a read is sent: it goes on there whatever is switched meanwhile."""

    def __init__(self, collections: Collections, served: Served, freshness: Freshness) -> None:
        self._collections = collections
        self._served = served
        self._freshness = freshness

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        """See `Reads.many`."""
        collection = self._collections.documents(self._served.generation(projection))
        wanted = {"_id": keys[0] if len(keys) == 1 else {"$in": keys}}
        command = find(collection.name, wanted, projected(projection, fields), len(keys))
        with translated():
            found = await results(self._collections.database, command)
        return {stored["_id"]: stored for stored in found}

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        """See `Reads.pages`. Raises `BadPlace` for a cursor that was not made here."""
        reads = [self._read(projection, request) for projection, request in asked]
        command = together(reads)
        with translated():
            return apart(reads, await results(self._collections.database, command))

    def _read(self, projection: AnyProjection, request: PageRequest) -> PageRead:
        collection = self._collections.documents(self._served.generation(projection))
        return PageRead(collection.name, projection, request, self._freshness.checkpoint(projection))
