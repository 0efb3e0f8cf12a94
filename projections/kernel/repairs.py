"""Repairs: parked documents replayed from the log, as somebody asked for, and committed under the projector's claim.

They are brought up to the claim's checkpoint a piece at a time, so that everything else goes on meanwhile. Conditions are
evaluated on each document as it is replayed: an event that would have reached it while it was parked is not missed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from projections.kernel.breaths import breaths
from projections.kernel.claim import Claim
from projections.kernel.conditions import Condition
from projections.kernel.dead_letters import DeadLetter
from projections.kernel.errors import DocumentRefused
from projections.kernel.patients import Patient
from projections.kernel.projection import Key, Touched
from projections.kernel.steps import Steps, unwatched
from projections.kernel.storing import ProjectionStore
from write_side.kernel.events import Recorded
from write_side.kernel.log import LogReader
from write_side.kernel.positions import LogPosition

PIECE = 2_000
"""So many events are replayed before the projector goes on with what is new."""

MOST = 500
"""So many documents are repaired together at most: one reading of the log does for all of them."""

BREATH = 50
"""After so many events, and so many times that a document was given one, others get their turn."""


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
        self._patients: dict[Key, Patient] = {}
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
        await self._replay(events)
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
        letters = {key: letter for key, letter in letters.items() if self._is_as_asked(letter)}
        if not letters:
            return
        stored = await self._store.load(self._claim.generation, list(letters))
        projection = self._claim.generation.projection
        for key, letter in letters.items():
            document = projection.shape.decode(stored[key]) if key in stored else None
            self._patients[key] = Patient(projection, letter, document, self._log.positions)
        self._reached = LogPosition(min(letter.position for letter in letters.values()) - 1)

    def _is_as_asked(self, letter: DeadLetter) -> bool:
        """Whether the document is still parked at that event: what was asked may have been read before a repair ended."""
        parked = self._claim.parked.get(letter.key)
        return parked is not None and parked.position == letter.position

    async def _replay(self, events: Sequence[Recorded]) -> None:
        async for some in breaths(events, BREATH):
            # One event may be for all of them: others get their turn between those, too.
            async for given in breaths([each for event in some for each in self._given(event)], BREATH):
                for patient, event, touched in given:
                    patient.give(event, touched)
        async for patients in breaths(list(self._patients.values()), BREATH):
            for patient in patients:
                patient.examine()

    def _given(self, event: Recorded) -> Iterable[tuple[Patient, Recorded, Touched]]:
        """Who gets an event."""
        touched = self._claim.generation.projection.touches(event)
        keys = self._patients.keys() if isinstance(touched, Condition) else touched
        return [(self._patients[key], event, touched) for key in keys if key in self._patients]

    async def _save(self, patients: dict[Key, Patient]) -> None:
        """Commits what came out: whole documents are free, those that failed again stay parked from there."""
        while patients:
            documents = {key: one.document for key, one in patients.items() if one.document is not None}
            parked = [
                self._again(one.letter, one.poison.letter(1, self._now()))
                for one in patients.values()
                if one.poison is not None
            ]
            repaired = [key for key, one in patients.items() if one.poison is None]
            try:
                await self._claim.save(documents, parked, repaired)
                return
            except DocumentRefused:
                await self._hold_back(patients)

    async def _hold_back(self, patients: dict[Key, Patient]) -> None:
        """Takes out what the store still refuses: it stays as it is. Raises `DocumentRefused` if there is nothing."""
        encode = self._claim.generation.projection.shape.encode
        keys = [key for key, one in patients.items() if one.document is not None]
        refused = await self._store.refused(self._claim.generation, [encode(patients[key].document) for key in keys])
        if not refused:
            raise DocumentRefused(self._claim.generation.id, None)
        held = {keys[place]: reason for place, reason in refused.items()}
        letters = [patients.pop(key).letter for key in held]
        await self._claim.save({}, [self._again(one, replace(one, error=held[one.key], place="")) for one in letters], [])

    def _again(self, before: DeadLetter, letter: DeadLetter) -> DeadLetter:
        """What stays parked was parked when it was, and what was asked about it has been done."""
        return replace(
            letter,
            attempts=before.attempts + 1,
            parked_at=before.parked_at,
            asked=before.asked,
            tried_at=self._now(),
        )
