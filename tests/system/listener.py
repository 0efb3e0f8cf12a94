"""Listens to what a client of MongoDB sends, and asks MongoDB how it would go about it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from projections.kernel.fields import Fields
from projections.kernel.mongo.client import Database
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import AskedPage, Page, Reads
from projections.kernel.shapes import Stored
from projections.kernel.status import Status, Statuses

OF_THE_SESSION = {"lsid", "$db", "$clusterTime", "$readPreference", "readConcern", "maxTimeMS"}
FROM_AN_INDEX = {"IXSCAN", "IDHACK", "COUNT_SCAN", "TEXT_MATCH"}


class Listener(CommandListener):
    """Notes the commands that a client sends."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    @property
    def names(self) -> list[str]:
        """What kinds of commands they are."""
        return [next(iter(command)) for command in self.commands]

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Of no interest."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Of no interest."""


class Awaited:
    """Reads that can be waited for. An answer that is an error is given while what its other fields read is under way."""

    def __init__(self, reads: Reads, statuses: Statuses) -> None:
        self._reads = reads
        self._statuses = statuses
        self._under_way = 0

    async def idle(self) -> None:
        """Waits until no read is under way, nor about to be."""
        await asyncio.sleep(0.001)
        while self._under_way:  # noqa: ASYNC110 - one that ends may begin the next at once: no moment to be told of
            await asyncio.sleep(0.001)

    async def many(self, projection: AnyProjection, keys: Sequence[Key], fields: Fields) -> Mapping[Key, Stored]:
        self._under_way += 1
        try:
            return await self._reads.many(projection, keys, fields)
        finally:
            self._under_way -= 1

    async def pages(self, asked: Sequence[AskedPage]) -> Sequence[Page]:
        self._under_way += 1
        try:
            return await self._reads.pages(asked)
        finally:
            self._under_way -= 1

    async def look(self) -> Status:
        self._under_way += 1
        try:
            return await self._statuses.look()
        finally:
            self._under_way -= 1


class Plan:
    """The winning plan of a command, as the kinds of its stages, those of a total included."""

    def __init__(self, explained: Any) -> None:
        self.stages = list(_stages(explained))

    @property
    def uses_an_index(self) -> bool:
        """Whether every document that it looks at is one that an index led to."""
        return "COLLSCAN" not in self.stages and not FROM_AN_INDEX.isdisjoint(self.stages)

    @property
    def sorts(self) -> bool:
        """Whether it has to read all that it finds before it can give the first."""
        return "SORT" in self.stages

    def __repr__(self) -> str:
        return f"Plan({', '.join(self.stages)})"


async def plan_of(database: Database, command: dict[str, Any]) -> Plan:
    """How MongoDB would answer a command that was heard."""
    bare = {name: value for name, value in command.items() if name not in OF_THE_SESSION}
    return Plan(await database.command({"explain": bare, "verbosity": "queryPlanner"}))


def _stages(explained: Any) -> Iterator[str]:
    if isinstance(explained, list):
        for part in explained:
            yield from _stages(part)
    elif isinstance(explained, dict):
        if isinstance(stage := explained.get("stage"), str):
            yield stage
        for name, part in explained.items():
            if name != "rejectedPlans":
                yield from _stages(part)
