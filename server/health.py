"""Whether this process can serve, and how its projections stand."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from projections.kernel.errors import NotReady, ReadTimeout, StoreUnavailable
from projections.kernel.generations import State
from projections.kernel.projection import AnyProjection
from projections.kernel.reading import Served
from projections.kernel.status import GenerationStatus, Status, Statuses
from write_side.kernel.errors import LogUnavailable
from write_side.kernel.positions import LogPosition

PATIENCE = 3.0
"""How long a database may take to answer before it counts as down, in seconds."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether requests can be answered: which database answers, and what is `missing`, in words."""

    log: bool
    documents: bool
    missing: Sequence[str]

    @property
    def is_ready(self) -> bool:
        """Nothing is missing."""
        return not self.missing

    def as_json(self) -> dict[str, object]:
        """For an answer in JSON."""
        return {"ready": self.is_ready, "missing": list(self.missing)}


@dataclass(frozen=True, slots=True)
class Health:
    """What a process is able to do, and the status of everything, None where it could not be had."""

    readiness: Readiness
    status: Status | None

    @property
    def serves(self) -> bool:
        """Whether requests can be answered."""
        return self.readiness.is_ready

    @property
    def served(self) -> Mapping[str, GenerationStatus]:
        """The generations that are served, by the names of their projections."""
        generations = () if self.status is None else self.status.generations
        return {one.projection: one for one in generations if one.state is State.SERVED}

    @property
    def word(self) -> str:
        """ok, degraded (it serves, but not everything is as it should be) or down."""
        if not self.serves:
            return "down"
        is_well = self.status is not None and not any(one.problems or one.failure for one in self.served.values())
        return "ok" if is_well else "degraded"

    def as_json(self) -> dict[str, object]:
        """For an answer in JSON."""
        return {
            "status": self.word,
            "log": _word(self.readiness.log),
            "documents": _word(self.readiness.documents),
            "missing": list(self.readiness.missing),
            "head": None if self.status is None else self.status.head,
            "projections": {name: _of_one(one) for name, one in self.served.items()},
        }


def _of_one(status: GenerationStatus) -> dict[str, object]:
    return {
        "generation": status.generation,
        "checkpoint": status.position,
        "behind": status.behind,
        "deadLetters": status.dead_letters,
        "failure": status.failure,
        "problems": list(status.problems),
    }


def _word(answers: bool) -> str:
    return "ok" if answers else "down"


class Head(Protocol):
    """A log that can be asked for its end."""

    async def head(self) -> LogPosition:
        """The last position. Raises `LogUnavailable`."""
        ...


@dataclass(frozen=True, slots=True)
class Checkup:
    """Looks at a process that is to serve `projections`. `documents` is a short read of theirs, `patience` in seconds."""

    projections: Sequence[AnyProjection]
    log: Head
    documents: Callable[[], Awaitable[object]]
    served: Served
    statuses: Statuses
    patience: float = PATIENCE

    async def readiness(self) -> Readiness:
        """Asks both databases whether they answer, and the process what it serves."""
        head, documents = await asyncio.gather(self._answer(self.log.head()), self._answer(self.documents()))
        log_answers, documents_answer = head is not None, documents is not None
        missing = [
            *(["the log does not answer"] if not log_answers else []),
            *(["the documents' database does not answer"] if not documents_answer else []),
            *self._unserved(),
        ]
        return Readiness(log_answers, documents_answer, missing)

    async def health(self) -> Health:
        """The same, and how everything stands."""
        readiness, status = await asyncio.gather(self.readiness(), self._answer(self.statuses.look()))
        return Health(readiness, status)

    def _unserved(self) -> Sequence[str]:
        found = []
        for projection in self.projections:
            try:
                self.served.generation(projection)
            except NotReady as error:
                found.append(str(error))
        return found

    async def _answer(self, asked: Awaitable[T]) -> T | None:
        """What a database answers; None when it does not."""
        try:
            async with asyncio.timeout(self.patience):
                # Left alone when the time is over: PyMongo's locks may not survive a call that is cancelled.
                return await asyncio.shield(asked)
        except (LogUnavailable, StoreUnavailable, ReadTimeout, TimeoutError):
            return None
