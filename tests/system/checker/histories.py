"""Histories: every state that each document of a read model ever had, folded from the log one event after the other."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from math import inf

from projections.kernel.conditions import Condition, holds
from projections.kernel.projection import Key
from projections.kernel.seeding import born
from tests.system.checker.subjects import Content, Listing, Model
from write_side.kernel.events import Recorded
from write_side.kernel.positions import Positions


@dataclass(frozen=True, slots=True)
class State:
    """A document from a position on, until its next state. `moment` is when the log had it, in seconds of the clock."""

    position: int
    moment: float
    content: Content


@dataclass(frozen=True, slots=True)
class Step:
    """A document came to a state. `until` is the moment of its next one."""

    key: str
    state: State
    until: float


class History:
    """The states of each document of a read model, in their order."""

    def __init__(self, states: Mapping[str, Sequence[State]]) -> None:
        self._states = states
        self._positions = {key: [state.position for state in of] for key, of in states.items()}
        self._listed: dict[Listing, list[str]] = {}

    def states(self, key: str) -> Sequence[State]:
        """All states of a document; none when it never was."""
        return self._states.get(key, ())

    def at(self, key: str, position: int) -> State | None:
        """The document as it was at `position`; None when it was not there yet."""
        index = bisect_right(self._positions.get(key, ()), position)
        return self._states[key][index - 1] if index else None

    def since(self, key: str, position: int) -> Sequence[State]:
        """The states past `position`."""
        return self.states(key)[bisect_right(self._positions.get(key, ()), position) :]

    def listed(self, listing: Listing) -> Sequence[str]:
        """The documents that ever met a filter."""
        if listing not in self._listed:
            self._listed[listing] = [
                key for key, states in self._states.items() if any(listing.matches(state.content) for state in states)
            ]
        return self._listed[listing]

    @property
    def last(self) -> Iterator[tuple[str, State]]:
        """Each document with its last state."""
        return ((key, states[-1]) for key, states in self._states.items())

    @cached_property
    def steps(self) -> Sequence[Step]:
        """Everything that happened to the documents, in its order."""
        steps = [
            Step(key, state, after.moment if after else inf)
            for key, states in self._states.items()
            for state, after in zip_longest(states, states[1:])
        ]
        return sorted(steps, key=lambda step: step.state.position)


Histories = Mapping[str, History]
"""By the names of the models."""


def history_of(model: Model, events: Iterable[Recorded], positions: Positions, opened: datetime) -> History:
    """The history of a model after `events`, which are a log from its beginning, made at `opened`."""
    projection, shape = model.projection, model.projection.shape
    states: defaultdict[str, list[State]] = defaultdict(list)
    stored = dict(born(projection, positions, opened))
    documents = {key: shape.decode(one) for key, one in stored.items()}
    for key, one in stored.items():
        states[key].append(State(0, opened.timestamp(), model.content(one)))
    for event in events:
        touched = projection.touches(event)
        if isinstance(touched, Condition):
            touched = tuple(Key(key) for key, one in stored.items() if holds(touched, one))
        for key in touched:
            folded = projection.fold(key, documents.get(key), event, positions.token(event.position))
            if folded is not None:
                documents[key], stored[key] = folded, shape.encode(folded)
                states[key].append(State(event.position, event.recorded_at.timestamp(), model.content(stored[key])))
    return History(states)
