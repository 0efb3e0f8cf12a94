"""Patients: documents under repair, each on its way through the log from the event that it could not take."""

from typing import Any

from projections.kernel.batches import Poison
from projections.kernel.blame import kind_of, place_of
from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter, Remedy
from projections.kernel.projection import AnyProjection, Touched
from projections.kernel.replaying import Replay
from write_side.kernel.events import Recorded
from write_side.kernel.positions import Positions


class Patient:
    """A parked document, and what went wrong with it again, if anything did (`poison`): it stays as it was before that."""

    def __init__(self, projection: AnyProjection, letter: DeadLetter, document: Any, positions: Positions) -> None:
        self.letter = letter
        self.poison: Poison | None = None
        self._projection = projection
        self._positions = positions
        self._replay = self._from(document)
        self._fit = document
        self._since: list[Recorded] = []

    @property
    def document(self) -> Any:
        """What it has become so far; None while there is none."""
        return self._replay.document

    def give(self, event: Recorded, touched: Touched) -> None:
        """The next event of the log, and what it touches."""
        if event.position < self.letter.position:
            return
        if event.position == self.letter.position and self.letter.asked is Remedy.DISCARD:
            return
        if isinstance(touched, Condition):
            self.examine()
        if self.poison is not None:
            return
        try:
            if self._replay.is_among(touched):
                self._replay.fold(event)
                self._since.append(event)
        except Exception as error:  # any: it stays parked, with what is wrong with it now
            self._poisoned(event, error)

    def examine(self) -> None:
        """Finds out whether the document could be stored, and if not, which event made it so.

        It is not asked after each event: to encode a large document takes longer than to fold one.
        """
        if not self._since:
            return
        try:
            self._replay.encoded()
        except Exception:  # any: which event it is, is found by the same once more
            self._replay = self._from(self._fit)
            for event in self._since:
                before = self._replay.document
                try:
                    self._replay.fold(event)
                    self._replay.encoded()
                except Exception as error:  # any: as above
                    self._replay = self._from(before)
                    self._poisoned(event, error)
                    break
        self._fit = self._replay.document
        self._since.clear()

    def _from(self, document: Any) -> Replay[Any]:
        return Replay(self._projection, self.letter.key, document, self._positions)

    def _poisoned(self, event: Recorded, error: Exception) -> None:
        self.poison = Poison(self.letter.key, event, kind_of(error), place_of(error))
