"""Ids: their form, their types, and that later ones sort later."""

import pytest
from pydantic import BaseModel, ValidationError

from tests.write_side.kernel.lamps import LampId, MeterId
from write_side.kernel.ids import Id, MalformedId, new_command_id, new_event_id

DIGITS = "0190aBcD" * 4


class DayId(Id, prefix="day", form=r"\d{4}-\d\d-\d\d_[A-Z]{3}", shape="a date and a currency"):
    """An id that is not a number."""


class Holder(BaseModel):
    lamp: LampId


def test_an_id_is_a_prefix_and_digits_in_lower_case() -> None:
    lamp = LampId.parse(f"lmp_{DIGITS}")

    assert lamp == f"lmp_{DIGITS.lower()}"
    assert type(lamp) is LampId
    assert lamp.rest == DIGITS.lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lmp",
        "lmp_",
        DIGITS,
        f"LMP_{DIGITS}",
        f"mtr_{DIGITS}",
        f"lmp_{DIGITS}0",
        f"lmp_{DIGITS[1:]}",
        f"lmp_{DIGITS[1:]}g",
        f" lmp_{DIGITS}",
        f"lmp_{DIGITS}\n",
        f"lmp-{DIGITS}",
        "lmp_" + "٣" * 32,
        "lmp_0190abcd-0190-abcd-0190-abcd0190abcd",
    ],
)
def test_everything_else_is_malformed(text: str) -> None:
    with pytest.raises(MalformedId, match="must be lmp_ and 32 hexadecimal digits") as malformed:
        LampId.parse(text)
    assert malformed.value.prefix == "lmp"


def test_a_malformed_id_does_not_carry_megabytes() -> None:
    with pytest.raises(MalformedId) as malformed:
        LampId.parse("x" * 10_000_000)
    assert len(malformed.value.text) == 80


def test_new_ids_differ_and_later_ones_sort_later() -> None:
    ids = [LampId.new() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert LampId.parse(ids[0]) == ids[0]
    assert ids[0].rest[12] == "7"


def test_an_id_is_derived_from_another() -> None:
    lamp = LampId.new()

    meter = MeterId.of(lamp)

    assert type(meter) is MeterId
    assert meter == f"mtr_{lamp.rest}"


def test_an_id_may_have_a_form_of_its_own() -> None:
    assert DayId.parse("day_2026-01-31_EUR") == "day_2026-01-31_EUR"
    with pytest.raises(MalformedId, match="must be day_ and a date and a currency"):
        DayId.parse("day_2026-01-31_eur")
    with pytest.raises(MalformedId):
        DayId.parse(f"day_{DIGITS}")


def test_models_check_ids_and_keep_their_type() -> None:
    assert type(Holder.model_validate({"lamp": f"lmp_{DIGITS}"}).lamp) is LampId
    assert type(Holder.model_validate({"lamp": f"lmp_{DIGITS.lower()}"}).lamp) is LampId
    for wrong in (f"mtr_{DIGITS}", f"lmp_{DIGITS.lower()}\n", 7, None):
        with pytest.raises(ValidationError) as refused:
            Holder.model_validate({"lamp": wrong})
        [error] = refused.value.errors()
        assert (error["loc"], error["msg"]) == (("lamp",), "must be lmp_ and 32 hexadecimal digits")


def test_event_and_command_ids_are_new_each_time() -> None:
    assert new_event_id() < new_event_id()
    assert new_event_id().version == 7
    assert new_command_id() < new_command_id()
