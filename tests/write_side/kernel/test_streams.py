"""Streams and how they fold; refusals and their paths."""

from tests.write_side.kernel.lamps import LAMP, METER, Lamp, LampHung, LampId, LampSwitched, MeterId, UnitUsed
from write_side.kernel.refusals import CommandIdReused, NotFound, VersionConflict

HALL = LampId(f"lmp_{1:032x}")
METER_7 = MeterId(f"mtr_{7:032x}")


def test_a_stream_is_named_by_kind_and_key() -> None:
    assert LAMP.of(HALL).name == f"lamp-{HALL}"
    assert LAMP.of(HALL) == LAMP.of(LampId(HALL))
    assert len({LAMP.of(HALL), LAMP.of(LampId(HALL)), METER.of(METER_7)}) == 2
    assert repr(LAMP) == "StreamKind(lamp)"


def test_a_kind_knows_its_events_whether_one_or_several() -> None:
    assert LAMP.events == (LampHung, LampSwitched)
    assert METER.events == (UnitUsed,)


def test_a_stream_folds_from_its_beginning_or_from_a_state() -> None:
    assert METER.fold([]) == 0
    assert METER.fold([UnitUsed(), UnitUsed()]) == 2
    assert METER.fold([UnitUsed()], 5) == 6
    hung = LampHung(room="hall", meter_id=METER_7)
    assert LAMP.fold([hung, LampSwitched(on=True)]) == Lamp("hall", METER_7, on=True)


def test_a_refusal_says_where_if_anywhere() -> None:
    assert NotFound("no", "items", "0", "productId").path == ("items", "0", "productId")
    assert NotFound("no").path is None
    assert VersionConflict(3, 4).path == ("expectedVersion",)
    assert VersionConflict(3, 4).message == "expected version 3, but it is at version 4"
    assert CommandIdReused().path == ("commandId",)
