"""Versions in the database that no code here projects. The port `OtherVersions`."""

from collections.abc import Mapping, Sequence
from typing import Any

from projections.kernel.mongo.client import Client, Session, awaited, translated
from projections.kernel.mongo.collections import Collections
from projections.kernel.mongo.dropping import drop, seal
from projections.kernel.mongo.leases import end_left_open
from projections.kernel.mongo.transactions import transacted
from projections.kernel.projection import AnyProjection
from projections.kernel.steps import Steps, unwatched
from projections.kernel.versions import OtherVersion
from write_side.kernel.positions import LogPosition


class MongoOtherVersions:
    """The port `OtherVersions` on MongoDB."""

    def __init__(self, client: Client, collections: Collections, steps: Steps = unwatched) -> None:
        self._client = client
        self._collections = collections
        self._steps = steps

    async def find(self, projections: Sequence[AnyProjection]) -> Sequence[OtherVersion]:
        """See `OtherVersions.find`."""
        own = {projection.version_id for projection in projections}
        with translated():
            held = await self._collections.held()
            found = await self._collections.checkpoints.find().sort("_id").to_list(None)
        by_version: dict[str, list[Mapping[str, Any]]] = {}
        for checkpoint in found:
            # A checkpoint says by its id of which version it is, even one that is older than the field.
            version = checkpoint["_id"].rpartition(".")[0]
            if version not in own:
                by_version.setdefault(version, []).append(checkpoint)
        return [_version(version, checkpoints, held) for version, checkpoints in by_version.items()]

    async def drop(self, version: OtherVersion) -> None:
        """See `OtherVersions.drop`. The alias goes first: nobody serves what is no more. Checkpoints go last."""
        with translated():
            for generation in version.generations:
                await end_left_open(self._client, self._collections, generation)
            async with await awaited(self._client.start_session()) as session:
                await transacted(session, lambda: self._seal(version, session))
            for generation in version.generations:
                await drop(self._collections, generation, self._steps)

    async def _seal(self, version: OtherVersion, session: Session) -> None:
        """Makes sure that nobody works on it, or serves it, any more."""
        for generation in version.generations:
            await seal(self._collections, generation, session)
        # The numbers that it has given out stay given out: one that comes back must not find what is being dropped.
        nothing = {"serving": None, "building": None, "former": None}
        await self._collections.aliases.update_one({"_id": version.id}, {"$set": nothing}, session=session)


def _version(version: str, checkpoints: Sequence[Mapping[str, Any]], held: frozenset[str]) -> OtherVersion:
    ids = tuple(checkpoint["_id"] for checkpoint in checkpoints)
    furthest = max(checkpoint["position"] for checkpoint in checkpoints)
    return OtherVersion(version, version.partition(".")[0], ids, LogPosition(furthest), not held.isdisjoint(ids))
