"""The switch: what one transaction does so that another generation is served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from projections.kernel.errors import Fenced, HasDeadLetters, NotCaughtUp
from projections.kernel.generations import Alias, Generation
from projections.kernel.mongo.aliases import Aliases
from projections.kernel.mongo.client import Session
from projections.kernel.mongo.collections import Collections
from projections.kernel.steps import Steps

Stored = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Switch:
    """From `served`, if anything is, to `generation`, whose checkpoint `owner` owns. `seen` is the alias as it was before.

    `force` and `same_as` are those of `Generations.switch`.
    """

    collections: Collections
    aliases: Aliases
    generation: Generation
    owner: str
    seen: Alias
    served: Generation | None
    force: bool
    same_as: Generation | None
    steps: Steps

    async def run(self, session: Session) -> None:
        """All of it, in the session's transaction. Raises `Fenced`, `NotCaughtUp`, `HasDeadLetters`."""
        # First what a projector writes to all the time: a transaction that has read before it writes there would lose.
        old = None
        if self.served is not None:
            old = await fenced(self.collections, {"_id": self.served.id}, session, {"owner": None})
        new = await fenced(self.collections, {"_id": self.generation.id, "owner": self.owner}, session)
        self.steps("switch: fenced")
        if new is None:
            raise Fenced(f"{self.generation.id} has been taken over")
        alias = await self.aliases.find(self.generation.projection, session)
        if alias is None or (alias.log, alias.serving) != (self.seen.log, self.seen.serving):
            raise Fenced(f"something else than before {self.generation.id} is served by now")
        if old is not None:
            self._demand_caught_up(new, old)
        if not self.force:
            await self._demand_no_letters(session)
        await self._mark(new, old, session)
        await self.aliases.serve(self.generation, alias, session)
        if self.served is not None:
            # Its projector would find out at its next commit. Where nothing happens it is to find out, too.
            await self.collections.leases.update_one({"_id": self.served.id}, {"$set": {"owner": None}}, session=session)
        self.steps("switch: alias written")

    def _demand_caught_up(self, new: Stored, old: Stored) -> None:
        """No document may go back in time. An event that is half done is in some of them already."""
        if new["partial"] is not None or new["position"] < old["position"] + (old["partial"] is not None):
            raise NotCaughtUp(self.generation.id, new["position"], old["position"])

    async def _demand_no_letters(self, session: Session) -> None:
        if count := await self._letters([self.generation], session):
            raise HasDeadLetters(self.generation.id, count)

    async def _letters(self, generations: Sequence[Generation], session: Session) -> int:
        of_them = {"generation": {"$in": [each.id for each in generations]}}
        return await self.collections.dead_letters.count_documents(of_them, session=session)

    async def _mark(self, new: Stored, old: Stored | None, session: Session) -> None:
        """Who saw what was served before a repair has to read again, from whichever generation."""
        marks = [stored.get("mended") for stored in (new, old) if stored is not None]
        if await self._differs(session):
            marks.append(new["position"])
        if known := [mark for mark in marks if mark is not None]:
            mark = {"$set": {"mended": max(known)}}
            await self.collections.checkpoints.update_one({"_id": self.generation.id}, mark, session=session)

    async def _differs(self, session: Session) -> bool:
        """Whether documents may be others than those that were served, at one and the same position."""
        if self.served is None:
            return False
        return self.served != self.same_as or await self._letters([self.served, self.generation], session) > 0


async def fenced(
    collections: Collections, which: dict[str, Any], session: Session, change: dict[str, Any] | None = None
) -> Stored | None:
    """A checkpoint, which no other transaction can change any more; None where there is none like it."""
    # Counting is a write of its own: setting what is there already would be none, and others would not conflict with it.
    written = {"$inc": {"repairs": 1}} | ({} if change is None else {"$set": change})
    stored: Stored | None = await collections.checkpoints.find_one_and_update(which, written, session=session)
    return stored
