"""How all generations stand: one command, led by an index."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from projections.kernel.generations import Alias, Generation, Purpose, Standing, State
from projections.kernel.mongo.aliases import decode_alias
from projections.kernel.mongo.client import translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.commands import Command, aggregate, results
from projections.kernel.mongo.places import decode_checkpoint
from projections.kernel.projection import AnyProjection
from write_side.kernel.positions import LogId

MOST = 1_000
"""More generations than there ever are."""


async def standings(collections: Collections, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
    """See `Generations.standings`."""
    by_version = {projection.version_id: projection for projection in projections}
    with translated():
        command = aggregate(collections.checkpoints.name, _stages(collections, list(by_version)), MOST)
        found = await results(collections.database, command)
    standing = [_standing(Generation(by_version[each["version"]], each["generation"]), each) for each in found]
    order = {version_id: place for place, version_id in enumerate(by_version)}
    return sorted(standing, key=lambda one: (order[one.generation.projection.version_id], one.generation.number))


def _stages(collections: Collections, versions: list[str]) -> list[Command]:
    of_generation = {"from": collections.dead_letters.name, "localField": "_id", "foreignField": "generation"}
    held = {"$gte": [{"$first": "$lease.until"}, "$$NOW"]}
    return [
        {"$match": {"version": {"$in": versions}}},
        {"$lookup": {"from": collections.leases.name, "localField": "_id", "foreignField": "_id", "as": "lease"}},
        {"$lookup": {"from": collections.aliases.name, "localField": "version", "foreignField": "_id", "as": "alias"}},
        {"$lookup": {**of_generation, "pipeline": [{"$count": "all"}], "as": "letters"}},
        {
            "$set": {
                "owner": {"$cond": [held, {"$first": "$lease.owner"}, None]},
                "failure": {"$ifNull": [{"$first": "$lease.failure"}, None]},
                "alias": {"$first": "$alias"},
                "letters": {"$ifNull": [{"$first": "$letters.all"}, 0]},
            }
        },
        {"$unset": "lease"},
    ]


def _standing(generation: Generation, stored: Mapping[str, Any]) -> Standing:
    alias = decode_alias(stored["alias"]) if "alias" in stored else None
    moved_at = stored.get("movedAt")
    return Standing(
        generation,
        _state(generation, alias, stored["owner"]),
        LogId(UUID(stored["log"])),
        decode_checkpoint(stored),
        stored["owner"],
        None if moved_at is None else moved_at.replace(tzinfo=UTC),
        stored["failure"],
        stored["letters"],
        # Those of before there were purposes were all made to be served.
        Purpose(stored.get("purpose", Purpose.SERVING.value)),
    )


def _state(generation: Generation, alias: Alias | None, owner: str | None) -> State:
    number = generation.number
    if alias is not None and number == alias.serving:
        return State.SERVED
    if alias is not None and number == alias.former:
        return State.FORMER
    # One that is compared is in no alias: who works on it is all that keeps it.
    return State.BUILDING if owner is not None or (alias is not None and number == alias.building) else State.LEFT
