"""Repairs: parked documents replayed from the log, as somebody asked for, and committed under the projector's claim.

They are brought up to the claim's checkpoint a piece at a time, so that everything else goes on meanwhile. Conditions are
evaluated on each document as it is replayed: an event that would have reached it while it was parked is not missed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from projections.kernel.batches import Poison
from projections.kernel.breaths import breaths
from projections.kernel.claim import Claim
from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter, Remedy, kind_of, place_of
from projections.kernel.errors import DocumentRefused
from projections.kernel.projection import Key
from projections.kernel.replaying import BREATH, replay
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import ProjectionStore
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

PIECE = 2_000
"""So many events are replayed before the projector goes on with what is new."""

MOST = 500
"""So many documents are repaired together at most: one reading of the log does for all of them."""


@dataclass(slots=True)
class _Patient:
    """A document under repair: what it has become so far, and what went wrong again, if anything did."""

    letter: DeadLetter
    document: Any
    poison: Poison | None = None


class Repairs:
    """The repairs under one claim. `now` is the time, in UTC."""

    def __init__(
        self,
        claim: Claim,
        store: ProjectionStore,
        log: LogReader,
        now: Callable[[], datetime],
        *,
        piece: int = PIECE,
        steps: Steps = unwatched,
    ) -> None:
        self._claim = claim
        self._store = store
        self._log = log
        self._now = now
        self._piece = piece
        self._steps = steps
        self._asked: dict[Key, DeadLetter] = {}
        self._patients: dict[Key, _Patient] = {}
        self._reached = LogPosition(0)

    @property
    def under_way(self) -> bool:
        """Whether there is something to do."""
        return bool(self._asked or self._patients)

    def ask(self, letters: Iterable[DeadLetter]) -> None:
        """Takes note of what is asked about parked documents."""
        self._asked |= {letter.key: letter for letter in letters if letter.key not in self._patients}

    async def go_on(self) -> None:
        """One piece. What has got to the checkpoint is committed. Raises what the log and the store raise, and `Fenced`.

        The claim's checkpoint does not stand in the middle of an event.
        """
        await self._claim.settle()  # it replays up to the checkpoint, which must not move meanwhile
        if not self._patients:
            await self._admit()
        end = self._claim.checkpoint.position
        events = await self._log.read(self._reached, min(self._piece, end - self._reached)) if self._reached < end else ()
        async for some in breaths(events, BREATH):
            self._replay(some)
        if events:
            self._reached = events[-1].position
        if self._reached >= end:
            self._steps("repair: replayed")
            patients, self._patients = self._patients, {}
            await self._save(patients)

    async def _admit(self) -> None:
        """Begins with some of those that are asked about and still parked, from the first event that they lack."""
        keys = list(self._asked)[:MOST]
        letters = {key: self._asked.pop(key) for key in keys}
        letters = {key: letter for key, letter in letters.items() if key in self._claim.parked}
        if not letters:
            return
        stored = await self._store.load(self._claim.generation, list(letters))
        decode = self._claim.generation.projection.shape.decode
        for key, letter in letters.items():
            self._patients[key] = _Patient(letter, decode(stored[key]) if key in stored else None)
        self._reached = LogPosition(min(letter.position for letter in letters.values()) - 1)

    def _replay(self, events: Sequence[Recorded]) -> None:
        projection = self._claim.generation.projection
        for event in events:
            touched = projection.touches(event)
            keys = self._patients.keys() if isinstance(touched, Condition) else touched
            for key in keys:
                if (patient := self._patients.get(key)) is not None:
                    self._give(patient, event)

    def _give(self, patient: _Patient, event: Recorded) -> None:
        letter = patient.letter
        if patient.poison is not None or event.position < letter.position:
            return
        if event.position == letter.position and letter.asked is Remedy.DISCARD:
            return
        projection = self._claim.generation.projection
        try:
            patient.document = replay(projection, letter.key, patient.document, [event], self._log.positions)
        except Exception as error:  # any: it stays parked, with what is wrong with it now
            patient.poison = Poison(letter.key, event, kind_of(error), place_of(error))

    async def _save(self, patients: dict[Key, _Patient]) -> None:
        """Commits what came out: whole documents are free, those that failed again stay parked from there."""
        while patients:
            documents = {key: one.document for key, one in patients.items() if one.document is not None}
            parked = [self._again(one) for one in patients.values() if one.poison is not None]
            repaired = [key for key, one in patients.items() if one.poison is None]
            try:
                await self._claim.save(documents, parked, repaired)
                return
            except DocumentRefused:
                await self._hold_back(patients)

    async def _hold_back(self, patients: dict[Key, _Patient]) -> None:
        """Takes out what the store still refuses: it stays as it is. Raises `DocumentRefused` if there is nothing."""
        encode = self._claim.generation.projection.shape.encode
        keys = [key for key, one in patients.items() if one.document is not None]
        refused = await self._store.refused(self._claim.generation, [encode(patients[key].document) for key in keys])
        if not refused:
            raise DocumentRefused(self._claim.generation.id, None)
        held = {keys[place]: reason for place, reason in refused.items()}
        letters = [self._answered(patients.pop(key).letter, reason) for key, reason in held.items()]
        await self._claim.save({}, letters, [])

    def _again(self, patient: _Patient) -> DeadLetter:
        assert patient.poison is not None
        return patient.poison.letter(patient.letter.attempts + 1, self._now())

    def _answered(self, letter: DeadLetter, reason: str) -> DeadLetter:
        return replace(letter, error=reason, place="", attempts=letter.attempts + 1, parked_at=self._now(), asked=None)
