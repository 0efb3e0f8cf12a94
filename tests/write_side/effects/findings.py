"""Holds what clients were told against the log: what was accepted is there, once, and all that is there was decided so.

The log is gone through from its beginning. Each command's events must be what its decision gives at their place, and each
refusal must be what the decision gives somewhere between the sending and the answer: it rests on what was committed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import write_side
from tests.write_side.effects.told import Denied, Done, Told
from write_side.kernel.append import Binding
from write_side.kernel.commands import Command
from write_side.kernel.domain import discover
from write_side.kernel.events import Recorded, StreamName
from write_side.kernel.ids import CommandId
from write_side.kernel.refusals import CommandIdReused, VersionConflict
from write_side.kernel.scenario import Fact, Scenario
from write_side.kernel.streams import Stream
from write_side.stock.stock import Stock

KINDS = {kind.name: kind for kind in discover(write_side).kinds}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it must be. `rule` says in a word or two what was broken."""

    rule: str
    what: str


def findings(
    log: Sequence[Recorded], bindings: Mapping[CommandId, Binding], told: Sequence[Told], after: int = 0
) -> list[Finding]:
    """What is wrong with all that the log holds past `after`, or with what somebody was told of it.

    `bindings` are what the log knows of the ids of all commands that were sent.
    """
    return [
        *_numbered(log, after),
        *(finding for command_id, of_one in _by_id(told) for finding in _one_outcome(of_one, bindings.get(command_id))),
        *_Replay(bindings, told, after).run(log),
    ]


def _numbered(log: Sequence[Recorded], after: int) -> Iterator[Finding]:
    """Positions without a gap, in each stream versions without a gap, and no event id twice."""
    versions = Counter[StreamName]()
    for place, event in enumerate(log, after + 1):
        versions[event.stream] += 1
        if event.position != place:
            yield Finding("position", f"{event.position} stands where {place} should")
        if event.version != versions[event.stream]:
            yield Finding("version", f"{event.version} of {event.stream} where {versions[event.stream]} should be")
    if len({event.event_id for event in log}) < len(log):
        yield Finding("event id", "one stands twice")


def _by_id(told: Sequence[Told]) -> Iterator[tuple[CommandId, list[Told]]]:
    sent = defaultdict(list)
    for each in told:
        sent[command_id_of(each.command)].append(each)
    yield from sent.items()


def _one_outcome(told: Sequence[Told], bound: Binding | None) -> Iterator[Finding]:
    """What everybody was told of one command id, against what it is bound to."""
    command_id = command_id_of(told[0].command)
    for each in told:
        own = bound is not None and bound.digest == each.command.digest()
        match each.answer:
            case Done(version, position):
                if bound is None:
                    yield Finding("lost", f"{command_id} was accepted at {position}, and the log does not know it")
                elif not own:
                    yield Finding("lost", f"{command_id} was accepted, and is bound to another input")
                elif (version, position) != (bound.version, bound.position):
                    yield Finding("two answers", f"{command_id}: {version} at {position}, and in the log {bound}")
            case Denied(CommandIdReused.code):
                if bound is None or own:
                    yield Finding("reused", f"{command_id} was refused as bound to another input, and it is not")
            case _:
                pass
    if bound is None or bound.digest not in {each.command.digest() for each in told}:
        return
    answers = [each.answer for each in told if each.command.digest() == bound.digest]
    if not any(isinstance(answer, Done) for answer in answers):
        rule = "refused, and done" if None not in answers else "unanswered"
        yield Finding(rule, f"{command_id} is in the log at {bound.position}, and nobody was told")


class _Replay:
    """Goes through the log, with the states as they were at each place."""

    def __init__(self, bindings: Mapping[CommandId, Binding], told: Sequence[Told], after: int) -> None:
        self._place = after
        self._shop = Scenario()
        self._ends: dict[StreamName, Recorded] = {}
        self._commands = dict(_as_bound(bindings, told))
        self._bindings = bindings
        # What is to be found right at one place of several, the first of these last.
        self._coming = sorted([*_refused(told), *self._accepted(told)], key=lambda each: each.since, reverse=True)
        self._open: list[Told] = []
        self._seen = set[CommandId]()

    def run(self, log: Sequence[Recorded]) -> Iterator[Finding]:
        yield from self._look()
        for command_id, events in groupby(log, lambda event: event.metadata.command_id):
            yield from self._happened(command_id, list(events))
            yield from self._look()
        yield from (_unfounded(each) for each in (*self._open, *self._coming))

    def _accepted(self, told: Sequence[Told]) -> Iterator[Told]:
        """What was accepted, once for each id: it took effect after the first sending, and before the first answer."""
        for command_id, of_one in _by_id(told):
            bound = self._bindings.get(command_id)
            own = [each for each in of_one if bound is not None and each.command.digest() == bound.digest]
            if answered := [each for each in own if isinstance(each.answer, Done)]:
                first = min(answered, key=lambda each: each.until)
                yield replace(first, since=min(each.since for each in own))

    def _happened(self, command_id: CommandId, events: Sequence[Recorded]) -> Iterator[Finding]:
        facts = [_fact(event) for event in events]
        if command_id in self._seen:
            yield Finding("twice", f"events of {command_id} stand at {events[0].position} and before")
        self._seen.add(command_id)
        if (command := self._commands.get(command_id)) is not None:
            expected = self._decided(command)
            if expected != facts:
                yield Finding("decision", f"{command!r} at {events[0].position}: {facts}, and it should be {expected}")
            bound = self._bindings[command_id]
            version = next((event.version for event in reversed(events) if event.stream == command.target.name), None)
            if (bound.position, bound.version) != (events[-1].position, version):
                yield Finding("answer", f"{command_id} ends at {events[-1].position} with {version}, and answers {bound}")
        for (stream, event), recorded in zip(facts, events, strict=True):
            self._shop = Scenario({**self._shop.states, stream: stream.kind.fold([event], self._shop.state(stream))})
            self._ends[recorded.stream] = recorded
            yield from _sound(self._shop.state(stream), stream)
        self._place += len(events)

    def _decided(self, command: Command) -> list[Fact] | str:
        """What the decision gives here: events, or the code of a refusal."""
        outcome = self._shop.when(command)
        if outcome.refusal is not None:
            return outcome.refusal.code
        end = self._ends.get(outcome.command.target.name)
        if command.expected_version not in (None, 0 if end is None else end.version):
            return VersionConflict.code
        return list(outcome.events)

    def _look(self) -> Iterator[Finding]:
        """Closes what is right here, and finds what was right nowhere."""
        while self._coming and self._coming[-1].since <= self._place:
            self._open.append(self._coming.pop())
        waiting = []
        for each in self._open:
            if self._place > each.until:
                yield _unfounded(each)
            elif not self._is_right(each):
                waiting.append(each)
        self._open = waiting

    def _is_right(self, told: Told) -> bool:
        match told.answer:
            case Denied(code):
                return self._decided(told.command) == code
            case Done(version, position):
                command_id = command_id_of(told.command)
                if command_id in self._seen:
                    return True
                command = self._commands[command_id]
                end = self._ends.get(command.target.name)
                here = (0, self._place) if end is None else (end.version, end.position)
                return self._decided(command) == [] and (version, position) == here
            case None:
                return True


def _refused(told: Sequence[Told]) -> Iterator[Told]:
    for each in told:
        if isinstance(each.answer, Denied) and each.answer.code != CommandIdReused.code:
            yield each


def _as_bound(bindings: Mapping[CommandId, Binding], told: Sequence[Told]) -> Iterator[tuple[CommandId, Command]]:
    """The commands that took effect, by their ids, with the ids that the service made."""
    for each in told:
        command_id = command_id_of(each.command)
        bound = bindings.get(command_id)
        if bound is not None and bound.digest == each.command.digest():
            kind = each.command.target_kind
            key = kind.key(bound.stream.partition("-")[2])
            yield command_id, each.command.model_copy(update={each.command.target_field: key})


def _unfounded(told: Told) -> Finding:
    return Finding("unfounded", f"{told.answer} to {told.command!r}: right nowhere from {told.since} to {told.until}")


def _sound(state: object, stream: Stream[object]) -> Iterator[Finding]:
    if isinstance(state, Stock) and min(state.on_hand, state.reserved, state.available) < 0:
        yield Finding("below zero", f"{stream.name}: {state}")


def _fact(event: Recorded) -> Fact:
    kind = KINDS[event.kind]
    return kind.of(kind.key(event.key)), event.event


def command_id_of(command: Command) -> CommandId:
    """The id that a command was sent under."""
    assert command.command_id is not None
    return CommandId(command.command_id)
