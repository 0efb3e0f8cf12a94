"""Reads for queries: one command each. The port `Reads`."""

from collections.abc import Callable, Mapping, Sequence

from projections.kernel.fields import Fields
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import find, results
from projections.kernel.mongo.pages import TOTAL, page_command, places_of
from projections.kernel.mongo.projecting import projected
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition


class MongoDocuments:
    """Reads of the served generations. `checkpoint` tells how far a projection is known to have come."""

    def __init__(self, collections: Collections, checkpoint: Callable[[AnyProjection], LogPosition]) -> None:
        self._collections = collections
        self._checkpoint = checkpoint

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        """See `Reads.many`."""
        self._checkpoint(projection)
        collection = self._collections.documents(projection)
        wanted = {"_id": keys[0] if len(keys) == 1 else {"$in": keys}}
        command = find(collection.name, wanted, projected(projection, fields), len(keys))
        with translated():
            found = await results(collection.database, command)
        return {stored["_id"]: stored for stored in found}

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        """See `Reads.page`. Raises `BadPlace` for a cursor that was not made here."""
        position = self._checkpoint(projection)
        collection = self._collections.documents(projection)
        command = page_command(projection, collection.name, request)
        with translated():
            found = await results(collection.database, command)
        total = 0 if request.with_total else None
        if found and TOTAL in found[-1]:
            total = found.pop()[TOTAL]
        has_more = len(found) > request.size
        documents = found[: request.size]
        if request.backward:
            documents.reverse()
        places = places_of(projection, request, documents) if request.with_places else []
        return Page(documents, places, has_more, total, position)
