"""The helper for given / when / then: that it fails when it should."""

from collections.abc import Callable

import pytest

from tests.write_side.kernel.lamps import (
    LAMP,
    METER,
    HangLamp,
    LampHung,
    LampId,
    LampSwitched,
    MeterId,
    NoUnitsLeft,
    SwitchLamp,
    UnitUsed,
)
from write_side.kernel.commands import Command, Events
from write_side.kernel.refusals import AlreadyExists, NotFound
from write_side.kernel.scenario import Outcome, given
from write_side.kernel.streams import Loaded

HALL = LampId(f"lmp_{1:032x}")
METER_7 = MeterId(f"mtr_{7:032x}")
HUNG = (LAMP.of(HALL), LampHung(room="hall", meter_id=METER_7))
USED = (METER.of(METER_7), UnitUsed())
ON = SwitchLamp(lamp_id=HALL, on=True)
SWITCHED_ON = (LAMP.of(HALL), LampSwitched(on=True))


class Peek(Command, target=LAMP):
    """Reads a stream that it does not name."""

    lamp_id: LampId

    def decide(self, loaded: Loaded) -> Events:
        assert loaded[METER.of(METER_7)] == 0
        return []


class Meddle(Command, target=LAMP):
    """Writes to a stream that it does not name."""

    lamp_id: LampId

    def decide(self, loaded: Loaded) -> Events:
        return [USED]


class Muddle(Command, target=LAMP):
    """Writes an event to a stream of another kind."""

    lamp_id: LampId

    def decide(self, loaded: Loaded) -> Events:
        return [(self.target, UnitUsed())]


def test_a_decision_reads_what_its_command_names_in_rounds() -> None:
    house = given(HUNG).when(ON).then(SWITCHED_ON, USED)

    assert house.state(METER.of(METER_7)) == 1
    assert house.state(METER.of(MeterId(f"mtr_{8:032x}"))) == 0
    house.when(ON).nothing()


def test_a_refusal_leaves_everything_as_it_was() -> None:
    house = given(HUNG, USED, USED, USED)

    outcome = house.when(ON)

    assert outcome.refused(NoUnitsLeft, "on").code == "NO_UNITS_LEFT"
    assert outcome.after is house


def test_nothing_is_there_that_was_not_given() -> None:
    given().when(ON).refused(NotFound, "lampId")


def test_a_command_that_starts_a_stream_gets_its_id() -> None:
    hang = HangLamp(room="hall", meter_id=METER_7)

    outcome = given().when(hang)

    assert outcome.events == ((outcome.command.target, HUNG[1]),)
    given(HUNG).when(HangLamp(id=HALL, room="hall", meter_id=METER_7)).refused(AlreadyExists, "id")


def test_reading_beside_the_boundary_fails() -> None:
    with pytest.raises(AssertionError, match=r"reads meter-mtr_0*7 and does not name it"):
        given(HUNG).when(Peek(lamp_id=HALL))


def test_writing_beside_the_boundary_fails() -> None:
    with pytest.raises(AssertionError, match=r"Meddle writes to meter-mtr_0*7 and does not name it"):
        given(HUNG).when(Meddle(lamp_id=HALL))


def test_an_event_in_the_wrong_stream_fails() -> None:
    with pytest.raises(AssertionError, match=r"UnitUsed does not belong into lamp-lmp_0*1"):
        given(HUNG).when(Muddle(lamp_id=HALL))


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (lambda outcome: outcome.nothing(), "expected\n  nothing\nbut SwitchLamp led to"),
        (lambda outcome: outcome.then(SWITCHED_ON), "expected\n  lamp-"),
        (lambda outcome: outcome.then(USED, SWITCHED_ON), "expected\n  meter-"),
        (lambda outcome: outcome.refused(NoUnitsLeft, "on"), "expected NO_UNITS_LEFT at on, but SwitchLamp led to"),
    ],
)
def test_a_wrong_claim_about_events_fails(claim: Callable[[Outcome], object], message: str) -> None:
    with pytest.raises(AssertionError) as failed:
        claim(given(HUNG).when(ON))
    assert message in str(failed.value)


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (lambda outcome: outcome.nothing(), "SwitchLamp was refused: NOT_FOUND at lampId: there is no lamp"),
        (lambda outcome: outcome.refused(NoUnitsLeft, "lampId"), "expected NO_UNITS_LEFT at lampId, but it was NOT_FOUND"),
        (lambda outcome: outcome.refused(NotFound), "expected NOT_FOUND at no path, but it was NOT_FOUND at lampId"),
    ],
)
def test_a_wrong_claim_about_a_refusal_fails(claim: Callable[[Outcome], object], message: str) -> None:
    with pytest.raises(AssertionError) as failed:
        claim(given().when(ON))
    assert message in str(failed.value)
