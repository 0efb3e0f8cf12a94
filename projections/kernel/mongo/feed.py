"""The feed: what projectors commit, as the change stream tells it. One for each process.

In the change stream a transaction's documents come before the move of the checkpoint that covers them (see `commits`). So
they are gathered until the checkpoint moves, and handed on together. A document that was written outside of a transaction
goes with the next one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import bson
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.decimal128 import Decimal128
from bson.raw_bson import RawBSONDocument

from projections.kernel.commits import Commit, Written
from projections.kernel.mongo.checkpoints import Checkpoints
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.stream import Event, Stream
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition


class _DecimalDecoder(TypeDecoder):
    """Conditions compare numbers; MongoDB's own type is none to Python."""

    @property
    def bson_type(self) -> type[Decimal128]:
        return Decimal128

    def transform_bson(self, value: Any) -> Any:
        return value.to_decimal()


_WHOLE: CodecOptions[Stored] = CodecOptions(type_registry=TypeRegistry([_DecimalDecoder()]))


class Feed:
    """Tells `checkpoints` how far each projection has come, and `committed` what was written to those that are watched.

    `missed` is called when commits may have been missed. `run` is the task that does it.
    """

    def __init__(
        self,
        collections: Collections,
        projections: Iterable[AnyProjection],
        checkpoints: Checkpoints,
        committed: Callable[[Commit], None],
        missed: Callable[[], None],
    ) -> None:
        # The checkpoint of a generation has the name of its collection for its id.
        self._projections = {collections.checkpoint_id(one): one for one in projections}
        self._checkpoints = checkpoints
        self._committed = committed
        self._missed = missed
        self._gathered: defaultdict[str, list[Written]] = defaultdict(list)
        self._of_checkpoints = collections.checkpoints.name
        watched = [collections.documents(one).name for one in self._projections.values() if one.spec.watch]
        self._stream = Stream(collections.database, self._match(watched), self._heard, self._anew)

    async def run(self) -> None:
        """Follows for ever."""
        await self._stream.run()

    def _match(self, watched: Sequence[str]) -> dict[str, Any]:
        updated = "updateDescription.updatedFields"
        documents = {"ns.coll": {"$in": watched}, "operationType": {"$in": ["insert", "replace", "delete"]}}
        # A chunk of a fan-out moves `partial` alone.
        moves = {
            "ns.coll": self._of_checkpoints,
            "documentKey._id": {"$in": list(self._projections)},
            "operationType": "update",
            "$or": [{f"{updated}.{field}": {"$exists": True}} for field in ("position", "partial")],
        }
        return {"$or": [documents, moves]}

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            collection = event["ns"]["coll"]
            if collection == self._of_checkpoints:
                moved = event["updateDescription"]["updatedFields"]
                self._moved(event["documentKey"]["_id"], moved.get("position"))
            else:
                self._gathered[collection].append(_written(event))

    def _moved(self, checkpoint_id: str, position: LogPosition | None) -> None:
        written = self._gathered.pop(checkpoint_id, [])
        projection = self._projections[checkpoint_id]
        # A checkpoint that was not read yet may be another log's.
        if self._checkpoints.known(projection) is None:
            return
        if written:
            self._committed(Commit(projection, position, written))
        if position is not None:
            self._checkpoints.heard(checkpoint_id, position)

    def _anew(self) -> None:
        self._gathered.clear()
        self._missed()


def _written(event: Event) -> Written:
    kind = event["operationType"]
    document = None if kind == "delete" else event["fullDocument"]
    return Written(Key(event["documentKey"]["_id"]), partial(_read, document), born=kind == "insert")


def _read(document: RawBSONDocument | None) -> Stored | None:
    return None if document is None else bson.decode(document.raw, _WHOLE)
