"""A domain as small as one can be, to test the kernel with: lamps that are switched, and the meter that they share."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, assert_never

from pydantic import Field

from write_side.kernel.codec import Json, upcasts
from write_side.kernel.commands import Command, Events
from write_side.kernel.decisions import existing, not_yet
from write_side.kernel.events import Event
from write_side.kernel.ids import Id
from write_side.kernel.refusals import Refusal
from write_side.kernel.streams import Loaded, Stream, StreamKind


class LampId(Id, prefix="lmp"):
    """A lamp."""


class MeterId(Id, prefix="mtr"):
    """A meter."""


class LampHung(Event, name="test-lamp-hung", schema=3):
    """A lamp hangs somewhere. Version 1 had `place`, version 2 `room`; the meter came with version 3."""

    room: str
    meter_id: MeterId


class LampSwitched(Event, name="test-lamp-switched"):
    """A lamp was switched."""

    on: bool


class UnitUsed(Event, name="test-unit-used"):
    """A unit was used."""


OLD_METER = MeterId("mtr_" + "0" * 32)


@upcasts("test-lamp-hung", 1)
def place_is_a_room(data: Json) -> Json:
    return {"room": data["place"]}


@upcasts("test-lamp-hung", 2)
def everything_was_on_the_old_meter(data: Json) -> Json:
    return {**data, "meterId": OLD_METER}


@dataclass(frozen=True, slots=True)
class Lamp:
    room: str
    meter_id: MeterId
    on: bool = False


def lamp_after(lamp: Lamp | None, event: LampHung | LampSwitched) -> Lamp | None:
    match event:
        case LampHung():
            return Lamp(event.room, event.meter_id)
        case LampSwitched():
            if lamp is None:
                raise ValueError("no lamp")
            return Lamp(lamp.room, lamp.meter_id, event.on)
        case _:
            assert_never(event)


def units_after(units: int, event: UnitUsed) -> int:
    return units + 1


LAMP: StreamKind[Lamp | None] = StreamKind("lamp", LampId, LampHung | LampSwitched, initial=None, evolve=lamp_after)
METER: StreamKind[int] = StreamKind("meter", MeterId, UnitUsed, initial=0, evolve=units_after)


class NoUnitsLeft(Refusal, code="NO_UNITS_LEFT"):
    """The meter has run out."""


class HangLamp(Command, starts=LAMP):
    """Hang a lamp."""

    id: LampId | None = None
    room: Annotated[str, Field(min_length=1)]
    meter_id: MeterId
    spare: str | None = None

    def decide(self, loaded: Loaded) -> Events:
        return [(not_yet(loaded, self.target), LampHung(room=self.room, meter_id=self.meter_id))]


class SwitchLamp(Command, target=LAMP):
    """Switch a lamp. Its meter is known once the lamp is loaded."""

    lamp_id: LampId
    on: bool

    def streams(self, loaded: Loaded) -> Iterable[Stream[Any]]:
        lamp = loaded.get(LAMP.of(self.lamp_id))
        return [] if lamp is None else [METER.of(lamp.meter_id)]

    def decide(self, loaded: Loaded) -> Events:
        lamp = existing(loaded, self.target, "lampId")
        if lamp.on == self.on:
            return []
        meter = METER.of(lamp.meter_id)
        if self.on and loaded[meter] == 3:
            raise NoUnitsLeft("three is all there is", "on")
        switched = LampSwitched(on=self.on)
        return [(self.target, switched), (meter, UnitUsed())] if self.on else [(self.target, switched)]
