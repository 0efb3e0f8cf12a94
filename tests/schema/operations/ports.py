"""Ports that answer as a script says, and note what they were asked."""

from dataclasses import dataclass, field, replace
from typing import Any

from projections.kernel.fields import EVERYTHING, Fields
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.reading import Page, PageRequest
from projections.kernel.shapes import Stored
from schema.ports import RequestContext, Services
from tests.schema.fakes import FakeChanges, FakeFreshness, FakeLog, FakeServed, FakeStatuses
from tests.schema.library import DIGITS
from tests.schema.operations.answers import EMPTY, Answers, Read
from tests.schema.operations.narrowing import narrowed
from write_side.kernel.commands import Command, bound_id
from write_side.kernel.ids import CommandId
from write_side.kernel.outcomes import Accepted, Caller, Outcome, Refused
from write_side.kernel.positions import LogPosition


@dataclass
class ScriptedDocuments:
    """Sends what was asked for and no more if it `narrows`, else all there is."""

    answers: Answers
    narrows: bool
    reads: list[Read] = field(default_factory=list)
    _pages: dict[str, Page] = field(default_factory=dict)

    async def find(self, projection: AnyProjection, key: Key, fields: Fields = EVERYTHING) -> Stored | None:
        self.reads.append(Read(projection, key, fields))
        found: Stored | None = _told(self.answers.finds.get((projection.name, key)))
        return narrowed(found, fields) if found is not None and self.narrows else found

    async def page(self, projection: AnyProjection, request: PageRequest) -> Page:
        whole = replace(request, fields=EVERYTHING, with_places=True, with_more=True)
        self.reads.append(Read(projection, whole, request.fields))
        found: Page = _told(self.answers.pages.get((projection.name, repr(whole)), EMPTY))
        sent = request if self.narrows else whole
        # Equal requests get the very same page, as readers who share a read do.
        return self._pages.setdefault(
            repr((projection.name, sent)),
            replace(
                found,
                documents=[narrowed(stored, sent.fields) for stored in found.documents],
                places=found.places if sent.with_places else [],
                has_more=found.has_more and sent.with_more,
                rendered={},
            ),
        )


@dataclass
class ScriptedReplays:
    """Answers as `documents` do, and notes the read there."""

    documents: ScriptedDocuments
    positions: list[LogPosition] = field(default_factory=list)

    async def find(self, projection: AnyProjection, key: Key, to: LogPosition) -> Stored | None:
        self.positions.append(to)
        _told(self.documents.answers.unfolded)
        return await self.documents.find(projection, key)


@dataclass
class ScriptedCommands:
    """Gives commands their outcomes in turn. A stream that is started always has the same key."""

    answers: Answers
    executed: list[tuple[Command, Caller]] = field(default_factory=list)

    async def execute(self, command: Command, caller: Caller) -> Outcome:
        told = self.answers.outcomes[len(self.executed) % len(self.answers.outcomes)]
        self.executed.append((command, caller))
        refusals = _told(told)
        command_id = bound_id(command) or CommandId("made")
        if refusals:
            return Refused(command_id, refusals)
        id_type = command.target_kind.key
        key = getattr(command, command.target_field) or id_type(f"{id_type.prefix}_{DIGITS}")
        return Accepted(command_id, key, 4, LogPosition(60))


class Ports:
    """The ports of one execution, and its context."""

    def __init__(self, answers: Answers, *, narrows: bool) -> None:
        self.documents = ScriptedDocuments(answers, narrows)
        self.commands = ScriptedCommands(answers)
        self.log = FakeLog()
        self.freshness = FakeFreshness(soon=answers.soon)
        self.replays = ScriptedReplays(self.documents)
        self.statuses = FakeStatuses([*answers.statuses])
        self.services = Services(
            self.commands,
            self.log,
            self.documents,
            self.freshness,
            self.replays,
            FakeChanges(),
            FakeServed({**answers.parked}),
            self.statuses,
            patience=0.1,
        )
        caller = Caller("ann", "request-1")
        self.context = RequestContext(
            self.services, caller, "request-1", answers.at_least, answers.wait, None, [], {}, iter(())
        )

    @property
    def heard(self) -> dict[str, list[str]]:
        """All that the ports were asked: reads and waits go side by side, in whatever order; commands do not."""
        return {
            "reads": sorted(f"{read.projection.name} {read.asked!r}" for read in self.documents.reads),
            "log": sorted(map(repr, self.log.asked)),
            "waits": sorted(map(repr, self.freshness.waits)),
            "replays": sorted(map(repr, self.replays.positions)),
            "statuses": ["look"] * self.statuses.looks,
            "commands": [repr(executed) for executed in self.commands.executed],
            "appended": list(self.context.appended),
        }


def _told(answer: Any) -> Any:
    if isinstance(answer, Exception):
        # A fresh one each time: a traceback grows on an exception that is raised again.
        raise type(answer)(*answer.args)
    return answer
