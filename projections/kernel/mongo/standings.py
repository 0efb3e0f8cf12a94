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


async def standings(collections: Collections, projections: Sequence[AnyProjection], log: LogId) -> Sequence[Standing]:
    """See `Generations.standings`. `log` is the one that is open."""
    by_version = {projection.version_id: projection for projection in projections}
    with translated():
        command = aggregate(collections.checkpoints.name, _stages(collections, list(by_version)), MOST)
        found = await results(collections.database, command)
    standing = [_standing(Generation(by_version[each["version"]], each["generation"]), each, log) for each in found]
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


def _standing(generation: Generation, stored: Mapping[str, Any], log: LogId) -> Standing:
    alias = decode_alias(stored["alias"]) if "alias" in stored else None
    made_for = LogId(UUID(stored["log"]))
    moved_at = stored.get("movedAt")
    return Standing(
        generation,
        _state(generation.number, alias, stored["owner"], log, made_for),
        made_for,
        decode_checkpoint(stored),
        stored["owner"],
        None if moved_at is None else moved_at.replace(tzinfo=UTC),
        stored["failure"],
        stored["letters"],
        # Those of before there were purposes were all made to be served.
        Purpose(stored.get("purpose", Purpose.SERVING.value)),
    )


def _state(number: int, alias: Alias | None, owner: str | None, log: LogId, made_for: LogId) -> State:
    ours = alias is not None and alias.log == log
    if made_for != log:
        # Where this log's is served, or being built, nobody needs it but who still works on it.
        return State.LEFT if ours and owner is None else State.OTHER_LOG
    if alias is not None and ours:
        if number == alias.serving:
            return State.SERVED
        if number == alias.former:
            return State.FORMER
        if number == alias.building:
            return State.BUILDING
    # One that is compared is in no alias: who works on it is all that keeps it.
    return State.LEFT if owner is None else State.BUILDING
