"""The feed: what projectors commit to the served generations, as the change stream tells it. One for each process.

In the change stream a transaction's documents come before the move of the checkpoint that covers them (see `commits`). So
they are gathered until the checkpoint moves, and handed on together. A document that was written outside of a transaction
goes with the next one. A repair moves the checkpoint too: not its position, but the count of its repairs.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import bson
from bson.codec_options import CodecOptions, TypeDecoder, TypeRegistry
from bson.decimal128 import Decimal128
from bson.raw_bson import RawBSONDocument

from projections.kernel.checkpoints import Checkpoints, Place
from projections.kernel.commits import Audience, Commit, Written
from projections.kernel.generations import Generation
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.stream import Event, Stream
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.serving import Serving
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
_UPDATED = "updateDescription.updatedFields"


class Feed:
    """Tells `checkpoints` how far generations have come, `serving` what is parked, and `audience` what was written.

    `served` is called when it may have changed which generations are served, or something was missed: it is to be read.
    `run` is the task that does it.
    """

    def __init__(
        self,
        collections: Collections,
        serving: Serving,
        checkpoints: Checkpoints,
        audience: Audience,
        served: Callable[[], None],
    ) -> None:
        self._aliases = collections.aliases.name
        self._moves = collections.checkpoints.name
        self._letters = collections.dead_letters.name
        self._serving = serving
        self._checkpoints = checkpoints
        self._audience = audience
        self._served = served
        self._followed: dict[str, Generation] = {}
        self._repaired: dict[Generation, Place] = {}
        self._gathered: defaultdict[str, list[Written]] = defaultdict(list)
        self._stream = Stream(collections.database, self._followed_now(), self._heard, self._anew)
        serving.on_switch(self._switched)

    async def run(self) -> None:
        """Follows for ever."""
        await self._stream.run()

    def _followed_now(self) -> Mapping[str, Any]:
        """What is served now is followed from here on. Returns what its changes match."""
        served = self._serving.generations
        self._followed = {generation.id: generation for generation in served}
        before, place = self._repaired, self._checkpoints.place
        self._repaired = {one: before[one] if one in before else place(one.projection) for one in served}
        watched = [name for name, generation in self._followed.items() if generation.projection.spec.watch]
        documents = {"ns.coll": {"$in": watched}, "operationType": {"$in": ["insert", "replace", "delete"]}}
        # A chunk of a fan-out moves `partial` alone.
        moves = {
            "ns.coll": self._moves,
            "documentKey._id": {"$in": list(self._followed)},
            "operationType": "update",
            "$or": [{f"{_UPDATED}.{field}": {"$exists": True}} for field in ("position", "partial", "repairs")],
        }
        versions = [projection.version_id for projection in self._serving.projections]
        aliases = {"ns.coll": self._aliases, "documentKey._id": {"$in": versions}}
        letters = {"ns.coll": self._letters, "operationType": {"$in": ["insert", "replace", "delete"]}}
        return {"$or": [documents, moves, aliases, letters]}

    def _heard(self, events: Sequence[Event]) -> None:
        for event in events:
            collection = event["ns"]["coll"]
            if collection == self._moves:
                self._moved(event["documentKey"]["_id"], event["updateDescription"]["updatedFields"])
            elif collection == self._letters:
                self._parked(event)
            elif collection == self._aliases:
                self._served()
            else:
                self._gathered[collection].append(_written(event))

    def _moved(self, generation_id: str, changed: Mapping[str, Any]) -> None:
        written = self._gathered.pop(generation_id, [])
        generation = self._followed.get(generation_id)
        if generation is None:
            return  # it was served until just now
        if "repairs" in changed:
            self._repairs(generation, changed, written)
            return
        position: LogPosition | None = changed.get("position")
        if written:
            self._audience.committed(Commit(generation.projection, position, written))
        if position is not None:
            self._checkpoints.heard(generation, position)

    def _repairs(self, generation: Generation, changed: Mapping[str, Any], written: Sequence[Written]) -> None:
        last, known = self._repaired[generation], self._checkpoints.place(generation.projection)
        if changed["repairs"] <= last.repairs:
            return  # made before it was served: who watches has read it since
        # What is not told has not changed since the repair before. What is known by now may be ahead of that, and has to do
        # only where some were missed.
        before = last if changed["repairs"] == last.repairs + 1 else known
        mended: LogPosition | None = changed.get("mended", before.mended)
        self._repaired[generation] = repaired = Place(known.position, mended, changed["repairs"])
        if written:
            position = known.position if mended is None else mended
            self._audience.committed(Commit(generation.projection, position, written, mended=True))
        self._checkpoints.stands(generation, repaired)

    def _parked(self, event: Event) -> None:
        generation_id, _, key = event["documentKey"]["_id"].partition("/")
        if (generation := self._followed.get(generation_id)) is not None:
            parked = None if event["operationType"] == "delete" else LogPosition(event["fullDocument"]["position"])
            self._serving.heard(generation, Key(key), parked)

    def _switched(self, projection: AnyProjection) -> None:
        # What is under way of the generation before belongs to nobody: its watchers read again.
        for generation_id, generation in self._followed.items():
            if generation.projection is projection:
                self._gathered.pop(generation_id, None)
        self._stream.follow(self._followed_now())
        self._audience.switched(projection)

    def _anew(self) -> None:
        self._gathered.clear()
        self._audience.missed()
        self._served()


def _written(event: Event) -> Written:
    kind = event["operationType"]
    document = None if kind == "delete" else event["fullDocument"]
    return Written(Key(event["documentKey"]["_id"]), partial(_read, document), born=kind == "insert")


def _read(document: RawBSONDocument | None) -> Stored | None:
    return None if document is None else bson.decode(document.raw, _WHOLE)
