"""Declaring reactions, and what they make of events."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.write_side.kernel.lamps import LAMP, HangLamp, LampHung, LampId, LampSwitched, MeterId, SwitchLamp
from write_side.kernel.commands import Command
from write_side.kernel.events import Event, Metadata, Recorded, Unreadable
from write_side.kernel.ids import CommandId, new_event_id
from write_side.kernel.positions import LogPosition
from write_side.kernel.reactions import CannotReact, Reaction
from write_side.kernel.scenario import given

HALL, METER_7 = LampId(f"lmp_{1:032x}"), MeterId(f"mtr_{7:032x}")
HUNG = LampHung(room="hall", meter_id=METER_7)
AT = datetime(2026, 1, 31, 12, tzinfo=UTC)
SWITCH_OFF = Reaction("switch-off", after=timedelta(hours=1))


@SWITCH_OFF.on(LampSwitched)
def left_on(switched: Recorded[LampSwitched]) -> Command | None:
    """A lamp that was switched on is switched off after a while."""
    return SwitchLamp(lamp_id=LampId(switched.key), on=False) if switched.event.on else None


def recorded(event: Event) -> Recorded:
    by = Metadata(CommandId("c"), "c", "c", "ann")
    return Recorded(LogPosition(1_234), new_event_id(), LAMP.of(HALL).name, 2, event, by, AT, AT)


def test_the_same_event_makes_the_same_command_with_the_same_id() -> None:
    switched, other = recorded(LampSwitched(on=True)), recorded(LampSwitched(on=True))

    command = SWITCH_OFF.command(switched)

    assert command == SWITCH_OFF.command(switched)
    assert command is not None
    assert command.command_id == f"reaction:switch-off:{switched.event_id}"
    assert command != SWITCH_OFF.command(other)
    SwitchLamp.model_validate(command.model_dump())  # as a client could have sent it


def test_another_delay_leaves_the_reaction_what_it_is() -> None:
    sooner = SWITCH_OFF.delayed(timedelta(seconds=5))

    assert (sooner.name, sooner.events, sooner.after) == ("switch-off", (LampSwitched,), timedelta(seconds=5))
    assert SWITCH_OFF.after == timedelta(hours=1)


def test_without_a_delay_it_knows_nothing() -> None:
    assert SWITCH_OFF.delayed(None).events == ()
    assert SWITCH_OFF.events == (LampSwitched,)


def test_an_event_has_one_reaction_of_a_name() -> None:
    with pytest.raises(ValueError, match="switch-off reacts to LampSwitched twice"):
        SWITCH_OFF.on(LampSwitched)(lambda _: None)


def test_what_cannot_be_read_is_not_passed() -> None:
    unread = Unreadable(stored_name="test-lamp-switched", stored_schema=9, error="UnknownEvent")

    with pytest.raises(CannotReact, match=r"at event 1,234 test-lamp-switched: it cannot be read \(UnknownEvent\)"):
        SWITCH_OFF.command(recorded(unread))


def test_what_its_function_raises_is_told_by_its_kind_alone() -> None:
    """Its text may quote the event, and so a customer."""
    broken = Reaction("broken")

    @broken.on(LampHung)
    def hung(hung: Recorded[LampHung]) -> Command | None:
        raise ValueError(hung.event.room)

    with pytest.raises(CannotReact, match=r"at event 1,234 test-lamp-hung: ValueError$"):
        broken.command(recorded(HUNG))


def test_given_when_then() -> None:
    house = given((LAMP.of(HALL), HUNG), (LAMP.of(HALL), LampSwitched(on=True)))

    reacted = house.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=True))
    after = reacted.sends(SwitchLamp(lamp_id=HALL, on=False)).then((LAMP.of(HALL), LampSwitched(on=False)))

    after.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=True)).sends(SwitchLamp(lamp_id=HALL, on=False)).nothing()
    after.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=False)).sends_nothing()


def test_wrong_claims_fail() -> None:
    house = given((LAMP.of(HALL), HUNG))

    with pytest.raises(AssertionError, match="switch-off does not know LampHung"):
        house.on(SWITCH_OFF, LAMP.of(HALL), HUNG)
    with pytest.raises(AssertionError, match="expected nothing, but switch-off sent SwitchLamp"):
        house.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=True)).sends_nothing()
    with pytest.raises(AssertionError, match=r"expected HangLamp.*, but switch-off sent SwitchLamp"):
        house.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=True)).sends(HangLamp(id=HALL, room="hall", meter_id=METER_7))
    with pytest.raises(AssertionError, match="but switch-off sent None"):
        house.on(SWITCH_OFF, LAMP.of(HALL), LampSwitched(on=False)).sends(SwitchLamp(lamp_id=HALL, on=False))
