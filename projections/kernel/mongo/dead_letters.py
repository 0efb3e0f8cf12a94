"""Dead letters as they are stored, and the port `DeadLetters`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.generations import Generation
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from projections.kernel.texts import datetime_text
from write_side.kernel.positions import LogPosition


def letter_id(generation: Generation, key: Key) -> str:
    """The id of a document's dead letter: a document has one in each generation at most."""
    return f"{generation.id}/{key}"


def encode_letter(generation: Generation, letter: DeadLetter) -> Stored:
    """A dead letter as it is stored."""
    return {
        "_id": letter_id(generation, letter.key),
        "generation": generation.id,
        "version": generation.projection.version_id,
        "number": generation.number,
        "key": letter.key,
        "position": letter.position,
        "event": letter.event,
        "error": letter.error,
        "place": letter.place,
        "attempts": letter.attempts,
        "parkedAt": datetime_text(letter.parked_at),
        "asked": None if letter.asked is None else letter.asked.value,
        "triedAt": None if letter.tried_at is None else datetime_text(letter.tried_at),
    }


def decode_letter(stored: Mapping[str, Any]) -> DeadLetter:
    """A stored dead letter."""
    tried_at = stored.get("triedAt")  # those of before have none
    return DeadLetter(
        Key(stored["key"]),
        LogPosition(stored["position"]),
        stored["event"],
        stored["error"],
        stored["place"],
        stored["attempts"],
        datetime.fromisoformat(stored["parkedAt"]),
        None if stored["asked"] is None else Remedy(stored["asked"]),
        None if tried_at is None else datetime.fromisoformat(tried_at),
    )


class MongoDeadLetters:
    """The port `DeadLetters` on MongoDB."""

    def __init__(self, collections: Collections) -> None:
        self._letters = collections.dead_letters

    async def find(
        self, projections: Sequence[AnyProjection], key: Key | None = None
    ) -> Sequence[tuple[Generation, DeadLetter]]:
        """See `DeadLetters.find`."""
        by_version = {projection.version_id: projection for projection in projections}
        query: dict[str, Any] = {"version": {"$in": list(by_version)}}
        if key is not None:
            query["key"] = {"$eq": key}
        with translated():
            found = await self._letters.find(query).sort([("parkedAt", 1), ("_id", 1)]).to_list(None)
        return [(Generation(by_version[each["version"]], each["number"]), decode_letter(each)) for each in found]

    async def ask(self, generation: Generation, letter: DeadLetter, remedy: Remedy) -> bool:
        """See `DeadLetters.ask`."""
        looked_at = {"_id": letter_id(generation, letter.key), "position": letter.position}
        with translated():
            asked = await self._letters.update_one(looked_at, {"$set": {"asked": remedy.value}})
        return asked.matched_count == 1
