"""Dead letters: documents that an event could not be folded into, parked until somebody repairs what was wrong.

There is one per document. It holds no payload: a repair reads the log again, so that a fold, an upcaster or a validator
that was mended counts. Nor does it quote an error's message, which may quote a customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Protocol

from projections.kernel.generations import Generation
from projections.kernel.projection import AnyProjection, Key
from write_side.kernel.positions import LogPosition


class Remedy(Enum):
    """What somebody has asked a generation's projector to do about a dead letter."""

    RETRY = "RETRY"
    """Replay the document from the log."""
    DISCARD = "DISCARD"
    """Replay it without the event that cannot be folded: this document does without it."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One parked document of a generation.

    The document is as it was before `position`, the first event that is not in it, whose name is `event`. `error` is the
    kind of what was raised, `place` where (file, line, function), `attempts` how often it was tried, `parked_at` when it
    was given up, and `tried_at` when a repair last failed, if any did (UTC). `asked` is what somebody has asked to be done
    about it.
    """

    key: Key
    position: LogPosition
    event: str
    error: str
    place: str
    attempts: int
    parked_at: datetime
    asked: Remedy | None = None
    tried_at: datetime | None = None


def kept(letter: DeadLetter, stored: DeadLetter | None) -> DeadLetter:
    """A new or changed dead letter as it is stored in place of `stored`. What was done about it is in its `asked`.

    That is asked no more. Something else that was asked meanwhile is, if it was asked about the same event.
    """
    asked = None if stored is None or stored.position != letter.position else stored.asked
    return replace(letter, asked=None if asked is letter.asked else asked)


class DeadLetters(Protocol):
    """The dead letters of all generations of a version, for people. All raise `StoreUnavailable`."""

    async def find(
        self, projections: Sequence[AnyProjection], key: Key | None = None
    ) -> Sequence[tuple[Generation, DeadLetter]]:
        """Those of these projections, or of one document, oldest first."""
        ...

    async def ask(self, generation: Generation, letter: DeadLetter, remedy: Remedy) -> bool:
        """Asks the generation's projector to see to a dead letter, soon.

        Whether the document is still parked at the event of `letter`: nothing is asked about another one.
        """
        ...
