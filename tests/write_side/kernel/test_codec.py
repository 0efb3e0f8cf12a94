"""The codec: stable names, schema versions, and old data lifted on read."""

import pytest
from pydantic import ValidationError

from tests.write_side.kernel.lamps import OLD_METER, LampHung, LampSwitched, MeterId
from write_side.kernel.codec import Codec, Json, encode, upcasts
from write_side.kernel.errors import UnknownEvent
from write_side.kernel.events import Event

CODEC = Codec([LampHung, LampSwitched])
METER_7 = MeterId(f"mtr_{7:032x}")


class Gap(Event, name="test-gap", schema=3):
    """An event whose upcaster from version 2 is missing."""

    text: str


@upcasts("test-gap", 1)
def from_the_first(data: Json) -> Json:
    return data


def test_an_event_comes_back_as_it_was_with_camel_case_keys() -> None:
    event = LampHung(room="Küche", meter_id=METER_7)

    data = encode(event)

    assert data == f'{{"room":"Küche","meterId":"{METER_7}"}}'
    again = CODEC.decode("test-lamp-hung", 3, data)
    assert again == event
    assert isinstance(again, LampHung)
    assert type(again.meter_id) is MeterId


def test_old_data_is_lifted_through_every_version_since() -> None:
    expected = LampHung(room="kitchen", meter_id=OLD_METER)

    assert CODEC.decode("test-lamp-hung", 1, '{"place": "kitchen"}') == expected
    assert CODEC.decode("test-lamp-hung", 2, '{"room": "kitchen"}') == expected


@pytest.mark.parametrize(("name", "schema"), [("test-nothing", 1), ("test-lamp-hung", 4), ("test-lamp-switched", 2)])
def test_what_no_class_reads(name: str, schema: int) -> None:
    with pytest.raises(UnknownEvent) as unknown:
        CODEC.decode(name, schema, "{}")
    assert (unknown.value.event_type, unknown.value.schema_version) == (name, schema)


@pytest.mark.parametrize("schema", [1, 2])
def test_a_version_without_a_way_to_the_present_is_not_read(schema: int) -> None:
    with pytest.raises(UnknownEvent):
        Codec([Gap]).decode("test-gap", schema, '{"text": "x"}')


@pytest.mark.parametrize("data", ['{"on": "perhaps"}', "{}", '{"on": true, "dimmed": true}', "no json"])
def test_data_that_does_not_fit(data: str) -> None:
    with pytest.raises(ValidationError):
        CODEC.decode("test-lamp-switched", 1, data)


def test_two_events_do_not_share_a_name() -> None:
    class Impostor(Event, name="test-lamp-switched"):
        """Another event of that name."""

    with pytest.raises(ValueError, match="two events are stored as test-lamp-switched"):
        Codec([LampSwitched, Impostor])
    assert Codec([LampSwitched, LampSwitched]).classes == (LampSwitched,)


def test_a_version_has_one_upcaster() -> None:
    with pytest.raises(ValueError, match="test-gap has two upcasters from version 1"):
        upcasts("test-gap", 1)(lambda data: data)
    assert upcasts("test-gap", 1)(from_the_first) is from_the_first
