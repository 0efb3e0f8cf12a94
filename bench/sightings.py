"""When a subscriber saw what a command did. Pure: moments come in, in whichever order."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from bench.lives import Step
from bench.requests import Document, Place


class Sighting(NamedTuple):
    """A document in a frame that came at a moment."""

    document: Document
    at: float


class Answered(NamedTuple):
    """A command that was accepted, and the moment of its answer."""

    step: Step
    place: Place
    at: float

    def is_shown_by(self, document: Document) -> bool:
        """Whether a document is as new as the command.

        An order is so by its version: what a command does to the stock comes after what it does to the order.
        """
        if self.step.document == "order":
            return document.version >= self.place.version
        return document.position >= self.place.position


class Sightings:
    """Brings frames and answers together."""

    def __init__(self) -> None:
        self._latest: dict[str, Sighting] = {}
        self._waiting: defaultdict[str, list[Answered]] = defaultdict(list)
        self._found: dict[Answered, Sighting] = {}

    def answered(self, answered: Answered) -> None:
        """A command was answered. Its frame may have come before."""
        latest = self._latest.get(answered.step.key)
        if latest is not None and answered.is_shown_by(latest.document):
            self._found[answered] = latest
        else:
            self._waiting[answered.step.key].append(answered)

    def framed(self, sighting: Sighting) -> None:
        """A frame came."""
        key = sighting.document.id
        self._latest[key] = sighting
        if (waiting := self._waiting.pop(key, None)) is not None:
            for one in waiting:
                self.answered(one)

    @property
    def missing(self) -> Sequence[Answered]:
        """The commands whose frames are still to come."""
        return [one for waiting in self._waiting.values() for one in waiting]

    def of(self, answered: Answered) -> Sighting:
        """When a command was seen. Raises KeyError."""
        return self._found[answered]
