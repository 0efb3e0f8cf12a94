"""The ports of writing: what a projector commits, documents, dead letters and checkpoint together; and generations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.generations import Alias, Checkpoint, Generation, Purpose, Standing
from projections.kernel.projection import AnyProjection, Key
from projections.kernel.shapes import Stored
from write_side.kernel.positions import LogPosition, Positions


@dataclass(frozen=True, slots=True)
class Claimed:
    """A generation as its new owner finds it: the checkpoint, and the documents that are parked."""

    checkpoint: Checkpoint
    parked: Mapping[Key, DeadLetter]


@dataclass(frozen=True, slots=True)
class Work:
    """What one transaction changes: from the checkpoint `before` to `after`.

    `parked` are dead letters to be stored, new or changed, as `kept` says, `repaired` the keys of those that are no more. A
    repair leaves the checkpoint where it is: `before` and `after` are equal.
    """

    before: Checkpoint
    after: Checkpoint
    documents: Sequence[Stored]
    parked: Sequence[DeadLetter] = ()
    repaired: Sequence[Key] = ()


class ProjectionStore(Protocol):
    """Documents and checkpoints of generations. All raise `StoreUnavailable`."""

    async def claim(self, generation: Generation, owner: str, positions: Positions) -> Claimed | None:
        """Takes or renews the lease, and owns the checkpoint then. None while another owner's lease is good.

        Raises `NotReady` where there is no such generation, `LogMismatch` when its checkpoint belongs to another log.
        """
        ...

    async def renew(self, generation: Generation, owner: str, failure: str | None = None) -> bool:
        """Keeps the lease, and notes what keeps its owner, if anything does. Whether it is still this owner's."""
        ...

    async def release(self, generation: Generation, owner: str, failure: str | None = None) -> None:
        """Gives the lease up, so that another may take it at once, and notes why, if it was not asked to."""
        ...

    async def load(self, generation: Generation, keys: Sequence[Key]) -> Mapping[Key, Stored]:
        """The stored documents of those keys that have one: one read."""
        ...

    async def matching(
        self, generation: Generation, condition: Condition, after: Key | None, limit: int
    ) -> Sequence[Stored]:
        """Up to `limit` documents that meet a condition, in the order of their keys, past the key `after`."""
        ...

    async def commit(self, generation: Generation, owner: str, work: Work) -> None:
        """Does the work, in one transaction.

        Raises `Fenced` when the checkpoint has another owner or stands elsewhere, and `DocumentRefused` when a document may
        not be stored: nothing has changed then.
        """
        ...

    async def refused(self, generation: Generation, documents: Sequence[Stored]) -> Mapping[int, str]:
        """Which of the documents, by their places, may not be stored, and why: the validator, or more than 15 MB."""
        ...

    async def asked(self, generation: Generation) -> Sequence[DeadLetter]:
        """The dead letters that somebody has asked something about."""
        ...


class Generations(Protocol):
    """The generations of projections: makes, finds, switches and drops them. All raise `StoreUnavailable`."""

    async def alias(self, projection: AnyProjection) -> Alias | None:
        """The alias of the projection's version; None before the first generation was made."""
        ...

    async def standings(self, projections: Sequence[AnyProjection]) -> Sequence[Standing]:
        """All generations of these projections' versions, in their order, each version's oldest first. One command."""
        ...

    async def prepare(self, projection: AnyProjection, head: LogPosition) -> None:
        """Makes the first generation where there is none, or what is lacking of it.

        It is served at once if the log is empty (`head` is 0), else once it is built. May be run again, and by several at
        once. Where the alias is another log's, nothing is done.
        """
        ...

    async def begin(self, projection: AnyProjection, purpose: Purpose) -> Generation:
        """A generation to build. To be served: the one that is being built already, if there is one for this log.

        Its collection has the validator from the start, and indexes only for what conditions look at; `complete` makes the
        others. Raises `InUse` where another log's generation is served to be replaced, and somebody holds its lease.
        """
        ...

    async def complete(self, generation: Generation) -> None:
        """Makes the indexes that readers need. May be run again."""
        ...

    async def switch(
        self, generation: Generation, owner: str, *, force: bool = False, same_as: Generation | None = None
    ) -> None:
        """Serves `generation` from now on, which `owner` has claimed: one transaction, guarded by what is served now.

        The one that was served becomes the former one; its projector is fenced off by this. `same_as` is the one whose
        documents were found to be the same. If it is another that is served by now, or if one of the two has dead letters,
        documents differ though the checkpoint does not tell: who resumes from before has to read again. Raises
        `NotCaughtUp` where the generation is behind the one that is served, `HasDeadLetters` unless `force`, `Fenced` when
        somebody else has switched or claimed.
        """
        ...

    async def drop(self, generation: Generation) -> None:
        """Drops a generation that nobody reads or works on: collection, dead letters, lease, and last its checkpoint.

        What was killed half-way is dropped by another run. Raises `InUse` where it is served, or somebody holds its lease.
        """
        ...
